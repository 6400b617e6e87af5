/** A column that holds a text. @throws Error if it does not: the client answers with something else than rows. */
export function textIn(row: unknown, column: string): string {
  const found = columnOf(row, column)
  if (typeof found !== 'string')
    throw new Error(`The database's answer has no text in '${column}'.`)
  return found
}

/**
 * A column that holds a whole number, which clients give as a number, a bigint or a text.
 *
 * @throws Error if it does not
 */
export function wholeIn(row: unknown, column: string): number {
  const found = columnOf(row, column)
  const isText = typeof found === 'string' && found !== ''
  const whole =
    isText || typeof found === 'number' || typeof found === 'bigint' ? Number(found) : Number.NaN
  if (!Number.isSafeInteger(whole)) {
    throw new Error(`The database's answer has no whole number in '${column}'.`)
  }
  return whole
}

function columnOf(row: unknown, column: string): unknown {
  if (typeof row !== 'object' || row === null) return undefined
  return (row as Readonly<Record<string, unknown>>)[column] // an object: checked above
}

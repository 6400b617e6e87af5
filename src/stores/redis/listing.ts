/** The last id of a page: in which slot it was found, and with which score. */
export interface ListPosition {
  readonly slot: number
  readonly score: string
  readonly id: string
}

export function listCursor({ slot, score, id }: ListPosition): string {
  return `${slot} ${score} ${id}`
}

/** Where a page starts. A cursor that is not ours starts over. */
export function readListCursor(cursor: string | null): ListPosition {
  const [, slot = '', score = '', id = ''] = CURSOR.exec(cursor ?? '') ?? []
  return { slot: Number(slot), score, id }
}

const CURSOR = /^(\d{1,2}) ([\d.e+]{1,32}|inf) (.+)$/u

/**
 * Marks what `protect` returns, so that a deny-by-default mount can tell a route with a rule from a bare one. The mark
 * is a registered symbol: two copies of this package in one process know each other's.
 */
const MARK: unique symbol = Symbol.for('sallyport.protected')

/** Marks a handler, hook or middleware as one that asks a gate. */
export function markProtected<Marked extends object>(marked: Marked): Marked {
  return Object.assign(marked, { [MARK]: true })
}

/** Whether this is a handler, hook or middleware that asks a gate. */
export function isProtected(value: unknown): boolean {
  return (
    (typeof value === 'function' || typeof value === 'object') && value !== null && MARK in value
  )
}

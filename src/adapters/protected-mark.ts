/**
 * What lets a deny-by-default mount tell a route with a rule from a bare one: a mark on what `protect` returns, and a mark
 * on each request that has met its rule. Both are registered symbols: two copies of this package in one process know
 * each other's.
 */
const PROTECTED: unique symbol = Symbol.for('sallyport.protected')
const DECIDED: unique symbol = Symbol.for('sallyport.decided')

/** Marks a handler, hook or middleware as one that asks a gate. */
export function markProtected<Marked extends object>(marked: Marked): Marked {
  return Object.assign(marked, { [PROTECTED]: true })
}

/** Whether this is a handler, hook or middleware that asks a gate. */
export function isProtected(value: unknown): value is object {
  return (
    (typeof value === 'function' || typeof value === 'object') &&
    value !== null &&
    PROTECTED in value
  )
}

/** Marks a framework's request or context: the rule of its route has been asked. */
export function markDecided(request: object): void {
  // Written like any other member: to define one costs a request more than all that the gate does.
  const marked: { [DECIDED]?: true } = request
  marked[DECIDED] = true
}

/** Whether the rule of this request's route has been asked. */
export function isDecided(request: object): boolean {
  return DECIDED in request
}

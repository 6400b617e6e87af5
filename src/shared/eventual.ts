/** A value that is there already, or that a promise will bring. What is there need not wait for a turn of the loop. */
export type Eventual<Value> = Value | Promise<Value>

/**
 * Goes on with a value: at once if it is there, else when its promise is fulfilled.
 *
 * @returns what `next` returns, or a promise of it; rejects if the promise given rejects. Throws only what `next` throws
 *   at once.
 */
export function whenReady<Value, Next>(
  value: Value | PromiseLike<Value>,
  next: (value: Value) => Eventual<Next>,
): Eventual<Next> {
  if (isThenable(value)) return Promise.resolve(value).then(next)
  return next(value)
}

/** Whether this is a promise or something that behaves like one, such as a query builder, which may be a function. */
export function isThenable<Value>(value: Value | PromiseLike<Value>): value is PromiseLike<Value> {
  return (
    (typeof value === 'object' || typeof value === 'function') &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  )
}

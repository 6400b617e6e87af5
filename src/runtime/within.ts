/** What became of a wait: the value, or the time was up first. */
export type Waited<Value> =
  | { readonly kind: 'settled'; readonly value: Value }
  | { readonly kind: 'timed_out' }

/**
 * Waits for the work, but no longer than this. Rejects if the work rejects in time.
 *
 * The work itself is not stopped; how it ends after that is dropped.
 */
export async function within<Value>(
  milliseconds: number,
  work: PromiseLike<Value>,
): Promise<Waited<Value>> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const timeUp = new Promise<Waited<Value>>((resolve) => {
    timer = setTimeout(resolve, milliseconds, { kind: 'timed_out' })
  })
  try {
    return await Promise.race([
      work.then((value): Waited<Value> => ({ kind: 'settled', value })),
      timeUp,
    ])
  } finally {
    clearTimeout(timer)
  }
}

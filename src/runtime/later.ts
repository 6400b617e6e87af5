/**
 * Runs the work in so many milliseconds, unless the function that is returned is called before. A process that has
 * nothing else to do ends all the same, where the runtime has a way to say so.
 */
export function later(milliseconds: number, work: () => void): () => void {
  const timer: unknown = setTimeout(work, milliseconds)
  // An object in Node and Bun, a number elsewhere.
  if (typeof timer === 'object' && timer !== null && 'unref' in timer) {
    if (typeof timer.unref === 'function') timer.unref()
  }
  // What `setTimeout` has returned.
  return () => clearTimeout(timer as Parameters<typeof clearTimeout>[0])
}

/** Lets everything else that is due have its turn. */
export function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, 0)
  })
}

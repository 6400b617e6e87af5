/** Runs the work after what is running now, and after the promises that are ready: nobody waits for it. */
export function soon(work: () => void): void {
  setTimeout(work, 0)
}

/**
 * Tells a listener of an event, if anybody listens. What the listener throws is dropped, and so is what a promise of its
 * rejects with: its fault must not change an answer, and an async function fits the type of a listener, so that its
 * rejection would end the process.
 */
export function tell<Event>(
  listener: ((event: Event) => unknown) | null | undefined,
  event: Event,
): void {
  try {
    const told = listener?.(event)
    if (told !== undefined) Promise.resolve(told).catch(() => {})
  } catch {
    // Whoever listens answers for it.
  }
}

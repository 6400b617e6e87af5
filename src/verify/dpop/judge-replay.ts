import { within } from '../../runtime/within.js'

/** What a replay store says of an id. */
export type ReplayAnswer =
  | { readonly kind: 'new' | 'replayed' }
  | {
      readonly kind: 'unavailable'
      readonly reason: 'replay_unavailable'
      readonly cause: unknown
    }

/**
 * Asks a replay store and believes nothing: one that throws, rejects, takes too long, or answers with anything but true and
 * false is unavailable. Fails closed: only true makes an id new. Never rejects.
 */
export async function judgeReplay(
  remember: () => unknown,
  timeoutMilliseconds: number,
): Promise<ReplayAnswer> {
  try {
    const waited = await within(timeoutMilliseconds, Promise.resolve(remember()))
    if (waited.kind === 'timed_out') return unavailable(new Error('The store did not answer.'))
    if (waited.value === true) return { kind: 'new' }
    if (waited.value === false) return { kind: 'replayed' }
    return unavailable(new Error('The store answered with neither true nor false.'))
  } catch (cause) {
    return unavailable(cause)
  }
}

function unavailable(cause: unknown): ReplayAnswer {
  return { kind: 'unavailable', reason: 'replay_unavailable', cause }
}

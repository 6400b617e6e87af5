import { cas, type Steps } from '../store/steps.js'
import type { Notice } from '../store/store.js'
import { type HeldKey, readKey } from './read-key.js'
import { encodeKey, keptUntil, recordOfKey, type StoredApiKey } from './stored-key.js'

/** What to do with a key that was read. */
export type Change<Answer> =
  | { readonly kind: 'leave'; readonly answer: Answer }
  | {
      readonly kind: 'swap'
      readonly next: StoredApiKey
      readonly notice?: Notice
      readonly answer: (changed: HeldKey) => Answer
    }

/**
 * Changes a key in one swap; where another change came first, decides anew by what the key has become.
 *
 * @returns null if there is no such key
 */
export function* changeKey<Answer>(
  prefix: string,
  id: string,
  now: number,
  decide: (held: HeldKey) => Change<Answer>,
): Steps<Answer | null> {
  for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt++) {
    const held = yield* readKey(prefix, id)
    if (held === null) return null
    const change = decide(held)
    if (change.kind === 'leave') return change.answer
    const { next, notice } = change
    const answer = yield* cas(recordOfKey(prefix, id), held.version, encodeKey(next), {
      now,
      expiresAt: keptUntil(next.expiresAt),
      ...(notice === undefined ? {} : { notice }),
    })
    if (answer.kind === 'swapped') {
      const isRevoked = held.isRevoked || next.revokedAt !== null
      return change.answer({ id, version: answer.version, key: next, isRevoked })
    }
  }
  throw new Error('The key was changed by others again and again.')
}

/** Each lost swap is a change that somebody else has made; a store that says so for ever is none. */
const MAX_ATTEMPTS = 32

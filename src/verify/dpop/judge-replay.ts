import * as z from 'zod/mini'
import { askStore, type StoreWatch } from '../../lifecycle/ask-store.js'

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
 * false is unavailable. Fails closed: only true makes an id new. Reports a slow one as `askStore` does. Never rejects.
 */
export async function judgeReplay(
  remember: () => unknown,
  timeoutMilliseconds: number,
  watch: StoreWatch,
): Promise<ReplayAnswer> {
  const answer = await askStore(remember, IS_NEW, timeoutMilliseconds, watch)
  switch (answer.kind) {
    case 'found':
      return { kind: answer.record ? 'new' : 'replayed' }
    case 'absent':
      return unavailable(new Error('The store answered with neither true nor false.'))
    case 'unavailable':
      return unavailable(answer.cause)
  }
}

function unavailable(cause: unknown): ReplayAnswer {
  return { kind: 'unavailable', reason: 'replay_unavailable', cause }
}

const IS_NEW = /* @__PURE__ */ z.boolean()

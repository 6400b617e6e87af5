import { findOpaqueToken } from './access-token/opaque-access-tokens.js'
import type { Desk } from './desk.js'
import { type ListedSession, listSessions } from './family/sessions.js'
import type { OpaqueTokenRecord } from './opaque-token.js'
import type { StoreUnavailable } from './store/steps.js'
import { isStoreText } from './store/store.js'

export type SessionsResult =
  | { readonly kind: 'sessions'; readonly sessions: readonly ListedSession[] }
  | StoreUnavailable

/** What is looked up. */
export interface LookingUp {
  /** Where `opaqueBearer` looks for the access tokens of this lifecycle, if they are opaque. */
  readonly accessTokens: { find(hash: string): Promise<OpaqueTokenRecord | null> }
  /** The sessions of a subject, for a list of devices. */
  sessions(subject: string): Promise<SessionsResult>
}

export function lookingUpOf(desk: Desk): LookingUp {
  return {
    accessTokens: {
      async find(hash) {
        const performed = await desk.perform(findOpaqueToken(hash))
        if (performed.kind === 'done') return performed.result
        // The port of `opaqueBearer`: a rejection is an outage there.
        throw performed.cause
      },
    },

    sessions: (subject) =>
      desk.handle<SessionsResult>('sessions', async (now) => {
        if (!isStoreText(subject)) return { kind: 'sessions', sessions: [] }
        const performed = await desk.perform(listSessions(subject, now))
        return performed.kind === 'done'
          ? { kind: 'sessions', sessions: performed.result }
          : performed
      }),
  }
}

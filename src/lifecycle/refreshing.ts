import { completed, reviewedBefore } from './completion.js'
import type { Desk } from './desk.js'
import { refreshable, refreshFamily } from './family/family-steps.js'
import { provenKey, type RefreshRefusal } from './family/judge-refresh.js'
import { parseRefreshToken } from './family/refresh-token.js'
import type { LifecycleSetup } from './lifecycle-options.js'
import type { TokenConfirmation } from './opaque-token.js'
import type { StoreUnavailable } from './store/steps.js'
import type { TokenSet } from './token-set.js'

/** A client that has proven who it is, and what else its request proves. */
export interface RefreshClient {
  readonly clientId: string
  /** The key of its DPoP proof, or its certificate. */
  readonly confirmation?: TokenConfirmation
  /** Asks for an access token for less. */
  readonly scopes?: readonly string[]
  readonly audiences?: readonly string[]
}

export type RefreshResult =
  | {
      readonly kind: 'refreshed'
      readonly tokens: TokenSet
      readonly how: 'rotated' | 'replayed' | 'kept'
    }
  | {
      readonly kind: 'refused'
      /** What to tell the client (RFC 6749 section 5.2, RFC 8707 section 2). */
      readonly error: 'invalid_grant' | 'invalid_scope' | 'invalid_target'
      /** What to tell the operator only. */
      readonly reason: RefreshRefusal | 'review_ended'
    }
  /** 503, never `invalid_grant`: clients drop their tokens on that. */
  | StoreUnavailable

/** What refreshes: never rejects. */
export interface Refreshing {
  /** Refreshes. The client must have been authenticated, if it can be; its proof of a key, verified. */
  refresh(refreshToken: string, client: RefreshClient): Promise<RefreshResult>
}

export function refreshingOf(setup: LifecycleSetup, desk: Desk): Refreshing {
  const { families, onEvent } = setup
  return {
    refresh: (text, client) =>
      desk.handle<RefreshResult>('refresh', async (now) => {
        const refuse = (
          reason: RefreshRefusal | 'review_ended',
          subject: string | null,
          family: string | null,
        ): RefreshResult => {
          const { clientId } = client
          if (reason !== 'review_ended') {
            onEvent({ kind: 'refresh_refused', at: now, clientId, reason, subject, family })
          }
          return { kind: 'refused', error: errorOf(reason), reason }
        }
        const parsed = parseRefreshToken(text)
        if (!parsed.ok) return refuse(parsed.reason, null, null)
        const { scopes = null, audiences = null, clientId } = client
        const confirmation = provenKey(client.confirmation)
        // What can fail without anything having happened comes first: a spent token has a short grace only.
        const prepared = await setup.accessTokens.prepare(now)
        if (prepared.kind === 'unavailable') return prepared
        const presented = { token: parsed.value, clientId, confirmation, scopes, audiences }
        const review = await reviewedBefore(setup, desk, refreshable(presented, families, now))
        if (review?.kind === 'unavailable') return review
        const performed = await desk.perform(refreshFamily(presented, families, now))
        if (performed.kind === 'unavailable') return performed
        const { result } = performed
        const familyId = parsed.value.family
        if (result.kind === 'refused') {
          const { reason, authorization } = result
          const family = authorization === null ? null : familyId
          if (reason === 'refresh_token_reused') {
            onEvent({ kind: 'family_ended', at: now, family: familyId, why: reason })
          }
          return refuse(reason, authorization?.subject ?? null, family)
        }
        const { family, token, how, healed } = result
        const { authorization, absoluteUntil } = family
        const issue = { authorization, scopes, audiences, confirmation, familyId, absoluteUntil }
        const tokens = await completed(
          setup,
          desk,
          prepared,
          { ...issue, refreshToken: token },
          now,
          review,
        )
        if (tokens === 'review_ended') return refuse(tokens, authorization.subject, familyId)
        if ('kind' in tokens) return tokens
        const { subject } = authorization
        onEvent({ kind: 'refreshed', at: now, clientId, subject, family: familyId, how, healed })
        return { kind: 'refreshed', tokens, how }
      }),
  }
}

function errorOf(reason: RefreshRefusal | 'review_ended') {
  if (reason === 'scope_exceeded') return 'invalid_scope'
  return reason === 'audience_exceeded' ? 'invalid_target' : 'invalid_grant'
}

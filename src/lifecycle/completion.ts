import type { PreparedIssue } from './access-token/access-token-issuer.js'
import type { Desk } from './desk.js'
import type { Authorization } from './family/authorization.js'
import { endFamily } from './family/end-family.js'
import { type Issue, issueTo, reviewed } from './issue.js'
import type { LifecycleSetup, Review } from './lifecycle-options.js'
import type { Steps, StoreUnavailable } from './store/steps.js'
import type { TokenSet } from './token-set.js'

/**
 * The last part of each issue: the review, unless it was given already, then the access token. A family that the review
 * ends is ended.
 */
export async function completed(
  setup: LifecycleSetup,
  desk: Desk,
  prepared: PreparedIssue,
  issue: Issue,
  now: number,
  given: Review | null = null,
): Promise<TokenSet | StoreUnavailable | 'review_ended'> {
  const review = given ?? (await reviewed(setup, issue.authorization))
  if (review.kind === 'unavailable') return review
  if (review.kind === 'continue') return issueTo(setup, prepared, issue, review, now)
  if (issue.familyId !== null) {
    const ended = await desk.perform(endFamily(issue.familyId, 'review', setup.families, now))
    if (ended.kind === 'unavailable') return ended
    setup.onEvent({ kind: 'family_ended', at: now, family: issue.familyId, why: 'review' })
  }
  return 'review_ended'
}

/**
 * Asks for the review before anything is spent. INVARIANT: a review that fails spends no code and no token: an outage may
 * last longer than any grace.
 *
 * @param found whose authorization would be used; null if the request would be refused anyway
 * @returns null if there is no review to ask for
 */
export async function reviewedBefore(
  setup: LifecycleSetup,
  desk: Desk,
  found: Steps<Authorization | null>,
): Promise<Review | StoreUnavailable | null> {
  if (setup.review === null) return null
  const performed = await desk.perform(found)
  if (performed.kind === 'unavailable') return performed
  return performed.result === null ? null : reviewed(setup, performed.result)
}

/** What `issue` and `exchangeCode` answer with, and the operator is told. */
export function issued(
  { onEvent }: LifecycleSetup,
  tokens: TokenSet,
  authorization: Authorization,
  now: number,
): { readonly kind: 'issued'; readonly tokens: TokenSet } {
  onEvent({
    kind: 'issued',
    at: now,
    clientId: authorization.client.id,
    subject: tokens.session === null ? null : authorization.subject,
    session: tokens.session,
    family: tokens.family,
  })
  return { kind: 'issued', tokens }
}

/** An issue of all that was allowed. */
export const AS_ALLOWED = { scopes: null, audiences: null, confirmation: null } as const

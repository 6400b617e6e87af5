import * as z from 'zod/mini'
import { within } from '../runtime/within.js'
import { isThenable } from '../shared/eventual.js'
import { JSON_OBJECT } from '../shared/json-object.js'
import { Redacted } from '../shared/redacted.js'
import type { AccessTokenFacts } from './access-token/access-token-claims.js'
import type { PreparedIssue } from './access-token/access-token-issuer.js'
import type { Authorization } from './family/authorization.js'
import { formatRefreshToken, type RefreshToken } from './family/refresh-token.js'
import { checkedClaims, SCOPES } from './grant.js'
import type { LifecycleSetup, Review } from './lifecycle-options.js'
import type { TokenConfirmation } from './opaque-token.js'
import { type StoreUnavailable, unavailable } from './store/steps.js'
import type { TokenSet } from './token-set.js'

/** One issue of tokens to a client, all of it decided. */
export interface Issue {
  readonly authorization: Authorization
  /** What this client asks for now; null for all that it was allowed. */
  readonly scopes: readonly string[] | null
  readonly audiences: readonly string[] | null
  /** What this request proves, if that is not what the authorization is bound to. */
  readonly confirmation: TokenConfirmation | null
  readonly familyId: string | null
  readonly refreshToken: RefreshToken | null
  /** Null where there is no family. */
  readonly absoluteUntil: number | null
}

/** Issues the access token of a user's authorization, and joins it with the refresh token. */
export async function issueTo(
  setup: LifecycleSetup,
  prepared: PreparedIssue,
  issue: Issue,
  review: Extract<Review, { readonly kind: 'continue' }>,
  now: number,
): Promise<TokenSet | StoreUnavailable> {
  const { authorization, familyId, refreshToken, absoluteUntil } = issue
  const { subject, client, session, tenant, epochs, authentication } = authorization
  const among = (list: readonly string[] | null | undefined) => (each: string) =>
    list == null || list.includes(each)
  // Filtered out of what was allowed, so that nothing else gets in, and nothing twice.
  const scopes = authorization.scopes.filter(among(issue.scopes)).filter(among(review.scopes))
  const asked = issue.audiences?.length === 0 ? null : issue.audiences
  const confirmation = issue.confirmation ?? authorization.confirmation
  const expiresAt = now + setup.accessTokenSeconds
  const facts: AccessTokenFacts = {
    issuer: setup.issuer,
    subject,
    clientId: client.id,
    audiences: authorization.audiences.filter(among(asked)),
    scopes,
    authentication,
    family: familyId,
    session,
    tenant,
    epochs,
    confirmation,
    claims: review.claims ?? authorization.claims,
    issuedAt: now,
    // Nothing of a family outlives it.
    expiresAt: absoluteUntil === null ? expiresAt : Math.min(expiresAt, absoluteUntil),
  }
  const issued = await prepared.issue(facts)
  if ('kind' in issued) return issued
  return {
    accessToken: issued,
    tokenType: tokenTypeOf(confirmation),
    expiresAt: facts.expiresAt,
    refreshToken: refreshToken === null ? null : new Redacted(formatRefreshToken(refreshToken)),
    scopes,
    session,
    family: familyId,
  }
}

/** Issues the access token of a program that acts for itself: no session, no family, nothing to refresh (RFC 6749 section 4.4.3). */
export async function issueToProgram(
  setup: LifecycleSetup,
  prepared: PreparedIssue,
  authorization: Authorization,
  now: number,
): Promise<TokenSet | StoreUnavailable> {
  const { client, tenant, scopes, audiences, epochs, confirmation, claims } = authorization
  const expiresAt = now + setup.accessTokenSeconds
  const issued = await prepared.issue({
    issuer: setup.issuer,
    subject: client.id,
    clientId: client.id,
    audiences,
    scopes,
    authentication: null,
    family: null,
    session: null,
    tenant,
    // The user's counters have no say: there is none.
    epochs: { ...epochs, subject: 0, session: 0 },
    confirmation,
    claims,
    issuedAt: now,
    expiresAt,
  })
  if ('kind' in issued) return issued
  return {
    accessToken: issued,
    tokenType: tokenTypeOf(confirmation),
    expiresAt,
    refreshToken: null,
    scopes,
    session: null,
    family: null,
  }
}

function tokenTypeOf(confirmation: TokenConfirmation | null): TokenSet['tokenType'] {
  return confirmation?.jkt === undefined ? 'Bearer' : 'DPoP'
}

/**
 * What the application says of an authorization now. One that throws, takes too long or answers with nonsense has said
 * nothing: that is no reason to refuse anybody, and none to let anybody in.
 */
export async function reviewed(
  { review, timeoutMilliseconds, claims: schema }: LifecycleSetup,
  authorization: Authorization,
): Promise<Review | StoreUnavailable> {
  if (review === null) return CONTINUE
  try {
    const given = review(authorization)
    const answer = isThenable(given) ? await within(timeoutMilliseconds, given) : settled(given)
    if (answer.kind === 'timed_out') return unavailable(new Error('review: no answer in time'))
    const parsed = z.safeParse(REVIEW, answer.value)
    if (!parsed.success) return unavailable(new Error('review: the answer is none'))
    if (parsed.data.kind === 'end') return { kind: 'end' }
    const { scopes, claims } = parsed.data
    return {
      kind: 'continue',
      ...(scopes === undefined ? {} : { scopes }),
      ...(claims === undefined ? {} : { claims: checkedClaims('review', claims, schema) }),
    }
  } catch (cause) {
    return unavailable(cause)
  }
}

function settled<Value>(value: Value): { readonly kind: 'settled'; readonly value: Value } {
  return { kind: 'settled', value }
}

const CONTINUE = { kind: 'continue' } as const

const REVIEW = /* @__PURE__ */ z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('continue'),
    scopes: z.exactOptional(SCOPES),
    claims: z.exactOptional(JSON_OBJECT),
  }),
  z.object({ kind: z.literal('end') }),
])

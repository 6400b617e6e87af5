import { sha256Base64url } from '../../runtime/sha256.js'
import type { TokenConfirmation } from '../opaque-token.js'
import type { Authorization } from './authorization.js'
import type { FamilyRecord, LiveFamily } from './family-record.js'
import {
  type FamilyKeys,
  isAuthentic,
  type RefreshToken,
  refreshTokenOf,
  successorSecret,
} from './refresh-token.js'

/** A refresh token as it was presented, by a client that has proven who it is. */
export interface PresentedRefresh {
  readonly token: RefreshToken
  readonly clientId: string
  /** The key or certificate that this request proves to hold. */
  readonly confirmation: TokenConfirmation | null
  /** The access token is to be for no more than these; null for all that was allowed (RFC 6749 section 6). */
  readonly scopes: readonly string[] | null
  /** The same of audiences (RFC 8707 section 2.2). */
  readonly audiences: readonly string[] | null
}

/** The bounds of one refresh. */
export interface RefreshBounds {
  /** For how long after a rotation the token before it still brings its successor; 0: not at all. */
  readonly graceSeconds: number
  readonly idleSeconds: number
}

/** What a refresh is to come to. */
export type RefreshJudgement =
  /** Make the successor current, by one swap. */
  | { readonly kind: 'rotate'; readonly next: LiveFamily; readonly token: RefreshToken }
  /** The answer was lost, or two asked at once: give the same successor again, and write nothing. */
  | { readonly kind: 'replay'; readonly token: RefreshToken }
  /** The token stays. `next` is null if there is nothing to write. */
  | { readonly kind: 'keep'; readonly next: LiveFamily | null; readonly token: RefreshToken }
  /** Two parties hold tokens of this family, and nobody can tell which is the thief: it must end. */
  | { readonly kind: 'reuse' }
  | { readonly kind: 'refused'; readonly reason: RefreshRefusal }

/** Why a refresh token is not good. Told to the operator; clients hear `invalid_grant` only. */
export type RefreshRefusal =
  | 'refresh_token_malformed'
  | 'family_unknown'
  | 'client_mismatch' // another client's token
  | 'refresh_token_forged' // this family never issued it
  | 'binding_mismatch' // bound to a key or certificate that this request does not prove
  | 'family_ended' // revoked, or ended by a reuse
  | 'family_expired' // idle for too long, or past its absolute end
  | 'family_outdated' // a counter was raised since the user logged in
  | 'refresh_token_reused' // it was spent; the family has ended by this
  | 'scope_exceeded' // more than was allowed is asked for
  | 'audience_exceeded'
  | 'store_rolled_back' // newer than the record: the store has forgotten what it once held

/**
 * Judges a refresh by its family's record: a pure function, all of the machine but its epochs and its swaps.
 *
 * INVARIANT: what is not authentic, or comes from another client or with another key, changes nothing: nobody can end a
 * family with a token that they do not rightly hold.
 *
 * @param salt fresh randomness for the successor, used if the token rotates
 */
export function judgeRefresh(
  family: FamilyRecord,
  { token, clientId, confirmation }: PresentedRefresh,
  keys: FamilyKeys,
  bounds: RefreshBounds,
  salt: string,
  now: number,
): RefreshJudgement {
  if (family.status === 'dead') return refused('family_ended')
  if (family.authorization.client.id !== clientId) return refused('client_mismatch')
  if (!isAuthentic(token, keys)) return refused('refresh_token_forged')
  if (!isBoundTo(family, confirmation)) return refused('binding_mismatch')
  if (now >= family.idleUntil || now >= family.absoluteUntil) return refused('family_expired')

  const { generation, currentHash, previous, refreshedAt } = family
  if (token.generation > generation) {
    // Only the pepper proves that it was us: who reads the store can make tags without it.
    return keys.pepper === null
      ? refused('store_rolled_back')
      : rotated(family, token, keys, bounds, salt, now)
  }
  const hash = sha256Base64url(token.secret)
  if (token.generation === generation && hash === currentHash) {
    return family.rotates
      ? rotated(family, token, keys, bounds, salt, now)
      : kept(family, token, bounds, now)
  }
  if (token.generation === generation - 1 && previous?.hash === hash) {
    const since = Math.abs(now - refreshedAt)
    if (bounds.graceSeconds > 0 && since <= bounds.graceSeconds) {
      return { kind: 'replay', token: successorOf(token, previous.salt, keys) }
    }
  }
  return { kind: 'reuse' }
}

function rotated(
  family: LiveFamily,
  token: RefreshToken,
  keys: FamilyKeys,
  bounds: RefreshBounds,
  salt: string,
  now: number,
): RefreshJudgement {
  const successor = successorOf(token, salt, keys)
  const next: LiveFamily = {
    ...family,
    generation: successor.generation,
    currentHash: sha256Base64url(successor.secret),
    previous: { hash: sha256Base64url(token.secret), salt },
    refreshedAt: now,
    idleUntil: idleUntil(family, bounds, now),
  }
  return { kind: 'rotate', next, token: successor }
}

/** The idle end moves by a tenth of its span at the least: not every refresh is worth a write. */
function kept(
  family: LiveFamily,
  token: RefreshToken,
  bounds: RefreshBounds,
  now: number,
): RefreshJudgement {
  const until = idleUntil(family, bounds, now)
  const isWorthIt = until - family.idleUntil >= bounds.idleSeconds / 10
  const next = isWorthIt ? { ...family, refreshedAt: now, idleUntil: until } : null
  return { kind: 'keep', next, token }
}

function idleUntil(family: LiveFamily, { idleSeconds }: RefreshBounds, now: number): number {
  return Math.min(now + idleSeconds, family.absoluteUntil)
}

function successorOf(token: RefreshToken, salt: string, keys: FamilyKeys): RefreshToken {
  const secret = successorSecret(token, salt, keys)
  return refreshTokenOf(token.family, token.generation + 1, secret, keys)
}

/**
 * A public client has no secret: its refresh token is bound to the key that it proved when the token was issued. A
 * confidential one proves who it is, and may change its keys (RFC 9449 section 5, RFC 8705 section 7.1).
 */
export function isBoundTo(
  { authorization }: LiveFamily,
  confirmation: TokenConfirmation | null,
): boolean {
  return authorization.client.type === 'confidential' || isOfSameKey(authorization, confirmation)
}

/** What a request proves, null for nothing: members without a value, and no members, must not pass for a key. */
export function provenKey(confirmation: TokenConfirmation | undefined): TokenConfirmation | null {
  const { jkt, 'x5t#S256': x5t } = confirmation ?? {}
  if (jkt == null && x5t == null) return null
  return { ...(jkt == null ? {} : { jkt }), ...(x5t == null ? {} : { 'x5t#S256': x5t }) }
}

/** Whether a request proves the key and the certificate that an authorization is bound to, if it is bound at all. */
export function isOfSameKey(
  { confirmation: bound }: Pick<Authorization, 'confirmation'>,
  confirmation: TokenConfirmation | null,
): boolean {
  if (bound === null) return true
  return bound.jkt === confirmation?.jkt && bound['x5t#S256'] === confirmation?.['x5t#S256']
}

function refused(reason: RefreshRefusal): RefreshJudgement {
  return { kind: 'refused', reason }
}

import * as z from 'zod/mini'
import { sha256Base64url } from '../../runtime/sha256.js'
import { timingSafeEqualTexts } from '../../runtime/timing-safe.js'
import { AUTHORIZATION, type Authorization } from '../family/authorization.js'
import { endFamily } from '../family/end-family.js'
import type { LiveFamily } from '../family/family-record.js'
import { beginFamily, type FamilySettings } from '../family/family-steps.js'
import { isOfSameKey, provenKey } from '../family/judge-refresh.js'
import type { RefreshToken } from '../family/refresh-token.js'
import type { TokenConfirmation } from '../opaque-token.js'
import { randomId, randomSecret } from '../random-text.js'
import { epochOwnersOf, isOutdated, readEpochs } from '../revocation/epochs.js'
import { cas, get, insert, type Steps } from '../store/steps.js'
import type { RecordKey } from '../store/store.js'

/** What a code is bound to: whoever exchanges it must show the same. */
export interface CodeBinding {
  /** Compared exactly; null if the request named none. */
  readonly redirectUri: string | null
  /** `S256` of the verifier: 43 characters of base64url (RFC 7636 section 4.2). */
  readonly challenge: string
}

/** A code as it was presented, by a client that has proven who it is. */
export interface PresentedCode {
  readonly code: string
  readonly clientId: string
  readonly redirectUri: string | null
  readonly verifier: string
  /** The key or certificate that this request proves to hold. */
  readonly confirmation?: TokenConfirmation
}

export type CodeExchange =
  | {
      readonly kind: 'exchanged'
      readonly familyId: string
      readonly family: LiveFamily
      readonly token: RefreshToken
    }
  | { readonly kind: 'refused'; readonly reason: CodeRefusal }

/** Why a code is not good. Told to the operator; clients hear `invalid_grant` only. */
export type CodeRefusal =
  | 'code_unknown'
  | 'code_expired'
  | 'code_mismatch' // another client, redirect URI, verifier or key
  | 'code_burnt' // after too many wrong verifiers
  | 'code_replayed' // it was exchanged before; what it brought has ended by this
  | 'code_outdated' // a counter was raised since the user logged in

/**
 * Makes a code that can be exchanged once. INVARIANT: the id of the family that it will bring is chosen here, so that a
 * second use can end that family even before it has begun.
 */
export function* createCode(
  authorization: Authorization,
  binding: CodeBinding,
  lifetimeSeconds: number,
  now: number,
): Steps<string> {
  const code = `${CODE_PREFIX}${randomSecret()}`
  const expiresAt = now + lifetimeSeconds
  const record: CodeRecord = {
    status: 'new',
    familyId: randomId(),
    authorization,
    binding,
    failures: 0,
    expiresAt,
  }
  // Twice as long, so that a late use is told from an unknown code.
  const options = { now, expiresAt: expiresAt + lifetimeSeconds }
  if (!(yield* insert(codeKeyOf(code), JSON.stringify(record), options))) {
    throw new Error('A new code was taken: the source of randomness is broken.')
  }
  return code
}

/**
 * Exchanges a code for a family, once.
 *
 * INVARIANT: of any number of exchanges at most one brings tokens; a second one that is right in every respect ends the
 * family, whichever comes first. One that is wrong in any respect ends nothing: who has merely seen a code cannot log
 * anybody out. After {@link MAX_FAILURES} wrong verifiers the code is burnt. What it brings is bound to the key that was
 * proven, and a code that was bound to a key before is exchanged with that one only.
 *
 * @see RFC 6749 section 4.1.2, RFC 9700 section 4.5, RFC 9449 sections 5 and 10
 */
export function* exchangeCode(
  presented: PresentedCode,
  settings: FamilySettings,
  now: number,
): Steps<CodeExchange> {
  const confirmation = provenKey(presented.confirmation)
  if (!isCode(presented.code)) return refused('code_unknown')
  const key = codeKeyOf(presented.code)
  let record = yield* get(key)
  for (;;) {
    if (record === null) return refused('code_unknown')
    const code = z.parse(CODE, JSON.parse(record.value))
    const { authorization, binding, familyId } = code
    if (authorization.client.id !== presented.clientId) return refused('code_mismatch')
    if (code.failures >= MAX_FAILURES) return refused('code_burnt')
    if (binding.redirectUri !== presented.redirectUri) return refused('code_mismatch')
    if (!isOfSameKey(authorization, confirmation)) return refused('code_mismatch')
    if (!isVerified(presented.verifier, binding.challenge)) {
      if (code.status === 'used') return refused('code_mismatch')
      const value = JSON.stringify({ ...code, failures: code.failures + 1 })
      const answer = yield* cas(key, record.version, value, { now, expiresAt: code.expiresAt })
      if (answer.kind === 'swapped') return refused('code_mismatch')
      record = answer.current
      continue
    }
    if (code.status === 'used') {
      yield* endFamily(familyId, 'code_replayed', settings, now)
      return refused('code_replayed')
    }
    if (now >= code.expiresAt) return refused('code_expired')
    const current = yield* readEpochs(epochOwnersOf(authorization))
    if (isOutdated(authorization.epochs, authorization.session, current)) {
      return refused('code_outdated')
    }
    const used = JSON.stringify({ ...code, status: 'used' })
    const options = { now, expiresAt: usedUntil(settings, now) }
    const answer = yield* cas(key, record.version, used, options)
    if (answer.kind === 'swapped') {
      const bound = { ...authorization, confirmation: authorization.confirmation ?? confirmation }
      const begun = yield* beginFamily(familyId, bound, settings, now)
      return begun === null ? refused('code_replayed') : { kind: 'exchanged', familyId, ...begun }
    }
    record = answer.current
  }
}

/** What an exchange would be for, as the code stands now; null if it would be refused by what is seen here. Changes nothing. */
export function* exchangeable(presented: PresentedCode, now: number): Steps<Authorization | null> {
  const record = isCode(presented.code) ? yield* get(codeKeyOf(presented.code)) : null
  if (record === null) return null
  const { status, authorization, binding, expiresAt } = z.parse(CODE, JSON.parse(record.value))
  const isOwn = authorization.client.id === presented.clientId
  const isGood = status === 'new' && now < expiresAt
  return isOwn && isGood && isVerified(presented.verifier, binding.challenge) ? authorization : null
}

/** What codes begin with, for whoever looks for leaked ones. */
const CODE_PREFIX = 'ac_'

/** A replay is to be known for as long as what the code brought can live. */
function usedUntil({ absoluteSeconds, accessTokenSeconds }: FamilySettings, now: number): number {
  return now + absoluteSeconds + accessTokenSeconds
}

function isVerified(verifier: string, challenge: string): boolean {
  return VERIFIER.test(verifier) && timingSafeEqualTexts(sha256Base64url(verifier), challenge)
}

/** A field that was not sent is undefined, whatever the types say. */
function isCode(text: unknown): boolean {
  return typeof text === 'string' && text.length === CODE_PREFIX.length + 43
}

/** By its hash: the store never sees a code. */
function codeKeyOf(code: string): RecordKey {
  return { kind: 'code', id: sha256Base64url(code) }
}

function refused(reason: CodeRefusal): CodeExchange {
  return { kind: 'refused', reason }
}

const MAX_FAILURES = 3
/** @see RFC 7636 section 4.1 */
const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/

type CodeRecord = z.infer<typeof CODE>

const CODE = /* @__PURE__ */ z.object({
  status: z.enum(['new', 'used']),
  familyId: z.string(),
  authorization: AUTHORIZATION,
  binding: z.object({ redirectUri: z.nullable(z.string()), challenge: z.string() }),
  failures: z.int(),
  expiresAt: z.int(),
})

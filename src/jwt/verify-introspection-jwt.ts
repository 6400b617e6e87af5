import * as z from 'zod/mini'
import { checkedOptions, TEXT } from '../shared/options.js'
import { type Algorithm, type AlgorithmEntry, checkedAlgorithms } from './algorithms.js'
import { readClaims } from './claims.js'
import { type CompactJws, parseCompact } from './compact.js'
import type { KeyReport } from './key-event.js'
import { createKeyLookup } from './key-lookup.js'
import { KEYS, type KeysOption, keysFor } from './keys-option.js'
import { tokenKind } from './media-type.js'
import type { JwtRefusal } from './refusal.js'
import { verifySignature } from './verify-signature.js'

/** Who signs the answers, and who they are for. */
export interface IntrospectionJwtOptions {
  /** The authorization server: the exact `iss`. */
  readonly issuer: string
  /** Our client id at the server: it must be in `aud`, exactly. */
  readonly clientId: string
  /** Of one family. */
  readonly algorithms: readonly Algorithm[]
  readonly keys: KeysOption
}

export type IntrospectionJwtVerdict =
  | { readonly kind: 'verified'; readonly answer: unknown } // the member `token_introspection`, of any type
  | { readonly kind: 'refused'; readonly reason: JwtRefusal; readonly claim?: string }
  | {
      readonly kind: 'unavailable'
      readonly retryAfterSeconds: number
      readonly cause: unknown
    }

/**
 * Makes the check of a JWT by which an authorization server says what a token is worth.
 *
 * INVARIANT: an answer and an access token never pass for one another: the `typ` must be `token-introspection+jwt`, and
 * what is said of the token stands inside `token_introspection`. A `sub` or a scope beside it says nothing here.
 *
 * In this order: canonical text, allowed algorithm, `typ`, known key, good signature, then `iss`, `aud` and `iat`, which
 * may be a minute off our clock, either way. An `exp`, which should not be there, must not be over. Never rejects.
 *
 * @throws ConfigurationError `option_invalid`, `algorithm_unknown`, `algorithm_families_mixed`, `key_invalid`
 * @see RFC 9701 sections 5 and 8
 */
export function createIntrospectionJwtVerifier(
  options: IntrospectionJwtOptions,
): (token: string, now: number, report?: KeyReport) => Promise<IntrospectionJwtVerdict> {
  checkedOptions('signedAnswers', OPTIONS, options)
  const algorithms = checkedAlgorithms(options.algorithms)
  const allowed = new Map<string, AlgorithmEntry>(algorithms.map((entry) => [entry.name, entry]))
  const keys = createKeyLookup(keysFor('signedAnswers', options), algorithms)
  return async (token, now, report) => {
    const parsed = parseCompact(token)
    if (!parsed.ok) return { kind: 'refused', reason: parsed.reason }
    const jws = parsed.value
    const algorithm = allowed.get(jws.header.alg)
    if (algorithm === undefined) return { kind: 'refused', reason: 'algorithm_not_allowed' }
    if (jws.header.typ === null || tokenKind(jws.header.typ) !== KIND) {
      return { kind: 'refused', reason: 'token_type' }
    }
    const found = await keys.find(jws.header.kid, algorithm, now, report)
    if (found.kind === 'unavailable') return found
    if (found.kind === 'unknown') return { kind: 'refused', reason: 'key_unknown' }
    const verdict = await verifySignature(jws, found.key)
    if (verdict !== 'valid') return { kind: 'refused', reason: verdict }
    return judgePayload(jws, options, now)
  }
}

function judgePayload(
  { payload }: CompactJws,
  { issuer, clientId }: IntrospectionJwtOptions,
  now: number,
): IntrospectionJwtVerdict {
  const missing = REQUIRED.find((name) => payload[name] === undefined)
  if (missing !== undefined) return refused('claim_missing', missing)
  const read = readClaims(payload)
  if (!read.ok) return refused('claim_malformed', read.reason)
  const { issuedAt, expiresAt } = read.value
  if (read.value.issuer !== issuer) return refused('issuer_mismatch', 'iss')
  if (!read.value.audiences.includes(clientId)) return refused('audience_mismatch', 'aud')
  // INVARIANT: REQUIRED has shown that `iat` is there, and a comparison with NaN fails.
  const age = now - (issuedAt ?? Number.NaN)
  if (!(age >= -RECENT_SECONDS)) return refused('token_from_future', 'iat')
  if (!(age <= RECENT_SECONDS)) return refused('token_expired', 'iat')
  if (expiresAt !== null && !(now < expiresAt)) return refused('token_expired', 'exp')
  return { kind: 'verified', answer: payload['token_introspection'] }
}

function refused(reason: JwtRefusal, claim: string): IntrospectionJwtVerdict {
  return { kind: 'refused', reason, claim }
}

const KIND = 'token-introspection+jwt'
const REQUIRED = ['iss', 'aud', 'iat', 'token_introspection']
/** An answer is made for one question. A minute is what clocks may differ by, at most. */
const RECENT_SECONDS = 60

const OPTIONS = /* @__PURE__ */ z.strictObject({
  issuer: TEXT,
  clientId: TEXT,
  algorithms: z.array(z.string()),
  keys: KEYS,
})

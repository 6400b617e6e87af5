import { decodeBase64url } from '../shared/base64.js'
import { isJsonObject, parseStrictJson } from '../shared/json.js'
import { fail, type Result, succeed } from '../shared/result.js'
import type { AlgorithmEntry } from './algorithms.js'
import { isNumericDate } from './claims.js'
import { type CompactJws, parseCompact } from './compact.js'
import { type VettedKey, vetKey } from './key-vetting.js'
import { jwkThumbprint } from './thumbprint.js'

/** A DPoP proof whose form and claims are right. Nothing in it is verified yet, and its key is anybody's. */
export interface DpopProof {
  readonly jws: CompactJws
  /** The key that the header brings along, vetted as a key of the configuration is, for the algorithm of the header. */
  readonly key: VettedKey
  /** What `cnf.jkt` of a token would have to be. */
  readonly thumbprint: string
  /** 1 to 256 characters. */
  readonly jwtId: string
  readonly method: string
  readonly target: string
  /** Seconds since the epoch, with or without a fraction. */
  readonly issuedAt: number
  /** The hash of the access token; null if the proof says nothing of one. */
  readonly tokenHash: string | null
  readonly nonce: string | null
}

/** Why a text is no proof. One code per rule, in the order in which the rules are applied. */
export type DpopProofProblem =
  | { readonly reason: 'proof_malformed' | 'proof_type' | 'proof_algorithm' | 'proof_key' }
  | { readonly reason: 'proof_claim'; readonly claim: string }

/**
 * Reads a DPoP proof: items 2 to 5, 7 and a part of 3 of the list in RFC 9449 section 4.3. Returns the problem; never
 * throws.
 *
 * The text passes the strict parser of all tokens. INVARIANT: this is the only function that reads a key from a header,
 * and a `typ` of exactly `dpop+jwt` is asked for before; no other kind of token gets to bring its key along.
 *
 * Does not verify the signature, nor compare any claim with the request or the token.
 *
 * @param allowed by the names that proofs may spell; asymmetric only
 * @see RFC 9449 section 4.2
 */
export function parseDpopProof(
  text: string,
  allowed: ReadonlyMap<string, AlgorithmEntry>,
): Result<DpopProof, DpopProofProblem> {
  const parsed = parseCompact(text)
  if (!parsed.ok) return fail({ reason: 'proof_malformed' })
  const jws = parsed.value
  // Section 4.3 asks for the value itself: not for another case, and not with `application/` before it.
  if (jws.header.typ !== PROOF_TYPE) return fail({ reason: 'proof_type' })
  const algorithm = allowed.get(jws.header.alg)
  if (algorithm === undefined) return fail({ reason: 'proof_algorithm' })
  const key = vetKey(headerKeyOf(jws), [algorithm], 'verify')
  if (!key.ok) return fail({ reason: 'proof_key' })
  const wrong = CLAIMS.find(([name, isRight]) => !isRight(jws.payload[name]))
  if (wrong !== undefined) return fail({ reason: 'proof_claim', claim: wrong[0] })
  // INVARIANT: CLAIMS has checked each of these.
  const claims = jws.payload as typeof jws.payload & WireClaims
  const { jti, htm, htu, iat, ath = null, nonce = null } = claims
  return succeed({
    jws,
    key: key.value,
    thumbprint: jwkThumbprint(key.value.material),
    jwtId: jti,
    method: htm,
    target: htu,
    issuedAt: iat,
    tokenHash: ath,
    nonce,
  })
}

/** The header's `jwk` as it stands there; undefined if there is none. The strict parser has judged the header. */
function headerKeyOf({ text }: CompactJws): unknown {
  const bytes = decodeBase64url(text.slice(0, text.indexOf('.')))
  const header = bytes.ok ? parseStrictJson(bytes.value) : bytes
  return header.ok && isJsonObject(header.value) ? header.value['jwk'] : undefined
}

interface WireClaims {
  readonly jti: string
  readonly htm: string
  readonly htu: string
  readonly iat: number
  readonly ath?: string
  readonly nonce?: string
}

function isText(maxLength: number): (value: unknown) => boolean {
  return (value) => typeof value === 'string' && value.length >= 1 && value.length <= maxLength
}

function isOptional(isRight: (value: unknown) => boolean): (value: unknown) => boolean {
  return (value) => value === undefined || isRight(value)
}

const PROOF_TYPE = 'dpop+jwt'

/** The claims that are read, in the order in which they are judged. Others may be there and mean nothing. */
const CLAIMS: readonly (readonly [string, (value: unknown) => boolean])[] = [
  ['jti', isText(256)],
  ['htm', isText(64)],
  ['htu', isText(4_096)],
  ['iat', isNumericDate],
  ['ath', isOptional(isText(64))],
  ['nonce', isOptional(isText(256))],
]

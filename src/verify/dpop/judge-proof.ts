import type { RequestView } from '../../credential/request-view.js'
import type { AlgorithmEntry } from '../../jwt/algorithms.js'
import { type DpopProof, parseDpopProof } from '../../jwt/dpop-proof.js'
import { type VerificationKey, verificationKey } from '../../jwt/keys.js'
import { verifySignature } from '../../jwt/verify-signature.js'
import type { StoreWatch } from '../../lifecycle/ask-store.js'
import type { ReplayStore } from '../../lifecycle/replay/replay-store.js'
import { sha256Base64url } from '../../runtime/sha256.js'
import type { TextCache } from '../../shared/text-cache.js'
import type { NonceRefusal, ProofRefusal } from '../binding-refusal.js'
import { judgeReplay, type ReplayAnswer } from './judge-replay.js'
import type { DpopNonces } from './nonces.js'
import { normalizedTargetUri, pathOfTarget } from './target-uri.js'

/** What DPoP proofs are judged by. */
export interface ProofPolicy {
  /** By the names that proofs may spell. */
  readonly algorithms: ReadonlyMap<string, AlgorithmEntry>
  /** How long a proof is good after it was made, inclusive. */
  readonly maxAgeSeconds: number
  /** How far ahead of us the clock of who made it may be, inclusive. */
  readonly leewaySeconds: number
  readonly nonces: DpopNonces | null
  readonly replay: ReplayStore
  /** The keys of clients that came before, so that each is imported once. */
  readonly keys: TextCache<ProofKey>
  readonly timeoutMilliseconds: number
  /** What a proxy takes off the path before the request comes here: `''` or like `/v1`. */
  readonly strippedPrefix: string
}

export interface ProofKey {
  /** The algorithm's name and the key's thumbprint. */
  readonly text: string
  readonly key: VerificationKey
}

/** What a proof has to fit. */
export interface ProofSubject {
  readonly request: RequestView
  /** The public URL of the API. */
  readonly resource: string
  /** The access token's text. */
  readonly token: string
  /** The token's `cnf.jkt`. */
  readonly keyThumbprint: string
  /** Seconds since the epoch. */
  readonly now: number
  /** Is told of a replay store that gets slow. */
  readonly report: StoreWatch['report']
}

export type ProofVerdict =
  | {
      readonly kind: 'proven'
      /** A nonce for the next proof, if the one of this proof runs out. */
      readonly nonce?: string
    }
  | {
      readonly kind: 'refused'
      readonly reason: ProofRefusal | NonceRefusal | 'key_mismatch'
      readonly claim?: string
    }
  | Extract<ReplayAnswer, { readonly kind: 'unavailable' }>

/**
 * Judges the DPoP field of a request: the list of RFC 9449 section 4.3, all of it.
 *
 * What costs least comes first; the signature is verified only with the key that the token names, and a proof is
 * remembered only when everything else was right: nobody without a good token and its key can fill the store.
 *
 * @param field all lines of the field, joined; null if there is none. A compact JWT has no comma, so two never pass
 */
export async function judgeProof(
  field: string | null,
  subject: ProofSubject,
  policy: ProofPolicy,
): Promise<ProofVerdict> {
  if (field === null) return { kind: 'refused', reason: 'proof_missing' }
  const parsed = parseDpopProof(field, policy.algorithms)
  if (!parsed.ok) return { kind: 'refused', ...parsed.reason }
  const proof = parsed.value
  const target = publicTarget(subject, policy)
  const refusal = refusalOf(proof, target, subject, policy)
  if (refusal !== null) return { kind: 'refused', reason: refusal }
  if (!(await isSigned(proof, policy))) return { kind: 'refused', reason: 'proof_signature' }
  const nonce = judgeNonce(proof, policy, subject.now)
  if (nonce === 'nonce_missing' || nonce === 'nonce_stale') {
    return { kind: 'refused', reason: nonce }
  }
  const replay = await askReplay(proof, target ?? '', subject, policy)
  if (replay.kind === 'unavailable') return replay
  if (replay.kind === 'replayed') return { kind: 'refused', reason: 'proof_replayed' }
  return nonce === 'previous' && policy.nonces !== null
    ? { kind: 'proven', nonce: policy.nonces.current(subject.now) }
    : { kind: 'proven' }
}

/** What the client called, normalised: our own origin, and the path that we received with what a proxy took off. */
function publicTarget({ request, resource }: ProofSubject, policy: ProofPolicy): string | null {
  const path = pathOfTarget(request.url)
  return path === null
    ? null
    : normalizedTargetUri(`${new URL(resource).origin}${policy.strippedPrefix}${path}`)
}

/** The comparisons that need no cryptography but hashes. Each asks for what must hold: NaN fails them all. */
function refusalOf(
  proof: DpopProof,
  target: string | null,
  { request, token, keyThumbprint, now }: ProofSubject,
  { maxAgeSeconds, leewaySeconds }: ProofPolicy,
): ProofRefusal | 'key_mismatch' | null {
  // Methods are case-sensitive (RFC 9110 section 9.1), and HEAD is not GET.
  if (proof.method !== request.method) return 'proof_method'
  if (target === null || normalizedTargetUri(proof.target) !== target) return 'proof_target'
  if (proof.tokenHash !== sha256Base64url(token)) return 'proof_token'
  if (!(now - proof.issuedAt <= maxAgeSeconds)) return 'proof_expired'
  if (!(proof.issuedAt - now <= leewaySeconds)) return 'proof_from_future'
  return proof.thumbprint === keyThumbprint ? null : 'key_mismatch'
}

async function isSigned(proof: DpopProof, policy: ProofPolicy): Promise<boolean> {
  const usable = usableKey(proof, policy)
  return usable !== null && (await verifySignature(proof.jws, usable)) === 'valid'
}

/** The imported key of a client that comes again. Only keys that a good token names get here, so strangers push none out. */
function usableKey({ key, thumbprint }: DpopProof, { keys }: ProofPolicy): VerificationKey | null {
  const text = `${key.algorithm.name}.${thumbprint}`
  const known = keys.find(text)
  if (known !== null) return known.key
  const usable = verificationKey(key.material, [key.algorithm])
  if (usable.ok) keys.keep({ text, key: usable.value })
  return usable.ok ? usable.value : null
}

function judgeNonce(
  { nonce }: DpopProof,
  { nonces }: ProofPolicy,
  now: number,
): 'current' | 'previous' | NonceRefusal {
  // Where none is asked for, one that a proof names all the same means nothing to us.
  if (nonces === null) return 'current'
  if (nonce === null) return 'nonce_missing'
  const judged = nonces.judge(nonce, now)
  return judged === 'stale' ? 'nonce_stale' : judged
}

/**
 * Whether this proof comes for the first time. It is known by key, target and `jti` together (section 11.1): never by its
 * text, since an ECDSA signature has a valid twin, and without the key in it one client could use up the ids of another.
 */
async function askReplay(
  { thumbprint, jwtId, issuedAt }: DpopProof,
  target: string,
  { now, report, request: { source } }: ProofSubject,
  { replay, maxAgeSeconds, leewaySeconds, timeoutMilliseconds }: ProofPolicy,
): Promise<ReplayAnswer> {
  const name = JSON.stringify(['dpop', thumbprint, target, jwtId])
  const id = sha256Base64url(name)
  // For as long as the process with the slowest clock would take it, and the store may then take to look.
  const storeSeconds = Math.ceil(timeoutMilliseconds / 1_000) + ROUNDING_SECONDS
  const until = Math.ceil(issuedAt) + maxAgeSeconds + leewaySeconds + storeSeconds
  const used = source === undefined ? undefined : accepted.get(source)
  if (used?.id === id && used.replay === replay) return { kind: 'new' }
  const answer = await judgeReplay(() => replay.remember(id, until, now), timeoutMilliseconds, {
    now,
    report,
  })
  if (source !== undefined && answer.kind === 'new') accepted.set(source, { id, replay })
  return answer
}

/**
 * The proofs that requests still under way have used. A middleware and its route may each have a rule: that is one use.
 * INVARIANT: the key is the request itself, so no other request can have part in it; and each store is asked once.
 */
const accepted = new WeakMap<object, { readonly id: string; readonly replay: ReplayStore }>()

/** Times are rounded down, and a signature is verified between the look at the time and the store. */
const ROUNDING_SECONDS = 2

import * as z from 'zod/mini'
import { ConfigurationError } from '../errors.js'
import { type Algorithm, checkedProofAlgorithms } from '../jwt/algorithms.js'
import { STORE_TIMEOUT_MILLISECONDS } from '../lifecycle/ask-store.js'
import type { ReplayStore } from '../lifecycle/replay/replay-store.js'
import { type Duration, seconds } from '../shared/duration.js'
import { checkedOptions, DURATION, port } from '../shared/options.js'
import { TextCache } from '../shared/text-cache.js'
import type { ProofKey, ProofPolicy } from './dpop/judge-proof.js'
import { type DpopNonces, rollingNonces } from './dpop/nonces.js'
import { normalizedTargetUri } from './dpop/target-uri.js'
import { TIMEOUT_MILLISECONDS } from './factory-options.js'
import type { VerifierMetadata } from './verifier.js'

/** How presenters prove that a token is theirs. Name `dpop`, `mtls` or both. */
export interface SenderConstraintOptions {
  /** Take DPoP proofs (RFC 9449). */
  readonly dpop?: DpopOptions
  /** Take client certificates (RFC 8705). */
  readonly mtls?: boolean
  /**
   * Take tokens that are bound to nothing as well, under `Bearer`: whoever steals one of them can use it. A token that is
   * bound is never taken without its proof, whatever this says.
   */
  readonly acceptUnbound?: boolean
}

export interface DpopOptions {
  /**
   * Where proofs are remembered, so that each is taken once. Shared by all processes that answer for the API; they need the
   * same `maxAge` and `leeway`, for what one of them forgets another must not take any more.
   */
  readonly replay: ReplayStore
  /** Asymmetric algorithms that proofs may be signed with; ES256 and Ed25519 (also as EdDSA) by default. */
  readonly algorithms?: readonly Algorithm[]
  /** How long a proof is good after it was made, inclusive: 60 s by default, 1 s to 5 min. */
  readonly maxAge?: Duration
  /** How far a client's clock may be ahead, inclusive: 5 s by default, 0 to 60 s. */
  readonly leeway?: Duration
  /** Ask for a nonce in each proof, so that none can be made in advance. Off by default. */
  readonly nonces?: DpopNonceOptions
  /** What a proxy takes off the path before the request comes here, like `/v1`: clients sign the path that they call. */
  readonly strippedPrefix?: string
  /** How long the replay store may take; 2,000 by default, 1 to 60,000. */
  readonly timeoutMilliseconds?: number
}

export interface DpopNonceOptions {
  /**
   * At least 32 characters, the same in all processes that answer for the API. By default each process makes up its own,
   * and a client that meets another process is asked to try again.
   */
  readonly secret?: string
  /** How often the nonce changes: 5 min by default, 10 s to 1 h. Each is taken for one to two steps. */
  readonly step?: Duration
}

/** Made by {@link senderConstraint}. What is in it is for verifiers. */
export interface SenderConstraint {
  readonly dpop: ProofPolicy | null
  readonly mtls: boolean
  readonly acceptsUnbound: boolean
}

/** What OAuth clients are told of a constraint in the metadata of the API. */
export function constraintMetadata(
  constraint: SenderConstraint | null,
): Omit<VerifierMetadata, 'issuers'> {
  if (constraint === null) return {}
  const { dpop, mtls, acceptsUnbound } = constraint
  return {
    ...(dpop === null ? {} : { dpopAlgorithms: [...dpop.algorithms.keys()] }),
    ...(dpop === null || mtls || acceptsUnbound ? {} : { dpopRequired: true }),
    ...(mtls ? { certificateBound: true } : {}),
  }
}

/** What `senderConstraint` has made, as an option of verifiers. */
export const SENDER_CONSTRAINT: z.ZodMiniCustom<SenderConstraint> =
  /* @__PURE__ */ z.custom<SenderConstraint>(
    (value) => typeof value === 'object' && value !== null && 'acceptsUnbound' in value,
  )

/**
 * Makes what verifiers of tokens judge the binding of tokens by: `jwtBearer({ ..., senderConstraint })`. Give the same one to
 * all verifiers of a gate, so that they share nonces.
 *
 * Only bound tokens are taken, unless `acceptUnbound` says otherwise. Without any constraint, a verifier takes plain bearer
 * tokens only and refuses those that are bound.
 *
 * @throws ConfigurationError `option_invalid`, `algorithm_unknown`
 * @see RFC 9449, RFC 8705 section 3
 */
export function senderConstraint(options: SenderConstraintOptions): SenderConstraint {
  const checked = checkedOptions('senderConstraint', OPTIONS, options)
  const { dpop, mtls = false, acceptUnbound = false } = checked
  if (dpop === undefined && !mtls) {
    throw new ConfigurationError('option_invalid', 'senderConstraint: name dpop, mtls or both.')
  }
  return Object.freeze({
    dpop: dpop === undefined ? null : proofPolicy(dpop),
    mtls,
    acceptsUnbound: acceptUnbound,
  })
}

function proofPolicy(options: z.output<typeof DPOP>): ProofPolicy {
  const { maxAge = 60, leeway = 5, nonces } = options
  return Object.freeze({
    algorithms: checkedProofAlgorithms(options.algorithms),
    maxAgeSeconds: seconds('dpop.maxAge', maxAge, { min: 1, max: 300 }),
    leewaySeconds: seconds('dpop.leeway', leeway, { min: 0, max: 60 }),
    nonces: nonces === undefined ? null : noncesFrom(nonces),
    replay: options.replay,
    keys: new TextCache<ProofKey>(MAX_KEYS),
    timeoutMilliseconds: options.timeoutMilliseconds ?? STORE_TIMEOUT_MILLISECONDS,
    strippedPrefix: options.strippedPrefix ?? '',
  })
}

function noncesFrom({ secret, step = 300 }: z.output<typeof NONCES>): DpopNonces {
  return rollingNonces(secret ?? null, seconds('dpop.nonces.step', step, { min: 10, max: 3_600 }))
}

/** A path of at least one segment, in the spelling that comparing leaves as it is, without a slash at its end. */
function isPrefix(text: string): boolean {
  const origin = 'https://a'
  return (
    text.startsWith('/') &&
    !text.endsWith('/') &&
    normalizedTargetUri(origin + text) === origin + text
  )
}

/** Of some 2 KB each. */
const MAX_KEYS = 1_000

const NONCES = /* @__PURE__ */ z.strictObject({
  secret: z.optional(z.string().check(z.minLength(32))),
  step: z.optional(DURATION),
})

const DPOP = /* @__PURE__ */ z.strictObject({
  replay: port<ReplayStore>('remember'),
  algorithms: z.optional(z.array(z.string())),
  maxAge: z.optional(DURATION),
  leeway: z.optional(DURATION),
  nonces: z.optional(NONCES),
  strippedPrefix: z.optional(z.string().check(z.refine(isPrefix))),
  timeoutMilliseconds: TIMEOUT_MILLISECONDS,
})

const OPTIONS = /* @__PURE__ */ z.strictObject({
  dpop: z.optional(DPOP),
  mtls: z.optional(z.boolean()),
  acceptUnbound: z.optional(z.boolean()),
})

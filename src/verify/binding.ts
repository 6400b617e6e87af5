import { sha256 } from '@noble/hashes/sha2.js'
import type { Credential } from '../credential/credential.js'
import type { IdentifiedPrincipal } from '../principal/principal.js'
import { timeSince } from '../runtime/clock.js'
import { encodeBase64url } from '../shared/base64.js'
import { type Eventual, whenReady } from '../shared/eventual.js'
import type { BindingRefusal } from './binding-refusal.js'
import { readConfirmation } from './confirmation.js'
import { judgeProof, type ProofVerdict } from './dpop/judge-proof.js'
import { refused } from './refused.js'
import type { SenderConstraint } from './sender-constraint.js'
import type {
  RefusedCredential,
  UnjudgedCredential,
  Verification,
  VerificationContext,
} from './verifier.js'

/** Whether a token is in the hands it was issued to. */
export type BindingVerdict =
  | { readonly kind: 'held'; readonly dpopNonce?: string }
  | RefusedCredential
  | UnjudgedCredential

/**
 * What a verifier says of a token in the end: what it has found, and for a token that is genuine, whether it is {@link
 * judgeBinding held} by who sent it.
 */
export function withBinding<Proven extends IdentifiedPrincipal>(
  verification: Verification<Proven>,
  constraint: SenderConstraint | null,
  presented: PresentedToken,
  context: VerificationContext,
): Eventual<Verification<Proven>> {
  if (verification.kind !== 'verified') return verification
  return whenReady(judgeBinding(constraint, presented, context), (verdict) => {
    if (verdict.kind !== 'held') return verdict
    const { dpopNonce } = verdict
    return dpopNonce === undefined ? verification : { ...verification, dpopNonce }
  })
}

/**
 * Judges, for a token that was verified, whether who sent it is who it was issued to. Asked anew for each request, also
 * where the token itself is known from the one before.
 *
 * INVARIANT: a token that is bound to anything is `held` only if everything it is bound to was proven, under every
 * configuration and for every kind of token.
 *
 * @param constraint null if the verifier takes plain bearer tokens only
 * @param cnf the token's confirmation as it stands there; undefined if it has none
 * @see RFC 9449 section 7.2, RFC 8705 section 3
 */
function judgeBinding(
  constraint: SenderConstraint | null,
  { credential, token, cnf, since }: PresentedToken,
  context: VerificationContext,
): Eventual<BindingVerdict> {
  if (cnf === undefined && credential.kind !== 'dpop') {
    return constraint === null || constraint.acceptsUnbound ? HELD : refused('token_unbound')
  }
  const confirmation = readConfirmation(cnf)
  if (confirmation === null || constraint === null) return refused('confirmation_unsupported')
  const { keyThumbprint, certificateHash } = confirmation
  if (certificateHash !== null) {
    const refusal = certificateRefusal(constraint, certificateHash, context)
    if (refusal !== null) return refused(refusal)
  }
  if (credential.kind !== 'dpop') {
    if (keyThumbprint === null) return HELD
    return refused(constraint.dpop === null ? 'confirmation_unsupported' : 'token_downgraded')
  }
  // The client thinks that its token cannot be used by others: to take it would keep that from coming out.
  if (keyThumbprint === null) return refused('token_unbound')
  const { dpop } = constraint
  if (dpop === null) return refused('confirmation_unsupported')
  const { request, resource, report } = context
  // A proof that is judged by the time at which the request came may be forgotten by the replay store meanwhile.
  const now = since === undefined ? context.now : timeSince(context.now, since)
  const subject = { request, resource, token, keyThumbprint, now, report }
  return whenReady(judgeProof(credential.proof, subject, dpop), (verdict) => {
    return inHands(verdict, () => dpop.nonces?.current(now))
  })
}

export interface PresentedToken {
  readonly credential: Credential
  /** The token's text. */
  readonly token: string
  readonly cnf: unknown
  /** What `monotonicMilliseconds` said at the context's `now`; left out where nothing was waited for since. */
  readonly since?: number
}

function certificateRefusal(
  { mtls }: SenderConstraint,
  certificateHash: string,
  context: VerificationContext,
): BindingRefusal | null {
  if (!mtls) return 'confirmation_unsupported'
  const certificate = context.clientCertificate()
  if (certificate === null) return 'certificate_missing'
  return encodeBase64url(sha256(certificate)) === certificateHash ? null : 'certificate_mismatch'
}

/** Whoever is to make another proof is told what nonce it has to name, if any. */
function inHands(verdict: ProofVerdict, currentNonce: () => string | undefined): BindingVerdict {
  switch (verdict.kind) {
    case 'proven':
      return verdict.nonce === undefined ? HELD : { kind: 'held', dpopNonce: verdict.nonce }
    case 'refused': {
      const dpopNonce = currentNonce()
      return dpopNonce === undefined ? verdict : { ...verdict, dpopNonce }
    }
    case 'unavailable':
      return verdict
  }
}

const HELD: BindingVerdict = Object.freeze({ kind: 'held' })

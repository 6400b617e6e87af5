import type { Credential } from '../credential/credential.js'
import type { IdentifiedPrincipal } from '../principal/principal.js'
import { type Eventual, isThenable } from '../shared/eventual.js'
import type { NamedVerifier } from '../verify/choose-verifier.js'
import { isVerification } from '../verify/is-verification.js'
import { verificationContext } from '../verify/verification-context.js'
import type { UnjudgedCredential, Verification } from '../verify/verifier.js'
import type { Hearing } from './hearing.js'
import { reporterOf } from './report.js'

/** Asks the verifier that was chosen, which can be the application's own. Never throws or rejects. */
export function askVerifier(
  hearing: Hearing,
  chosen: NamedVerifier,
  credential: Credential,
): Eventual<Verification<IdentifiedPrincipal>> {
  const { setup, request, now } = hearing
  const context = verificationContext(setup, request, now, reporterOf(hearing, chosen))
  try {
    const answer = chosen.verifier.verify(credential, context)
    return isThenable(answer)
      ? Promise.resolve(answer).then(believed).catch(failed)
      : believed(answer)
  } catch (cause) {
    return failed(cause)
  }
}

/** What is no answer has not judged. */
function believed(answer: unknown): Verification<IdentifiedPrincipal> {
  return isVerification(answer) ? answer : failed(null)
}

/** A verifier that throws has not judged: that is never the caller's fault. */
function failed(cause: unknown): UnjudgedCredential {
  return { kind: 'unavailable', reason: 'verifier_failed', cause }
}

import type { Step, Unavailable } from '../outcome/outcome.js'
import type { UnjudgedCredential } from '../verify/verifier.js'
import { unavailable } from './answers.js'
import type { Hearing } from './hearing.js'
import { reportFailure } from './report.js'
import { type Way, WITHOUT_POLICY } from './way.js'

/** Answers that we cannot tell, and tells the operator what stood in the way. */
export function cannotJudge(
  hearing: Hearing,
  step: Step,
  { reason, cause, retryAfterSeconds }: Omit<UnjudgedCredential, 'kind'>,
  way: Way = WITHOUT_POLICY.whole,
): Unavailable {
  reportFailure(hearing, reason, cause)
  return unavailable(step, reason, retryAfterSeconds, way)
}

import { type PolicyVerdict, STEPS, type Step, type TraceStep } from '../outcome/outcome.js'

/** The steps that a request takes, and the trace of one that has passed them all. */
export interface Way {
  readonly steps: readonly Step[]
  readonly passed: readonly TraceStep[]
}

/** The ways that requests take to one rule. */
export interface Ways {
  /** With a credential. */
  readonly whole: Way
  /** Without one, where that is allowed. */
  readonly bare: Way
  /** Where no credential is looked at. */
  readonly open: Way
}

/** To a rule that asks no policy, and to one that does. */
export const WITHOUT_POLICY: Ways = waysOf(
  STEPS.filter((step) => step !== 'facts' && step !== 'policy'),
)
export const WITH_POLICY: Ways = waysOf(STEPS)

/** The steps of the way in order, all passed but the last, which ended with this code. */
export function traceUntil(
  step: Step,
  code: string,
  { steps, passed }: Way = WITHOUT_POLICY.whole,
  claim?: string,
): readonly TraceStep[] {
  const trace = passed.slice(0, steps.indexOf(step))
  trace.push(claim === undefined ? { step, code } : { step, code, claim })
  return trace
}

/** The trace, with what the policy was asked at the step where it was. */
export function marked(trace: readonly TraceStep[], policy: PolicyVerdict): readonly TraceStep[] {
  return trace.map((one) => (one.step === 'policy' ? { ...one, policy } : one))
}

function waysOf(steps: readonly Step[]): Ways {
  const afterTheDoors = steps.slice(steps.indexOf('login') + 1)
  return {
    whole: wayOf(steps),
    bare: wayOf(['collect', 'ambiguity', ...afterTheDoors]),
    open: wayOf(afterTheDoors),
  }
}

function wayOf(steps: readonly Step[]): Way {
  // Shared by all requests: what a handler wrote would stand in the next one's trace.
  return {
    steps,
    passed: Object.freeze(steps.map((step) => Object.freeze({ step, code: 'passed' }))),
  }
}

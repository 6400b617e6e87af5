import { whenReady } from '../../shared/eventual.js'
import type { Attributes } from '../condition/attributes.js'
import type { ResourceTypes } from '../definition/policy-definition.js'
import type { Explanation } from '../explain/explain.js'
import type { Policy } from '../policy.js'
import { currentOf } from '../reload/reloadable-policy.js'
import { type CoverageReport, CoverageTally, type RuleCoverage } from './coverage-tally.js'
import { renderCoverage } from './render-coverage.js'

/** Which rules of a policy, and which of their branches, tests have exercised. */
export interface PolicyCoverage<Observed> {
  /** The same policy, observed. Decide with this one in tests. */
  readonly policy: Observed
  report(): CoverageReport
  /**
   * Ends a test run that has exercised too little.
   *
   * @param percent inclusive, from 0 to 100
   * @throws Error with the rendered report
   */
  assertAtLeast(percent: number): void
}

/**
 * Wraps a policy for tests, and counts what its decisions exercise. Decisions stay what they are; they ask every part of
 * every rule, so relations may be loaded that would not have been needed. The policy itself is not touched, and costs nothing
 * more.
 *
 * Counts `decide`, `explain` and `fields`, also of {@link Policy.for}. Does not count `filter`, which asks no rule about a resource.
 * Of a policy that another may take the place of, the one of this moment is observed, also after a swap.
 */
export function createPolicyCoverage<
  Name extends string,
  Types extends ResourceTypes,
  PrincipalAttributes extends Attributes,
  ContextAttributes extends Attributes,
  Roles extends string,
>(
  given: Policy<Name, Types, PrincipalAttributes, ContextAttributes, Roles>,
): PolicyCoverage<Policy<Name, Types, PrincipalAttributes, ContextAttributes, Roles>> {
  const policy = currentOf(given)
  const tally = new CoverageTally(policy.model)
  const noted = (explanation: Explanation): Explanation => {
    tally.note(explanation.trace)
    return explanation
  }
  const decided = (explanation: Explanation): Explanation['decision'] => noted(explanation).decision
  const observed: Policy<Name, Types, PrincipalAttributes, ContextAttributes, Roles> = {
    ...policy,
    decide: (question) => whenReady(policy.explain(question), decided),
    explain: (question, options) => whenReady(policy.explain(question, options), noted),
    fields: (question) =>
      whenReady(policy.explain(question), (explanation) => {
        noted(explanation)
        return policy.fields(question)
      }),
    for(who) {
      const asking = policy.for(who)
      return {
        ...asking,
        decide: (question) => whenReady(asking.explain(question), decided),
        explain: (question, options) => whenReady(asking.explain(question, options), noted),
        fields: (question) =>
          whenReady(asking.explain(question), (explanation) => {
            noted(explanation)
            return asking.fields(question)
          }),
      }
    },
  }
  const report = (): CoverageReport => reportOf(tally.report())
  return {
    policy: Object.freeze(observed),
    report,
    assertAtLeast(percent) {
      const reached = report()
      if (reached.percent >= percent) return
      throw new Error(`At least ${percent} % were expected.\n${renderCoverage(reached)}`)
    },
  }
}

function reportOf(rules: readonly RuleCoverage[]): CoverageReport {
  const branches = rules.flatMap(({ applied, parts }) => [
    applied,
    ...parts.flatMap((part) => [part.true, part.false]),
  ])
  const seen = branches.filter((count) => count > 0).length
  const percent = branches.length === 0 ? 100 : (100 * seen) / branches.length
  return { percent, seen, total: branches.length, rules }
}

import { analyse } from '../analysis/analyse.js'
import type { AnalysedRoute } from '../analysis/analysed-route.js'
import type { FindingAbout, PolicyFinding } from '../analysis/finding.js'
import type { Attributes } from '../condition/attributes.js'
import type { ResourceTypes } from '../definition/policy-definition.js'
import { diffPolicies } from '../diff/diff-policies.js'
import type { PolicyDifference } from '../diff/difference.js'
import type { Policy } from '../policy.js'

/**
 * A policy that another one can take the place of. It is a policy itself: whoever has it always asks the current one.
 *
 * What has begun goes on with the policy that it began with: a decision that waits for a relation, and all questions of one
 * `for(who)`, which is one request.
 */
export interface ReloadablePolicy<
  Name extends string = string,
  Types extends ResourceTypes = ResourceTypes,
  PrincipalAttributes extends Attributes = Attributes,
  ContextAttributes extends Attributes = Attributes,
  Roles extends string = string,
> extends Policy<Name, Types, PrincipalAttributes, ContextAttributes, Roles> {
  /** The policy that decides now: what a gate reads once per request. */
  current(): Policy<Name, Types, PrincipalAttributes, ContextAttributes, Roles>
  /**
   * Puts the next policy in its place, at once and as a whole, if it passes analysis. Never throws; after a refusal the
   * current one goes on.
   *
   * Looks at every case, before anything is swapped, and does not let go of the thread meanwhile.
   */
  swap(
    next: Policy<Name, Types, PrincipalAttributes, ContextAttributes, Roles>,
    options?: SwapOptions,
  ): SwapResult
}

export interface SwapOptions {
  /** The routes of the API: a policy that shuts one of them for everybody is refused. Default: none. */
  readonly routes?: readonly AnalysedRoute[]
  /** Findings of level `error` that are put up with. Default: none. */
  readonly tolerate?: readonly FindingAbout['kind'][]
  /** `refuse` takes no policy that permits more than the current one, or for which that was not proved. Default: `accept`. */
  readonly widening?: 'accept' | 'refuse'
  /** How many cases of one action are looked at before it is called `not_proved`. Default: 1,048,576. */
  readonly mostCases?: number
}

/** What became of a swap, with what was found out on the way. */
export type SwapResult =
  | (SwapReport & { readonly kind: 'swapped' })
  | (SwapReport & {
      readonly kind: 'refused'
      /**
       * - `findings`: analysis has found what cannot be meant
       * - `widens`: it permits more, and that was to be refused
       * - `vocabulary`: it was defined over another vocabulary, which the grants of running requests do not belong to
       */
      readonly reason: 'findings' | 'widens' | 'vocabulary'
    })

export interface SwapReport {
  /** Of the policy that decides now. */
  readonly version: string
  readonly findings: readonly PolicyFinding[]
  readonly differences: readonly PolicyDifference[]
}

/** Starts with this policy. It is taken as it is: analyse it where it is defined, in a test. */
export function createReloadablePolicy<
  Name extends string,
  Types extends ResourceTypes,
  PrincipalAttributes extends Attributes,
  ContextAttributes extends Attributes,
  Roles extends string,
>(
  initial: Policy<Name, Types, PrincipalAttributes, ContextAttributes, Roles>,
): ReloadablePolicy<Name, Types, PrincipalAttributes, ContextAttributes, Roles> {
  let current = initial
  return Object.freeze({
    current: () => current,
    get scopes() {
      return current.scopes
    },
    get model() {
      return current.model
    },
    get version() {
      return current.version
    },
    decide: (question) => current.decide(question),
    explain: (question, options) => current.explain(question, options),
    fields: (question) => current.fields(question),
    filter: (question) => current.filter(question),
    matrix: (options) => current.matrix(options),
    for: (who) => current.for(who),
    toJSON: () => current.toJSON(),
    swap(next, { routes = [], tolerate = [], widening = 'accept', mostCases } = {}) {
      // Another reloadable policy would go on changing behind our back.
      const candidate = currentOf(next)
      if (candidate.scopes !== current.scopes) {
        const report = { version: current.version, findings: [], differences: [] }
        return { kind: 'refused', reason: 'vocabulary', ...report }
      }
      const bound = mostCases === undefined ? {} : { mostCases }
      const findings = analyse(candidate, { routes, ...bound })
      const differences = diffPolicies(current, candidate, bound)
      const refused = (reason: 'findings' | 'widens'): SwapResult => ({
        kind: 'refused',
        reason,
        version: current.version,
        findings,
        differences,
      })
      if (findings.some(({ level, kind }) => level === 'error' && !tolerate.includes(kind))) {
        return refused('findings')
      }
      if (widening === 'refuse' && !differences.every(isNarrowing)) return refused('widens')
      current = candidate
      return { kind: 'swapped', version: current.version, findings, differences }
    },
  } satisfies ReloadablePolicy<Name, Types, PrincipalAttributes, ContextAttributes, Roles>)
}

/** The policy that a reloadable one holds at this moment; any other is what it is. */
export function currentOf<Held extends Pick<Policy, 'version'>>(policy: Held): Held {
  return isReloadable(policy) ? policy.current() : policy
}

function isReloadable<Held extends object>(policy: Held): policy is Held & { current(): Held } {
  return 'current' in policy
}

function isNarrowing(difference: PolicyDifference): boolean {
  return difference.kind === 'difference' && difference.effect === 'narrows'
}

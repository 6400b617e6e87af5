import { analyse } from '../analysis/analyse.js'
import type { AnalysedRoute } from '../analysis/analysed-route.js'
import { describeFinding } from '../analysis/describe-finding.js'
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
   * Puts the next policy in its place, at once and as a whole, if it passes analysis. Never throws, whatever it is given:
   * what is no policy is refused, and so is one that could not be looked at. After a refusal the current one goes on.
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
       * - `not_a_policy`: it is nothing that `definePolicy` makes
       */
      readonly reason: 'findings' | 'widens' | 'vocabulary' | 'not_a_policy'
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
    swap(next, options) {
      const { version } = current
      const found = candidateFor(current, next, options)
      if (found.kind === 'refused') return { ...found, version }
      current = found.candidate
      const { findings, differences } = found
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

/** Looks at the next policy. Whatever it throws while it is looked at is an answer, too: it is not taken. */
function candidateFor<Held extends Pick<Policy, 'scopes' | 'model' | 'version'>>(
  current: Held,
  next: Held,
  options?: SwapOptions,
): Candidate<Held> {
  try {
    if (!isPolicy(next)) return { kind: 'refused', reason: 'not_a_policy', ...NOTHING_FOUND }
    // Another reloadable policy would go on changing behind our back.
    const candidate = currentOf(next)
    if (candidate.scopes !== current.scopes) {
      return { kind: 'refused', reason: 'vocabulary', ...NOTHING_FOUND }
    }
    return judged(current, candidate, options)
  } catch {
    const failed: FindingAbout = { kind: 'analysis_failed' }
    const finding = { ...failed, level: 'error', message: describeFinding(failed) } as const
    return { kind: 'refused', reason: 'findings', findings: [finding], differences: [] }
  }
}

function judged<Held extends Pick<Policy, 'scopes' | 'model' | 'version'>>(
  current: Held,
  candidate: Held,
  { routes = [], tolerate = [], widening = 'accept', mostCases }: SwapOptions = {},
): Candidate<Held> {
  const bound = mostCases === undefined ? {} : { mostCases }
  const findings = analyse(candidate, { routes, ...bound })
  const differences = diffPolicies(current, candidate, bound)
  if (findings.some(({ level, kind }) => level === 'error' && !tolerate.includes(kind))) {
    return { kind: 'refused', reason: 'findings', findings, differences }
  }
  if (widening === 'refuse' && !differences.every(isNarrowing)) {
    return { kind: 'refused', reason: 'widens', findings, differences }
  }
  return { kind: 'candidate', candidate, findings, differences }
}

type Candidate<Held> = Omit<SwapReport, 'version'> &
  (
    | { readonly kind: 'candidate'; readonly candidate: Held }
    | {
        readonly kind: 'refused'
        readonly reason: Extract<SwapResult, { kind: 'refused' }>['reason']
      }
  )

/** Plain JavaScript may hand over anything. A copy of a policy is one, if nothing is lost of it. */
function isPolicy(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  // Every object may be asked for members; what they are is looked at.
  const given = value as Partial<Record<string, unknown>>
  const model = given['model']
  return (
    METHODS.every((name) => typeof given[name] === 'function') &&
    typeof given['version'] === 'string' &&
    typeof model === 'object' &&
    model !== null
  )
}

const METHODS = ['decide', 'explain', 'fields', 'filter', 'matrix', 'for', 'toJSON']
const NOTHING_FOUND = { findings: [], differences: [] } as const

function isNarrowing(difference: PolicyDifference): boolean {
  return difference.kind === 'difference' && difference.effect === 'narrows'
}

import {
  type Decision,
  preparsePolicySet,
  type Response,
  statefulIsAuthorized,
} from '@cedar-policy/cedar-wasm/nodejs'
import type { Condition, PolicyDecision } from '../../../src/policy/index.js'
import { cedarPolicies, type Encoding, ruleId } from './cedar-policy.js'
import { cedarRequest } from './cedar-request.js'
import { Random } from './random.js'
import { randomRequest } from './random-request.js'
import { randomSample } from './random-sample.js'
import { OurPolicy, type Sample, type SampleRequest } from './sample.js'

/** What was compared, by what came out. A request counts once among the first seven and once among the last four. */
export interface Tally {
  policies: number
  requests: number
  permitted: number
  scope: number
  tenant_differs: number
  role_missing: number
  rule_denies: number
  no_rule_allows: number
  unavailable: number
  /** Cedar's plain policies had no error: the same decision. */
  plainWithoutError: number
  /** Only permits were errors, or forbids that could not have applied: the same decision, or a stricter one of Cedar's. */
  plainHarmlessError: number
  /** A forbid that was an error, and that we let deny: a refusal of ours, and one of Cedar's for another reason. */
  erringDenyRefused: number
  /** The same, and Cedar permits. The one difference that is meant to be. */
  erringDenyOpened: number
}

/** Why ours and Cedar's do not agree, with all that it takes to see it again. Null if they do. */
export type Disagreement = string | null

/** Compares so many random requests, some for each random policy. Stops at the first disagreement. */
export async function compareMany(
  requests: number,
  seed: number,
): Promise<{ readonly tally: Tally; readonly disagreement: Disagreement }> {
  const random = new Random(seed)
  const tally = emptyTally()
  while (tally.requests < requests) {
    const sample = randomSample(random)
    const comparison = new Comparison(sample, tally)
    tally.policies += 1
    for (let count = 0; count < REQUESTS_EACH && tally.requests < requests; count++) {
      const disagreement = await comparison.check(randomRequest(random, sample))
      if (disagreement !== null) return { tally, disagreement }
    }
  }
  return { tally, disagreement: null }
}

/** One policy, ours and Cedar's, to be asked the same questions. */
export class Comparison {
  private readonly ours: OurPolicy
  private readonly sample: Sample
  private readonly tally: Tally
  /** The ids of rules that ask for a relation. */
  private readonly relates: ReadonlySet<string>

  constructor(sample: Sample, tally: Tally = emptyTally()) {
    this.sample = sample
    this.tally = tally
    this.ours = new OurPolicy(sample)
    this.relates = new Set(
      sample.rules.filter(({ when }) => hasRelation(when)).map(({ name }) => ruleId(name)),
    )
    for (const encoding of ['guarded', 'plain'] as const) {
      const answer = preparsePolicySet(encoding, {
        staticPolicies: cedarPolicies(sample, encoding),
      })
      if (answer.type === 'failure') throw new Error(JSON.stringify(answer.errors))
    }
  }

  /** Asks both. Counts what came out. */
  async check(request: SampleRequest): Promise<Disagreement> {
    const decision = await this.ours.decide(request)
    const call = cedarRequest(this.sample, request)
    const guarded = ask('guarded', call)
    const plain = ask('plain', call)
    const problem =
      this.differs(decision, guarded, Object.values(request.answers).includes('fails')) ??
      this.judgePlain(decision, guarded, plain)
    if (problem !== null) return this.described(problem, request, decision, guarded, plain)
    this.tally.requests += 1
    this.tally[decision.kind === 'permission' ? decision.reason : decision.kind] += 1
    return null
  }

  /** How our decision is not what Cedar's guarded policies say, down to the rule. */
  private differs(decision: PolicyDecision, cedar: Response, hasFailed: boolean): string | null {
    const { reason, errors } = cedar.diagnostics
    if (errors.length > 0) return 'a guarded policy is an error'
    const expected: Decision = decision.kind === 'permitted' ? 'allow' : 'deny'
    if (cedar.decision !== expected) return `${decision.kind}, but Cedar says ${cedar.decision}`
    if (decision.kind === 'permitted') {
      // The first by name. A rule that would have to load a relation is passed over if another one allows.
      const id = ruleId(decision.rule)
      const isFirst = reason.every((other) => other >= id || this.relates.has(other))
      return isFirst && reason.includes(id) ? null : `permitted by ${id}, of ${reason.join(', ')}`
    }
    // Ours says then that it cannot tell; why it would have refused otherwise is not said.
    if (hasFailed) return null
    const bound = BOUNDS.find((kind) => reason.some((id) => id.startsWith(`${kind} `)))
    const named = REASONS[bound ?? 'none']
    const ours = decision.kind === 'permission' ? decision.reason : decision.kind
    // A relation is not loaded for a deny if nothing allows: then ours does not know that it denies as well.
    const isUnasked = ours === 'no_rule_allows' && reason.every((id) => this.relates.has(id))
    if (ours !== named && !isUnasked) return `${ours}, but Cedar names ${named}`
    const rule = decision.kind === 'permission' ? decision.rule : null
    return rule === null || reason.includes(ruleId(rule)) ? null : `${rule} does not deny in Cedar`
  }

  /** The plain policies: which of the four it is, or why it is none of them. */
  private judgePlain(decision: PolicyDecision, guarded: Response, plain: Response): string | null {
    const { tally } = this
    const erring = new Set(plain.diagnostics.errors.map(({ policyId }) => policyId))
    const isPermitted = decision.kind === 'permitted'
    const isPlainPermitted = plain.decision === 'allow'
    if (erring.size === 0) {
      tally.plainWithoutError += 1
      return isPermitted === isPlainPermitted ? null : 'plain policies without an error'
    }
    // Of a refusal, Cedar names every forbid that applies; guarded, those that are unknown do.
    const denies = guarded.decision === 'deny' ? guarded.diagnostics.reason : []
    if (denies.some((id) => erring.has(id))) {
      if (isPermitted) return 'permitted, though a deny cannot be told'
      tally[isPlainPermitted ? 'erringDenyOpened' : 'erringDenyRefused'] += 1
      return null
    }
    tally.plainHarmlessError += 1
    if (isPlainPermitted) return isPermitted ? null : 'refused, though no deny that applies erred'
    // `error || true` is an error in Cedar. Then each rule that allows has erred.
    const allows = guarded.diagnostics.reason
    return !isPermitted || allows.every((id) => erring.has(id))
      ? null
      : 'permitted by a rule that did not err'
  }

  private described(problem: string, ...what: readonly unknown[]): string {
    const policies = cedarPolicies(this.sample, 'guarded')
    return [problem, this.sample, policies, ...what]
      .map((one) => (typeof one === 'string' ? one : JSON.stringify(one, null, 1)))
      .join('\n')
  }
}

function ask(encoding: Encoding, call: ReturnType<typeof cedarRequest>): Response {
  const answer = statefulIsAuthorized({ ...call, preparsedPolicySetId: encoding })
  if (answer.type === 'failure') throw new Error(JSON.stringify(answer.errors))
  return answer.response
}

function hasRelation(condition: Condition): boolean {
  switch (condition.kind) {
    case 'relation':
      return true
    case 'not':
      return hasRelation(condition.part)
    case 'allOf':
    case 'anyOf':
      return condition.parts.some(hasRelation)
    default:
      return false
  }
}

/** Nothing compared yet. */
export function emptyTally(): Tally {
  return {
    policies: 0,
    requests: 0,
    permitted: 0,
    scope: 0,
    tenant_differs: 0,
    role_missing: 0,
    rule_denies: 0,
    no_rule_allows: 0,
    unavailable: 0,
    plainWithoutError: 0,
    plainHarmlessError: 0,
    erringDenyRefused: 0,
    erringDenyOpened: 0,
  }
}

/** What refuses, in our order, by the first word of a policy's id. */
const BOUNDS = ['scope', 'tenant', 'role', 'rule'] as const
const REASONS: Readonly<Record<(typeof BOUNDS)[number] | 'none', string>> = {
  scope: 'scope',
  tenant: 'tenant_differs',
  role: 'role_missing',
  rule: 'rule_denies',
  none: 'no_rule_allows',
}
const REQUESTS_EACH = 40

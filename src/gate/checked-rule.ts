import * as z from 'zod/mini'
import { ConfigurationError } from '../errors.js'
import { assertQuotable } from '../outcome/challenge.js'
import type { CheckedLogin } from '../policy/route/judge-login.js'
import type { ResourceRule } from '../policy/route/judge-resource.js'
import {
  REVOCATION_LAG_POLICIES,
  type RevocationLagPolicy,
} from '../policy/route/revocation-lag.js'
import type { LoginRequirement } from '../policy/route/rule.js'
import { authenticated, type Requirement } from '../scope/requirement.js'
import type { Part, Scopes } from '../scope/vocabulary.js'
import { type Duration, seconds } from '../shared/duration.js'
import { checkedOptions, DURATION } from '../shared/options.js'
import type { NamedVerifier } from '../verify/choose-verifier.js'
import type { GateSetup } from './checked-options.js'
import {
  type CheckedQuestion,
  checkedQuestion,
  type UncheckedQuestion,
} from './checked-question.js'
import { type RuleChallenges, ruleChallenges } from './rule-challenges.js'

/** A rule with its types erased and everything looked up that can be looked up before a request comes. */
export interface CheckedRule extends ResourceRule {
  /** The verifiers whose principals may enter. */
  readonly accepted: readonly NamedVerifier[]
  /** `open`: no credential is looked at; `optional`: none is needed; `required`: one is. */
  readonly credential: 'open' | 'optional' | 'required'
  /** The scopes, with that of the action. */
  readonly requirement: Requirement
  /** What the policy is asked; null if nothing. */
  readonly question: CheckedQuestion | null
  readonly login: CheckedLogin | null
  readonly revocationLag: RevocationLagPolicy
  readonly hide: boolean
  /** There is no rule: nobody may, whoever they prove to be. */
  readonly missing: boolean
  readonly challenges: RuleChallenges
}

/** A rule as untyped code may write it. */
export interface UncheckedRule extends ResourceRule, Omit<UncheckedQuestion, 'load'> {
  readonly scopes?: Part
  readonly login?: LoginRequirement
  readonly revocationLag?: RevocationLagPolicy
}

/**
 * Checks a rule against the gate it is for.
 *
 * @throws ConfigurationError `rule_invalid`, `scope_unknown` or `scope_invalid`
 */
export function checkedRule(setup: GateSetup, rule: UncheckedRule): CheckedRule {
  if (typeof rule !== 'object' || rule === null) throw invalidRule('A rule must be an object.')
  for (const member of Object.keys(rule)) {
    if (!RULE_MEMBERS.has(member)) throw invalidRule(`A rule has no member '${member}'.`)
    // What was meant to restrict, misspelt where it comes from, would restrict nothing.
    if (rule[member as keyof UncheckedRule] === undefined) {
      throw invalidRule(`A rule's ${member} is undefined; leave it out if it is not wanted.`)
    }
  }
  for (const member of ['load', 'allow'] as const) {
    if (rule[member] !== undefined && typeof rule[member] !== 'function') {
      throw invalidRule(`A rule's ${member} must be a function.`)
    }
  }
  if (rule.hide !== undefined && typeof rule.hide !== 'boolean') {
    throw invalidRule("A rule's hide must be true or false.")
  }
  // A requirement is none: `authenticated()` would be met by everybody, and no rule of the policy speaks of it.
  if (rule.action !== undefined && typeof rule.action !== 'string') {
    throw invalidRule("A rule's action must be one scope, as a text.")
  }
  const names = acceptedNames(setup, rule.accept)
  const anyone = names.includes('anyone')
  const accepted = setup.verifiers.filter(({ name }) => names.includes(name))
  const requirement = checkedRequirement(setup.scopes, rule, anyone)
  setup.metadata.include(requirement)
  return {
    accepted,
    credential: anyone ? (accepted.length === 0 ? 'open' : 'optional') : 'required',
    requirement,
    question: checkedQuestion(setup, rule),
    login: checkedLogin(rule.login),
    revocationLag: checkedLag(setup, rule.revocationLag, accepted),
    hide: rule.hide ?? false,
    missing: false,
    challenges: ruleChallenges(setup, accepted, setup.scopes.challenge(requirement)),
    ...(rule.load === undefined ? {} : { load: rule.load }),
    ...(rule.allow === undefined ? {} : { allow: rule.allow }),
  }
}

/** What stands in for the rule of a route that has none. */
export function missingRule(setup: GateSetup): CheckedRule {
  return { ...checkedRule(setup, { scopes: authenticated() }), missing: true }
}

function acceptedNames(setup: GateSetup, accept: UncheckedRule['accept']): readonly string[] {
  const names = accept === undefined ? setup.verifiers.map(({ name }) => name) : [accept].flat()
  if (names.length === 0) throw invalidRule("A rule's accept must name at least one verifier.")
  for (const name of names) {
    if (name !== 'anyone' && !setup.verifiers.some((named) => named.name === name)) {
      throw invalidRule(`A rule accepts '${String(name)}', which is not a verifier of its gate.`)
    }
  }
  return names
}

function checkedRequirement(scopes: Scopes, rule: UncheckedRule, anyone: boolean): Requirement {
  if (anyone) {
    if (rule.scopes !== undefined || rule.login !== undefined) {
      throw invalidRule("A rule that accepts 'anyone' cannot need scopes or a login.")
    }
    // Whoever presents nothing needs nothing; a credential that is presented all the same must have been granted the action.
    return rule.action === undefined ? authenticated() : scopes.requirement(rule.action)
  }
  if (rule.action !== undefined) {
    return scopes.requirement(
      rule.scopes === undefined ? rule.action : scopes.allOf(rule.action, rule.scopes),
    )
  }
  if (rule.scopes === undefined) {
    throw invalidRule(
      'A rule must say which scopes it needs; authenticated() if a proven identity is enough.',
    )
  }
  return scopes.requirement(rule.scopes)
}

function checkedLogin(login: LoginRequirement | undefined): CheckedLogin | null {
  if (login === undefined) return null
  const { acr = [], maxAge } = checkedOptions("A rule's login", LOGIN, login)
  if (maxAge === undefined && acr.length === 0) {
    throw invalidRule("A rule's login must name maxAge, acr, or both.")
  }
  for (const value of acr) {
    assertQuotable("Each of a rule's login.acr", value)
    if (value.includes(' ')) throw invalidRule("A rule's login.acr must not contain spaces.")
  }
  return { acr: [...acr], maxAgeSeconds: maxAgeOf(maxAge) }
}

function checkedLag(
  setup: GateSetup,
  policy: RevocationLagPolicy | undefined,
  accepted: readonly NamedVerifier[],
): RevocationLagPolicy {
  if (policy === undefined) return setup.revocationLag
  if (!REVOCATION_LAG_POLICIES.includes(policy)) {
    throw invalidRule(
      `A rule's revocationLag must be one of ${REVOCATION_LAG_POLICIES.join(', ')}.`,
    )
  }
  if (setup.revocation === null || accepted.length === 0) {
    throw invalidRule(
      "A rule's revocationLag needs a gate with a revocation mirror, and a verifier.",
    )
  }
  return policy
}

function maxAgeOf(maxAge: Duration | undefined): number | null {
  return maxAge === undefined
    ? null
    : seconds("A rule's login.maxAge", maxAge, { min: 0, max: 366 * 86_400 })
}

function invalidRule(message: string): ConfigurationError {
  return new ConfigurationError('rule_invalid', message)
}

const RULE_MEMBERS: ReadonlySet<string> = new Set([
  'accept',
  'scopes',
  'action',
  'type',
  'list',
  'login',
  'revocationLag',
  'load',
  'allow',
  'hide',
])

const LOGIN = z.strictObject({
  acr: z.exactOptional(z.array(z.string())),
  maxAge: z.exactOptional(DURATION),
})

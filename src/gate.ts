/**
 * THE MAP. One request in, one outcome out. `decide` reads top to bottom as a request travels; each step is a room of
 * this house, and the order of the steps is a security property with a test of its own.
 */
import { type Credential, type Presented, textOf } from './credential/credential.js'
import { isCrossSite, isPreflight } from './credential/cross-site.js'
import { presentedCredential } from './credential/presented.js'
import type { RequestView } from './credential/request-view.js'
import { isConfidential } from './credential/transport.js'
import {
  absent,
  denied,
  granted,
  insufficientLogin,
  insufficientScope,
  invalidRequest,
  invalidToken,
  preflight,
  unauthenticated,
  unavailable,
} from './gate/answers.js'
import { checkedOptions, type GateOptions, type GateSetup } from './gate/checked-options.js'
import {
  type CheckedRule,
  checkedRule,
  missingRule,
  type UncheckedRule,
} from './gate/checked-rule.js'
import type { Hearing } from './gate/hearing.js'
import { reportDecision, reportFailure, reportLeak } from './gate/report.js'
import type { Outcome, TraceStep } from './outcome/outcome.js'
import { judgeLogin } from './policy/judge-login.js'
import { judgeResource } from './policy/judge-resource.js'
import type { AcceptedPrincipal, AcceptName, PrincipalsByName, Rule } from './policy/rule.js'
import type { IdentifiedPrincipal, Principal } from './principal/principal.js'
import type { Scopes } from './scope/vocabulary.js'
import { anonymous } from './verify/anonymous.js'
import { chooseVerifier, type NamedVerifier } from './verify/choose-verifier.js'
import type { Verification } from './verify/verifier.js'
/** Decides requests: the object that rules are checked against and adapters ask. Made by {@link createGate}. */
export interface Gate<
  Name extends string = string,
  Principals extends PrincipalsByName = PrincipalsByName,
> extends RouteGate {
  /** The public URL of the API. */
  readonly resource: string
  /** The vocabulary of scopes. */
  readonly scopes: Scopes<Name>
  /**
   * Checks a rule once and returns the guard of a route: what adapters call when a route is defined.
   * @throws ConfigurationError `rule_invalid`, `scope_unknown` or `scope_invalid`
   */
  guard<
    Accepted extends AcceptName<Principals> = keyof Principals & string,
    Context = unknown,
    Resource = undefined,
  >(
    rule: Rule<Name, Principals, Accepted, Context, Resource>,
  ): Guard<AcceptedPrincipal<Principals, Accepted>, Context, Resource>
}

/** A gate whatever its types: what a deny-by-default mount needs of it. */
export interface RouteGate {
  /** The guard of a route that has no rule: nobody may. 401 without a proven identity, else 403. */
  guardWithoutRule(): Guard<Principal, unknown, undefined>
}

/** Both doors of one route. */
export interface Guard<Who, Context, Resource> {
  /**
   * Decides one request. Never throws for what a client sends, and never for what a callback throws.
   * @param context handed to the rule's `load` and `allow`; adapters pass the framework's own request or context
   */
  decide(request: RequestView, context: Context): Promise<Outcome<Who & Principal, Resource>>
}

/**
 * Makes a gate.
 *
 * Does not look at request bodies, does not limit rates, and knows only the routes that ask it.
 *
 * @throws ConfigurationError when the options are incomplete, contradictory or unsafe
 */
export function createGate<const Principals extends PrincipalsByName, Name extends string = never>(
  options: GateOptions<Name, Principals>,
): Gate<Name, Principals> {
  const setup = checkedOptions(options)
  return {
    resource: setup.resource,
    scopes: setup.scopes as Scopes<Name>, // the very vocabulary that `options.scopes` gave, or the empty one
    // The types are erased here; `checkedRule` checks at run time what they said.
    guard: (rule) => guardOf(setup, checkedRule(setup, rule as UncheckedRule)),
    guardWithoutRule: () => guardOf(setup, missingRule(setup)),
  }
}

function guardOf<Who, Context, Resource>(
  setup: GateSetup,
  rule: CheckedRule,
): Guard<Who, Context, Resource> {
  return {
    async decide(request, context) {
      const hearing = { setup, rule, request, context, now: setup.clock.now() }
      const outcome = await decide(hearing)
      reportDecision(hearing, outcome)
      // `Rule` tied these types to the verifiers and to `load` when the route was written.
      return outcome as Outcome<Who & Principal, Resource>
    },
  }
}

/** One request before one gate and one rule, at one moment. */
async function decide(hearing: Hearing): Promise<Outcome> {
  const { setup, rule, request, now } = hearing
  if (rule.credential === 'open') return hearResource(hearing, anonymous())
  if (isPreflight(request)) return preflight()

  // 1 Collect every credential the request carries.
  const presented = presentedCredential(request, setup.locations)

  // 2 Refuse ambiguity: more than one, one in the URL, one without TLS.
  const problem = problemOf(hearing, presented)
  if (problem !== null) {
    reportLeak(hearing, problem)
    return invalidRequest(hearing, problem.problem, problem.used)
  }
  if (presented.kind === 'none' && rule.credential === 'optional') {
    return hearResource(hearing, anonymous())
  }
  if (presented.kind === 'none') return unauthenticated(hearing, 'credential_missing')
  if (presented.kind !== 'credential') return unauthenticated(hearing, 'scheme_unsupported')

  // 3 Choose the verifier by what was sent, never by trying one after another.
  const { credential } = presented
  const chosen = chooseVerifier(rule.accepted, credential)
  if (chosen === null) {
    const known = chooseVerifier(setup.verifiers, credential) !== null
    return unauthenticated(hearing, known ? 'credential_not_accepted' : 'scheme_unsupported')
  }

  // 4 Verify: proven, the credential's fault (401), or our side's fault (503).
  const verification = await verify(hearing, chosen, credential)
  if (verification.kind === 'refused') return invalidToken(hearing, chosen, verification.reason)
  if (verification.kind === 'unavailable') return fail(hearing, 'verify', verification)
  const { principal } = verification

  // 5 Revocation, from memory.
  const revocation = judgeRevocation(hearing, principal)
  if (revocation.kind === 'unavailable') return fail(hearing, 'revocation', revocation)
  if (revocation.kind === 'refused') return invalidToken(hearing, chosen, revocation.reason)

  // 6 CSRF, only for credentials that a browser sends by itself.
  if (isCrossSite(request, credential.kind, setup.trustedOrigins)) {
    return denied('cross_site_request', false)
  }

  // 7 Scopes, before anything is loaded.
  const scopes = setup.scopes.judge(principal.grant, rule.requirement)
  if (scopes.kind === 'insufficient') {
    return insufficientScope(hearing, chosen, principal.grant, scopes.missing)
  }

  // 8 Step-up: is the login recent and strong enough?
  const login = judgeLogin(rule.login, principal, now)
  if (login !== 'satisfied') return insufficientLogin(hearing, chosen, login)

  // 9 Load the resource, then ask whether this principal may touch it.
  return hearResource(hearing, principal)
}

/** Steps 9 and 10: the resource, the policy, the grant. */
async function hearResource(hearing: Hearing, principal: Principal): Promise<Outcome> {
  const { rule, context } = hearing
  if (rule.missing) return denied('rule_missing', false)
  const judgement = await judgeResource(rule, principal, context)
  switch (judgement.kind) {
    case 'permitted':
      return granted(principal, judgement.resource)
    case 'absent':
      return absent()
    case 'denied':
      return denied('policy_denied', rule.hide)
    case 'failed':
      return fail(hearing, judgement.step, { reason: 'policy_failed', cause: judgement.cause })
  }
}

function problemOf({ setup, request }: Hearing, presented: Presented): Problem | null {
  if (presented.kind === 'problem') return presented
  if (presented.kind === 'none' || isConfidential(request, setup.tls)) return null
  return {
    kind: 'problem',
    problem: 'credential_over_cleartext',
    used: presented.kind === 'credential' ? [presented.credential.kind] : [],
    ...(presented.kind === 'credential' ? { leaked: textOf(presented.credential) } : {}),
  }
}

async function verify(
  { setup, now }: Hearing,
  { verifier }: NamedVerifier,
  credential: Credential,
): Promise<Verification<IdentifiedPrincipal>> {
  try {
    return await verifier.verify(credential, { now, scopes: setup.scopes })
  } catch (cause) {
    // A verifier that throws has not judged: that is never the caller's fault.
    return { kind: 'unavailable', reason: 'verifier_failed', cause }
  }
}

function judgeRevocation(
  { setup, now }: Hearing,
  principal: IdentifiedPrincipal,
): Verification<IdentifiedPrincipal> {
  try {
    const revoked = setup.revocation?.isRevoked(principal, now) ?? false
    // Anything but a plain `false` is not a promise that the credential still stands.
    return revoked === false
      ? { kind: 'verified', principal }
      : { kind: 'refused', reason: 'revoked' }
  } catch (cause) {
    return { kind: 'unavailable', reason: 'revocation_unavailable', cause }
  }
}

function fail(
  hearing: Hearing,
  step: TraceStep['step'],
  failure: Omit<Extract<Verification, { readonly kind: 'unavailable' }>, 'kind'>,
): Outcome {
  reportFailure(hearing, failure.reason, failure.cause)
  return unavailable(step, failure.reason, failure.retryAfterSeconds)
}

type Problem = Extract<Presented, { readonly kind: 'problem' }>

/**
 * THE MAP. One request in, one outcome out. `decide` reads top to bottom as a request travels; each step is a room of
 * this house, and the order of the steps is a security property with a test of its own.
 */

import { clientNetwork } from './credential/client-network.js'
import { type Presented, textOf } from './credential/credential.js'
import { isCrossSite, isPreflight } from './credential/cross-site.js'
import { presentedCredential } from './credential/presented.js'
import { assertClientAddress } from './credential/proxy.js'
import type { RequestView } from './credential/request-view.js'
import { isConfidential } from './credential/transport.js'
import {
  absent,
  denied,
  granted,
  insufficientLogin,
  insufficientScope,
  invalidRequest,
  preflight,
  refusedCredential,
  throttled,
  unauthenticated,
  unavailable,
  type Way,
} from './gate/answers.js'
import { askVerifier } from './gate/ask-verifier.js'
import { checkedOptions, type GateOptions, type GateSetup } from './gate/checked-options.js'
import {
  type CheckedRule,
  checkedRule,
  missingRule,
  type UncheckedRule,
} from './gate/checked-rule.js'
import type { Hearing } from './gate/hearing.js'
import { judgeRevocation } from './gate/judge-revocation.js'
import { reportDecision, reportFailure, reportLeak, reportVerification } from './gate/report.js'
import type { MetadataOptions, ServedMetadata } from './gate/resource-metadata.js'
import { describeRule, type RuleDescription } from './gate/rule-description.js'
import { type Outcome, STEPS, type Step } from './outcome/outcome.js'
import { judgeLogin } from './policy/judge-login.js'
import { judgeResource } from './policy/judge-resource.js'
import type { AcceptedPrincipal, AcceptName, PrincipalsByName, Rule } from './policy/rule.js'
import type { Principal } from './principal/principal.js'
import { monotonicMilliseconds, readClock } from './runtime/clock.js'
import type { Scopes } from './scope/vocabulary.js'
import { type Eventual, whenReady } from './shared/eventual.js'
import { anonymous } from './verify/anonymous.js'
import { chooseVerifier } from './verify/choose-verifier.js'
import type { UnjudgedCredential } from './verify/verifier.js'

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
  /**
   * The network that a request comes from, as this gate's `proxy` lets it be known: the `source` of an attempt, where your
   * own handler checks passwords behind a throttle. `unknown` where the platform does not say who connected.
   * @throws ConfigurationError `option_invalid` if there is a proxy without `clientAddressField`
   */
  clientNetwork(request: RequestView): string
}

/** A gate whatever its types: what a deny-by-default mount needs of it. */
export interface RouteGate {
  /** The guard of a route that has no rule: nobody may. 401 without a proven identity, else 403. */
  guardWithoutRule(): Guard<Principal, unknown, undefined>
  /**
   * The document that tells OAuth clients where to get a token (RFC 9728), for an adapter that serves it. From then on
   * challenges name it.
   * @throws ConfigurationError `option_invalid` if no verifier has an issuer with an https URL; `url_invalid`
   */
  serveMetadata(options: MetadataOptions): ServedMetadata
}

/** Both doors of one route. */
export interface Guard<Who, Context, Resource> {
  /** Whether the rule lets strangers in. Such a rule speaks for its own route only, not for what stands behind it. */
  readonly acceptsAnyone: boolean
  /** What the rule asks for, as data for an inventory; null for the guard of a route that has no rule. */
  readonly rule: RuleDescription | null
  /**
   * Decides one request: at once if nothing has to be waited for, such as a token that was verified a moment ago, else by
   * a promise. Never throws or rejects for what a client sends, nor for what a callback throws.
   * @param context handed to the rule's `load` and `allow`; adapters pass the framework's own request or context
   */
  decide(request: RequestView, context: Context): Eventual<Outcome<Who & Principal, Resource>>
}

/**
 * Makes a gate.
 *
 * Does not look at request bodies, limits no rates but those of a verifier's throttle, and knows only the routes that ask it.
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
    clientNetwork(request) {
      assertClientAddress(setup.transport.proxy, 'gate.clientNetwork')
      return clientNetwork(request, setup.transport.proxy)
    },
    guardWithoutRule: () => guardOf(setup, missingRule(setup)),
    serveMetadata: (options) => setup.metadata.serve(options),
  }
}

function guardOf<Who, Context, Resource>(
  setup: GateSetup,
  rule: CheckedRule,
): Guard<Who, Context, Resource> {
  return {
    acceptsAnyone: rule.credential !== 'required',
    rule: describeRule(setup, rule),
    decide(request, context) {
      const hearing = { setup, rule, request, context, now: readClock(setup.clock) }
      const outcome = setup.onEvent === null ? decide(hearing) : reported(hearing)
      // `Rule` tied these types to the verifiers and to `load` when the route was written.
      return outcome as Eventual<Outcome<Who & Principal, Resource>>
    },
  }
}

/** As {@link decide}, and the operator is told. */
function reported(hearing: Hearing): Eventual<Outcome> {
  const start = monotonicMilliseconds()
  return whenReady(decide(hearing), (outcome) => {
    reportDecision(hearing, outcome, monotonicMilliseconds() - start)
    return outcome
  })
}

/** One request before one gate and one rule, at one moment. */
function decide(hearing: Hearing): Eventual<Outcome> {
  const { setup, rule, request, now } = hearing
  if (!Number.isFinite(now)) return cannotJudge(hearing, 'collect', { reason: 'clock_failed' })
  // Not judged at all: an open route looks at nothing, and a preflight never carries a credential.
  if (rule.credential === 'open') return hearResource(hearing, anonymous(), AFTER_THE_DOORS)
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
    return hearResource(hearing, anonymous(), ['collect', 'ambiguity', ...AFTER_THE_DOORS])
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

  // 4 Verify: proven, the credential's fault (401), not looked at (429), or our side's fault (503).
  return whenReady(askVerifier(hearing, chosen, credential), (verification) => {
    reportVerification(hearing, chosen, verification)
    if (verification.kind === 'refused') {
      return refusedCredential(hearing, chosen, credential.kind, verification)
    }
    if (verification.kind === 'throttled') return throttled(verification)
    if (verification.kind === 'unavailable') return cannotJudge(hearing, 'verify', verification)
    const { principal, dpopNonce } = verification

    // 5 Revocation, from memory.
    const revocation = judgeRevocation(hearing, principal)
    if (revocation === 'revoked') {
      return refusedCredential(hearing, chosen, credential.kind, { reason: 'revoked' })
    }
    if (revocation !== 'standing') return cannotJudge(hearing, 'revocation', revocation)

    // 6 CSRF, only for credentials that a browser sends by itself.
    if (isCrossSite(request, credential.kind, setup.trustedOrigins)) {
      return denied('cross_site_request', false, STEPS)
    }

    // 7 Scopes, before anything is loaded.
    const scopes = setup.scopes.judge(principal.grant, rule.requirement)
    if (scopes.kind === 'insufficient') {
      return insufficientScope(hearing, chosen, credential.kind, principal.grant, scopes.missing)
    }

    // 8 Step-up: is the login recent and strong enough?
    const login = judgeLogin(rule.login, principal, now)
    if (login !== 'satisfied') {
      return insufficientLogin(hearing, chosen, credential.kind, login)
    }

    // 9 Load the resource, then ask whether this principal may touch it.
    return hearResource(hearing, principal, STEPS, dpopNonce)
  })
}

/** Steps 9 and 10: the resource, the policy, the grant. */
function hearResource(
  hearing: Hearing,
  principal: Principal,
  way: Way,
  dpopNonce?: string,
): Eventual<Outcome> {
  const { rule, context } = hearing
  if (rule.missing) return denied('rule_missing', false, way)
  return whenReady(judgeResource(rule, principal, context), (judgement) => {
    switch (judgement.kind) {
      case 'permitted':
        return granted(principal, judgement.resource, way, dpopNonce)
      case 'absent':
        return absent(way)
      case 'denied':
        // Who has not said who they are can still do so: that is what a challenge is for.
        return principal.kind === 'anonymous' && rule.credential === 'optional' && !rule.hide
          ? unauthenticated(hearing, 'credential_missing')
          : denied('policy_denied', rule.hide, way)
      case 'failed':
        return cannotJudge(hearing, judgement.step, { reason: 'policy_failed', ...judgement }, way)
    }
  })
}

function problemOf({ setup, request }: Hearing, presented: Presented): Problem | null {
  const problem = presented.kind === 'problem' ? presented : null
  const isClear = presented.kind !== 'none' && !isConfidential(request, setup.transport)
  // Both are leaks; one that will also stand in logs is the louder.
  if (!isClear || problem?.problem === 'credential_in_url') return problem
  const credential = presented.kind === 'credential' ? presented.credential : null
  return {
    kind: 'problem',
    problem: 'credential_over_cleartext',
    used: credential === null ? (problem?.used ?? []) : [credential.kind],
    ...(credential === null || credential.kind === 'basic' ? {} : { leaked: textOf(credential) }),
  }
}

function cannotJudge(hearing: Hearing, step: Step, failure: Unjudged, way: Way = STEPS): Outcome {
  reportFailure(hearing, failure.reason, failure.cause)
  return unavailable(step, failure.reason, failure.retryAfterSeconds, way)
}

/** The steps of a request whose credential is not looked at. */
const AFTER_THE_DOORS: Way = ['load', 'allow']

/** Why something could not be judged. */
type Unjudged = Omit<UnjudgedCredential, 'kind'>

type Problem = Extract<Presented, { readonly kind: 'problem' }>

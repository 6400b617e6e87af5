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
  denied,
  insufficientLogin,
  insufficientScope,
  invalidRequest,
  preflight,
  refusedCredential,
  throttled,
  unauthenticated,
} from './gate/answers.js'
import { askVerifier } from './gate/ask-verifier.js'
import { cannotJudge } from './gate/cannot-judge.js'
import { checkedOptions, type GateOptions, type GateSetup } from './gate/checked-options.js'
import {
  type CheckedRule,
  checkedRule,
  missingRule,
  type UncheckedRule,
} from './gate/checked-rule.js'
import { hearResource } from './gate/hear-resource.js'
import type { Hearing } from './gate/hearing.js'
import { judgeRevocation } from './gate/judge-revocation.js'
import { reportDecision, reportLeak, reportVerification } from './gate/report.js'
import type { MetadataOptions, ServedMetadata } from './gate/resource-metadata.js'
import { describeRule, type RuleDescription } from './gate/rule-description.js'
import { WITH_POLICY, WITHOUT_POLICY } from './gate/way.js'
import type { Outcome } from './outcome/outcome.js'
import type { Attributes } from './policy/condition/attributes.js'
import type { ResourceTypes } from './policy/definition/policy-definition.js'
import { judgeLogin } from './policy/route/judge-login.js'
import type {
  AcceptedPrincipal,
  AcceptName,
  NoTypes,
  PrincipalsByName,
  Rule,
  RulePermissions,
} from './policy/route/rule.js'
import type { Principal } from './principal/principal.js'
import { monotonicMilliseconds, readClock } from './runtime/clock.js'
import type { Scopes } from './scope/vocabulary.js'
import { type Eventual, whenReady } from './shared/eventual.js'
import { anonymous } from './verify/anonymous.js'
import { chooseVerifier } from './verify/choose-verifier.js'

/** Decides requests: the object that rules are checked against and adapters ask. Made by {@link createGate}. */
export interface Gate<
  Name extends string = string,
  Principals extends PrincipalsByName = PrincipalsByName,
  Types extends ResourceTypes = ResourceTypes,
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
    Type extends keyof Types & string = never,
  >(
    rule: Rule<Name, Principals, Accepted, Context, Resource, Types, Type>,
  ): Guard<
    AcceptedPrincipal<Principals, Accepted>,
    Context,
    Resource,
    RulePermissions<Name, Types, Type>
  >
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
  guardWithoutRule(): Guard<Principal, unknown, undefined, undefined>
  /**
   * The document that tells OAuth clients where to get a token (RFC 9728), for an adapter that serves it. From then on
   * challenges name it.
   * @throws ConfigurationError `option_invalid` if no verifier has an issuer with an https URL; `url_invalid`
   */
  serveMetadata(options: MetadataOptions): ServedMetadata
}

/** Both doors of one route. */
export interface Guard<Who, Context, Resource, Permissions = unknown> {
  /** Whether the rule lets strangers in. Such a rule speaks for its own route only, not for what stands behind it. */
  readonly acceptsAnyone: boolean
  /** What the rule asks for, as data for an inventory; null for the guard of a route that has no rule. */
  readonly rule: RuleDescription | null
  /**
   * Decides one request: at once if nothing has to be waited for, such as a token that was verified a moment ago, else by
   * a promise. Never throws or rejects for what a client sends, nor for what a callback throws.
   * @param context handed to the rule's `load` and `allow`; adapters pass the framework's own request or context
   */
  decide(
    request: RequestView,
    context: Context,
  ): Eventual<Outcome<Who & Principal, Resource, Permissions>>
}

/**
 * Makes a gate.
 *
 * Does not look at request bodies, limits no rates but those of a verifier's throttle, and knows only the routes that ask it.
 *
 * @throws ConfigurationError when the options are incomplete, contradictory or unsafe
 */
export function createGate<
  const Principals extends PrincipalsByName,
  Name extends string = never,
  Types extends ResourceTypes = NoTypes,
  PrincipalAttributes extends Attributes = NoTypes,
  ContextAttributes extends Attributes = NoTypes,
  Roles extends string = never,
>(
  options: GateOptions<Name, Principals, Types, PrincipalAttributes, ContextAttributes, Roles>,
): Gate<Name, Principals, Types> {
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

function guardOf<Who, Context, Resource, Permissions>(
  setup: GateSetup,
  rule: CheckedRule,
): Guard<Who, Context, Resource, Permissions> {
  return {
    acceptsAnyone: rule.credential !== 'required',
    rule: describeRule(setup, rule),
    decide(request, context) {
      const hearing = { setup, rule, request, context, now: readClock(setup.clock) }
      const outcome = setup.onEvent === null ? decide(hearing) : reported(hearing)
      // `Rule` tied these types to the verifiers, to `load` and to `type` when the route was written.
      return outcome as Eventual<Outcome<Who & Principal, Resource, Permissions>>
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
  const ways = rule.question === null ? WITHOUT_POLICY : WITH_POLICY
  if (!Number.isFinite(now)) return cannotJudge(hearing, 'collect', { reason: 'clock_failed' })
  // Not judged at all: an open route looks at nothing, and a preflight never carries a credential.
  if (rule.credential === 'open') return hearResource(hearing, anonymous(), ways.open)
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
    return hearResource(hearing, anonymous(), ways.bare)
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
      return denied('csrf', 'cross_site_request', false, ways.whole)
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

    // 9 Load the resource, then ask the policy and the rule whether this principal may touch it.
    return hearResource(hearing, principal, ways.whole, dpopNonce)
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

type Problem = Extract<Presented, { readonly kind: 'problem' }>

/** Fastify 5: build a view, ask the gate, hand on or answer. No rule of its own. */
import type {
  FastifyPluginCallback,
  FastifyReply,
  FastifyRequest,
  onRequestHookHandler,
  RouteGenericInterface,
} from 'fastify'
import { ConfigurationError } from '../errors.js'
import type { Gate, Guard, RouteGate } from '../gate.js'
import { viewNodeRequest } from '../http/request-view.js'
import type { Granted, Outcome } from '../outcome/outcome.js'
import type { ResourceTypes } from '../policy/definition/policy-definition.js'
import type {
  AcceptedPrincipal,
  AcceptName,
  NoTypes,
  PrincipalsByName,
  Rule,
  RulePermissions,
} from '../policy/route/rule.js'
import type { Principal } from '../principal/principal.js'
import { hooksOf, recordBarring, recordRoutes } from './fastify-inventory.js'
import { refuse, setGrantFields } from './fastify-reply.js'
import { markRule } from './inventory-mark.js'
import { keepGrant, keptGrant } from './kept-grant.js'
import { isDecided, markDecided } from './protected-mark.js'

export { inventory, takeInventory } from './fastify-inventory.js'
export { serveKeys } from './fastify-keys.js'
export { serveMetadata } from './fastify-metadata.js'

/** A route handler that is told who was let in, and to what. */
export type GrantedHandler<
  Who extends Principal,
  Resource,
  Req = FastifyRequest,
  Permissions = unknown,
> = (request: Req, reply: FastifyReply, granted: Granted<Who, Resource, Permissions>) => unknown

/** The options of a protected route; spread them beside your own, such as `schema`. */
export interface ProtectedRoute {
  readonly onRequest: onRequestHookHandler
  readonly handler: (request: FastifyRequest, reply: FastifyReply) => unknown
}

/**
 * Protects a route: `app.get('/users', protect(gate, rule, (request, reply, { principal }) => ...))`.
 *
 * The gate is asked in `onRequest`, before the body is read. Other `onRequest` hooks of the route go into an array
 * before or after it.
 *
 * @throws ConfigurationError for a rule that does not fit the gate
 */
export function protect<
  Name extends string,
  Principals extends PrincipalsByName,
  Accepted extends AcceptName<Principals> = keyof Principals & string,
  Resource = undefined,
  Route extends RouteGenericInterface = RouteGenericInterface,
  Types extends ResourceTypes = NoTypes,
  Type extends keyof Types & string = never,
>(
  gate: Gate<Name, Principals, Types>,
  rule: Rule<
    NoInfer<Name>,
    Principals,
    Accepted,
    FastifyRequest<Route>,
    Resource,
    NoInfer<Types>,
    Type
  >,
  handler: GrantedHandler<
    AcceptedPrincipal<Principals, Accepted>,
    Resource,
    FastifyRequest<Route>,
    RulePermissions<Name, Types, Type>
  >,
): ProtectedRoute {
  type Who = AcceptedPrincipal<Principals, Accepted>
  type Permissions = RulePermissions<Name, Types, Type>
  const guard = gate.guard<Accepted, FastifyRequest<Route>, Resource, Type>(rule)
  return {
    onRequest: hookOf(guard),
    handler(request, reply) {
      const grant = keptGrant(request, guard)
      // INVARIANT: the hook above ran first. If someone took it out of the route, the handler must not run.
      if (grant === null) throw notGranted()
      // What this guard has granted is of the types that it has.
      return handler(
        request as FastifyRequest<Route>,
        reply,
        grant as Granted<Who, Resource, Permissions>,
      )
    },
  }
}

/**
 * Refuses every route that has no rule: `app.register(denyByDefault, { gate })`.
 *
 * It judges the routes of the application, or of the plugin, that it is registered in and of the plugins within, whether
 * they come before it or after. It asks before a body is read; the not-found handler is left alone.
 */
export const denyByDefault: FastifyPluginCallback<{ readonly gate: RouteGate }> = Object.assign(
  ((app, { gate }, done) => {
    recordRoutes(app)
    recordBarring(app)
    const deny = hookOf(gate.guardWithoutRule())
    // After every `onRequest`, where `protect` asks: a request that no gate has granted by now has met no rule.
    app.addHook('preParsing', (request, reply, _payload, next) => {
      if (request.is404 || isDecided(request)) next()
      else deny.call(app, request, reply, next)
    })
    done()
  }) satisfies FastifyPluginCallback<{ readonly gate: RouteGate }>,
  // What fastify-plugin would set: the hook is for the routes beside this plugin, not for those inside it.
  { [Symbol.for('skip-override')]: true, [Symbol.for('fastify.display-name')]: 'sallyport' },
)

function hookOf<Who extends Principal, Route extends RouteGenericInterface, Resource>(
  guard: Guard<Who, FastifyRequest<Route>, Resource>,
): onRequestHookHandler {
  const hook: onRequestHookHandler = function (request, reply, done) {
    // A rule for anyone that stands before a whole plugin speaks for none of its routes.
    const speaks = !guard.acceptsAnyone || !hooksOf(this).includes(hook)
    const conclude = (outcome: Outcome<Who, Resource>): void => {
      if (outcome.kind !== 'granted') {
        refuse(reply, outcome)
        return
      }
      setGrantFields(reply, outcome)
      keepGrant(request, guard, outcome)
      if (speaks) markDecided(request)
      done()
    }
    const view = viewNodeRequest(request.raw, { url: request.originalUrl })
    const decided = guard.decide(view, request as FastifyRequest<Route>) // the route's own request type
    if (decided instanceof Promise) decided.then(conclude).catch(done)
    else conclude(decided)
  }
  return markRule(hook, guard)
}

function notGranted(): ConfigurationError {
  return new ConfigurationError(
    'not_granted',
    'No gate has granted this request: keep the onRequest hook of protect(...) in the route.',
  )
}

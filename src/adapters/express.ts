/** Express 5: build a view, ask the gate, hand on or answer. No rule of its own. */
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { ConfigurationError } from '../errors.js'
import type { Gate, Guard, RouteGate } from '../gate.js'
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
import { refuse, setGrantFields } from './express-response.js'
import { barBareRoutes } from './express-route.js'
import { viewExpressRequest } from './express-view.js'
import { markBarring, markRule } from './inventory-mark.js'
import { keepGrant, keptGrant } from './kept-grant.js'
import { isDecided, markDecided, markProtected } from './protected-mark.js'

export { type InventoryOptions, inventory } from './express-inventory.js'
export { serveKeys } from './express-keys.js'
export { serveMetadata } from './express-metadata.js'

/** A route handler that is told who was let in, and to what. Its return value and errors are Express's business. */
export type GrantedHandler<
  Who extends Principal,
  Resource,
  Req = Request,
  Permissions = unknown,
> = (
  request: Req,
  response: Response,
  granted: Granted<Who, Resource, Permissions>,
  next: NextFunction,
) => unknown

/**
 * Protects a route: `app.get('/users', protect(gate, rule, (request, response, { principal }) => ...))`.
 *
 * Without a handler it is a middleware that goes before others; they read the grant with {@link grantOf}. A preflight is
 * answered 204 without CORS fields, and nothing behind it runs: mount CORS before.
 *
 * @throws ConfigurationError for a rule that does not fit the gate
 */
export function protect<
  Name extends string,
  Principals extends PrincipalsByName,
  Accepted extends AcceptName<Principals> = keyof Principals & string,
  Resource = undefined,
  Types extends ResourceTypes = NoTypes,
  Type extends keyof Types & string = never,
>(
  gate: Gate<Name, Principals, Types>,
  rule: Rule<NoInfer<Name>, Principals, Accepted, Request, Resource, NoInfer<Types>, Type>,
  handler?: GrantedHandler<
    AcceptedPrincipal<Principals, Accepted>,
    Resource,
    Request,
    RulePermissions<Name, Types, Type>
  >,
): RequestHandler {
  return middlewareOf(gate.guard<Accepted, Request, Resource, Type>(rule), handler)
}

/**
 * Refuses every route that has no rule: mount it with `app.use(denyByDefault(gate))` before the routes.
 *
 * It judges routes, also those of routers below. Before the `protect` of a route there may only be handlers that take
 * three parameters, as a middleware does: one that takes fewer answers. What is mounted with `app.use` and answers by
 * itself, such as `express.static`, is not a route: put `protect(gate, rule)` before it.
 */
export function denyByDefault(gate: RouteGate): RequestHandler {
  const refuseBare = middlewareOf(gate.guardWithoutRule())
  // A middleware before the route may have asked a gate for this request, though the route itself has no rule.
  const deny: RequestHandler = markProtected((request, response, next) =>
    isDecided(request) ? next() : refuseBare(request, response, next),
  )
  const mount: RequestHandler = (request, _response, next) => {
    barBareRoutes(request, deny)
    next()
  }
  return markBarring(mount)
}

/**
 * What a gate granted to this request.
 *
 * @throws ConfigurationError `not_granted` if no `protect` stands before the code that asks
 */
export function grantOf(request: Request): Granted {
  const granted = keptGrant(request)
  if (granted !== null) return granted
  throw new ConfigurationError(
    'not_granted',
    'No gate has granted this request: put protect(...) before this handler.',
  )
}

function middlewareOf<Who extends Principal, Resource, Permissions>(
  guard: Guard<Who, Request, Resource, Permissions>,
  handler?: GrantedHandler<Who, Resource, Request, Permissions>,
): RequestHandler {
  const conclude = (
    outcome: Outcome<Who, Resource, Permissions>,
    request: Request,
    response: Response,
    next: NextFunction,
  ): unknown => {
    // Someone else has answered meanwhile, a timeout for example: nothing is left to set, and the handler does not run.
    if (response.headersSent) return undefined
    if (outcome.kind !== 'granted') return refuse(response, outcome)
    setGrantFields(response, outcome)
    keepGrant(request, guard, outcome)
    if (!guard.acceptsAnyone) markDecided(request)
    return handler === undefined ? next() : handler(request, response, outcome, next)
  }
  const middleware = (request: Request, response: Response, next: NextFunction) => {
    const decided = guard.decide(viewExpressRequest(request), request)
    return decided instanceof Promise
      ? decided.then((outcome) => conclude(outcome, request, response, next))
      : conclude(decided, request, response, next)
  }
  return markRule(markProtected(middleware), guard)
}

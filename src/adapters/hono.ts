/** Hono 4: build a view, ask the gate, hand on or answer. No rule of its own. */
import type { Context, MiddlewareHandler } from 'hono'
import type { StatusCode } from 'hono/utils/http-status'
import type { Gate, Guard, RouteGate } from '../gate.js'
import { connectionOf } from '../http/connection.js'
import { viewFetchRequest } from '../http/request-view.js'
import { addedLinesOfGrant, fieldsOfGrant, respond } from '../http/respond.js'
import type { Refusal } from '../outcome/outcome.js'
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
import { isServedToAnyone } from './hono-metadata.js'
import { isGuarded, isOfItsRoute, markAccepting } from './hono-route.js'
import { markBarring, markRule } from './inventory-mark.js'
import { isDecided, markDecided, markProtected } from './protected-mark.js'

export { inventory } from './hono-inventory.js'
export { serveKeys } from './hono-keys.js'
export { serveMetadata } from './hono-metadata.js'

/** What a protected handler finds in `c.var`. */
export interface GrantedEnv<Who extends Principal, Resource, Permissions = undefined> {
  readonly Variables: {
    readonly principal: Who
    readonly resource: Resource
    readonly permissions: Permissions
  }
}

/**
 * Protects a route: `app.get('/users', protect(gate, rule), (c) => c.json({ id: c.var.principal.subject }))`.
 *
 * A preflight is answered 204 without CORS fields, and the handler does not run: mount `cors()` before.
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
  rule: Rule<NoInfer<Name>, Principals, Accepted, Context, Resource, NoInfer<Types>, Type>,
): MiddlewareHandler<
  GrantedEnv<AcceptedPrincipal<Principals, Accepted>, Resource, RulePermissions<Name, Types, Type>>
> {
  return middlewareOf(gate.guard<Accepted, Context, Resource, Type>(rule))
}

/**
 * Refuses every route that has no rule: `app.use(denyByDefault(gate))` before the routes.
 *
 * It looks at the handlers that Hono matched, in their order: before the first one that asks a gate there may only be
 * middlewares. Where a middleware answers by itself after all, its answer does not leave. A path without any handler is
 * refused as well.
 */
export function denyByDefault(gate: RouteGate): MiddlewareHandler {
  const deny = middlewareOf(gate.guardWithoutRule())
  const mount: MiddlewareHandler = async (c, next) => {
    if (!isGuarded(c.req.matchedRoutes) && !isServedToAnyone(c)) return deny(c, next)
    await next()
    if (isDecided(c)) return undefined
    // Nobody will read it: a file behind it would stay open.
    c.res.body?.cancel().catch(() => {})
    // No field of the answer that is taken back may stay.
    c.res = undefined
    c.res = new Response(null)
    const refusal = await deny(c, next)
    c.res = refusal as Response // a guard without a rule never grants
    return undefined
  }
  return markBarring(mount)
}

function middlewareOf<Who extends Principal, Resource, Permissions>(
  guard: Guard<Who, Context, Resource, Permissions>,
): MiddlewareHandler<GrantedEnv<Who, Resource, Permissions>> {
  const middleware: MiddlewareHandler<GrantedEnv<Who, Resource, Permissions>> = async (c, next) => {
    const isOpen = guard.acceptsAnyone && !isOfItsRoute(c.req.matchedRoutes, c.req.routeIndex)
    const outcome = await guard.decide(
      viewFetchRequest(c.req.raw, connectionOf(c.env, c.req.raw)),
      c,
    )
    if (outcome.kind !== 'granted' || !isOpen) markDecided(c)
    if (outcome.kind !== 'granted') return refuse(c, outcome)
    c.set('principal', outcome.principal)
    c.set('resource', outcome.resource)
    // Also where there are none: those of an outer rule are for its own question.
    c.set('permissions', outcome.permissions)
    await next()
    // A network error, from a fetch that is handed on, has no fields; a copy of it would be a success.
    if (c.res.status === 0) return undefined
    // Afterwards, so that it also reaches a `Response` that the handler has made by itself.
    for (const [name, value] of fieldsOfGrant(outcome)) {
      if (!c.res.headers.has(name)) setField(c, name, value)
    }
    for (const [name, value] of addedLinesOfGrant(outcome)) c.header(name, value, { append: true })
    return undefined
  }
  if (guard.acceptsAnyone) markAccepting(middleware)
  return markRule(markProtected(middleware), guard)
}

/** `c.header` alone would do, but it copies every response, also one whose fields can be set. */
function setField(c: Context, name: string, value: string): void {
  try {
    c.res.headers.set(name, value)
  } catch {
    c.header(name, value) // the platform has sealed the fields: of a fetched response, or a redirect
  }
}

function refuse(c: Context, refusal: Refusal): Response {
  const { status, fields, addedLines, body } = respond(refusal)
  for (const [name, value] of fields) c.header(name, value)
  for (const [name, value] of addedLines) c.header(name, value, { append: true })
  return c.newResponse(body === '' ? null : body, status as StatusCode) // one of `respond`'s own
}

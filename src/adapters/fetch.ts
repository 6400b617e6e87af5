/** Plain fetch (`Request` in, `Response` out): build a view, ask the gate, hand on or answer. No rule of its own. */
import type { Gate, Guard, RouteGate } from '../gate.js'
import { connectionOf } from '../http/connection.js'
import { viewFetchRequest } from '../http/request-view.js'
import { addedLinesOfGrant, fieldsOfGrant, respond } from '../http/respond.js'
import type { Granted, Refusal } from '../outcome/outcome.js'
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
import { markRule } from './inventory-mark.js'
import { isProtected, markProtected } from './protected-mark.js'

export { inventory } from './fetch-inventory.js'
export { serveKeys } from './fetch-keys.js'
export { serveMetadata } from './fetch-metadata.js'

/** A handler that is told who was let in, and to what. `rest` is what the platform passes besides the request. */
export type GrantedHandler<
  Who extends Principal,
  Resource,
  Rest extends readonly unknown[],
  Permissions = unknown,
> = (
  request: Request,
  granted: Granted<Who, Resource, Permissions>,
  ...rest: Rest
) => Response | Promise<Response>

/** What a server such as `Bun.serve`, `Deno.serve` or a Worker calls. Errors of the handler are passed on. */
export type FetchHandler<Rest extends readonly unknown[]> = (
  request: Request,
  ...rest: Rest
) => Promise<Response>

/**
 * Protects a handler: `protect(gate, rule, (request, { principal }) => Response.json({ id: principal.subject }))`.
 *
 * A preflight is answered 204 without CORS fields, and the handler does not run.
 *
 * @throws ConfigurationError for a rule that does not fit the gate
 */
export function protect<
  Name extends string,
  Principals extends PrincipalsByName,
  Accepted extends AcceptName<Principals> = keyof Principals & string,
  Resource = undefined,
  Rest extends readonly unknown[] = [],
  Types extends ResourceTypes = NoTypes,
  Type extends keyof Types & string = never,
>(
  gate: Gate<Name, Principals, Types>,
  rule: Rule<NoInfer<Name>, Principals, Accepted, Request, Resource, NoInfer<Types>, Type>,
  handler: GrantedHandler<
    AcceptedPrincipal<Principals, Accepted>,
    Resource,
    Rest,
    RulePermissions<Name, Types, Type>
  >,
): FetchHandler<Rest> {
  return handlerOf(gate.guard<Accepted, Request, Resource, Type>(rule), handler)
}

/**
 * Serves the handlers that `route` picks, and refuses every one that `protect` has not made.
 *
 * @param route picks the handler for a request, without answering it; undefined if there is none (answered 404)
 */
export function denyByDefault<Rest extends readonly unknown[] = []>(
  gate: RouteGate,
  route: (request: Request) => FetchHandler<Rest> | undefined,
): FetchHandler<Rest> {
  const deny = handlerOf<Principal, undefined, Rest, undefined>(
    gate.guardWithoutRule(),
    () => new Response(null),
  )
  return async (request, ...rest) => {
    const handler = route(request)
    if (handler === undefined) return answer(request, ABSENT)
    return isProtected(handler) ? handler(request, ...rest) : deny(request, ...rest)
  }
}

function handlerOf<Who extends Principal, Resource, Rest extends readonly unknown[], Permissions>(
  guard: Guard<Who, Request, Resource, Permissions>,
  handler: GrantedHandler<Who, Resource, Rest, Permissions>,
): FetchHandler<Rest> {
  const protectedHandler: FetchHandler<Rest> = async (request, ...rest) => {
    const outcome = await guard.decide(
      viewFetchRequest(request, connectionOf(rest[0], request)),
      request,
    )
    if (outcome.kind !== 'granted') return answer(request, outcome)
    return withFields(await handler(request, outcome, ...rest), outcome)
  }
  return markRule(markProtected(protectedHandler), guard)
}

/** The response with those fields of a grant that it does not have yet; a copy if the platform has sealed its fields. */
function withFields(response: Response, granted: Granted): Response {
  // Bun has answered by itself after an upgrade and passes undefined on; a network error (status 0) has no fields.
  if (!(response instanceof Response) || response.status === 0) return response
  const missing = fieldsOfGrant(granted).filter(([name]) => !response.headers.has(name))
  const added = addedLinesOfGrant(granted)
  const setAll = ({ headers }: Response): void => {
    for (const [name, value] of missing) headers.set(name, value)
    for (const [name, value] of added) headers.append(name, value)
  }
  try {
    setAll(response)
    return response
  } catch {
    const copy = new Response(response.body, response)
    setAll(copy)
    return copy
  }
}

function answer(request: Request, refusal: Refusal): Response {
  const { status, fields, addedLines, body } = respond(refusal)
  const response = new Response(body === '' || request.method === 'HEAD' ? null : body, { status })
  for (const [name, value] of fields) response.headers.set(name, value)
  for (const [name, value] of addedLines) response.headers.append(name, value)
  return response
}

const ABSENT: Refusal = { kind: 'absent', reason: 'resource_absent', trace: [] }

import type { Context } from 'hono'
import { expectTypeOf } from 'vitest'
import * as z from 'zod'
import * as onExpress from '../../src/adapters/express.js'
import * as onFastify from '../../src/adapters/fastify.js'
import * as onFetch from '../../src/adapters/fetch.js'
import * as onHono from '../../src/adapters/hono.js'
import {
  type AnonymousPrincipal,
  type ApplicationPrincipal,
  apiKey,
  authenticated,
  createGate,
  defineScopes,
  jwtBearer,
  type UserPrincipal,
} from '../../src/index.js'

declare const trust: {
  issuer: string
  audience: string
  algorithms: readonly ['ES256']
  keys: { keys: [] }
}

const gate = createGate({
  resource: 'https://api.example.com',
  scopes: defineScopes({ resources: { users: ['read', 'delete'] } }),
  verifiers: {
    user: jwtBearer({ ...trust, claims: z.object({ tenant: z.string() }) }),
    service: jwtBearer({ ...trust, principal: 'application', cookie: 'service' }),
    machine: apiKey({ prefix: 'acme', store: { find: () => null } }),
  },
})
type User = UserPrincipal<{ tenant: string }>

// `accept` decides the principal's type.
onFetch.protect(gate, { accept: 'user', scopes: 'users:read' }, (_request, { principal }) => {
  expectTypeOf(principal).toEqualTypeOf<User>()
  return Response.json(principal.claims.tenant)
})
onFetch.protect(gate, { accept: 'machine', scopes: authenticated() }, (_request, { principal }) => {
  expectTypeOf(principal).toEqualTypeOf<ApplicationPrincipal>()
  // @ts-expect-error an API key identifies an application, never a user
  return Response.json(principal.subject)
})
onFetch.protect(
  gate,
  { accept: ['user', 'machine'], scopes: authenticated() },
  (_request, { principal }) => {
    expectTypeOf(principal).toEqualTypeOf<User | ApplicationPrincipal>()
    return new Response()
  },
)
onFetch.protect(gate, { accept: 'anyone' }, (_request, { principal }) => {
  expectTypeOf(principal).toEqualTypeOf<AnonymousPrincipal>()
  return new Response()
})
onFetch.protect(gate, { accept: ['anyone', 'user'] }, (_request, { principal }) => {
  expectTypeOf(principal).toEqualTypeOf<AnonymousPrincipal | User>()
  return new Response()
})
onFetch.protect(gate, { scopes: 'users:read' }, (_request, { principal }) => {
  expectTypeOf(principal).toEqualTypeOf<User | ApplicationPrincipal>()
  return new Response()
})

// What a rule gets wrong does not compile.
// @ts-expect-error not a scope of the vocabulary
gate.guard({ accept: 'user', scopes: 'users:write' })
// @ts-expect-error not a verifier of the gate
gate.guard({ accept: 'robot', scopes: 'users:read' })
// @ts-expect-error a rule must say which scopes it needs
gate.guard({ accept: 'user' })
// @ts-expect-error anyone has no scopes
gate.guard({ accept: 'anyone', scopes: 'users:read' })
// @ts-expect-error a bare list of scopes says neither all nor any
gate.guard({ accept: 'user', scopes: ['users:read'] })
const unscoped = createGate({
  resource: 'https://a.example',
  verifiers: { user: jwtBearer(trust) },
})
unscoped.guard({
  // @ts-expect-error a gate without a vocabulary has no scopes
  scopes: 'a:b',
})

// Nor does it through an adapter: the vocabulary is the gate's, and a rule cannot add a name to it.
const typo = { accept: 'user', scopes: 'users:raed' } as const
const other = { accept: 'robot', scopes: 'users:read' } as const
// @ts-expect-error not a scope of the vocabulary
onFetch.protect(gate, typo, () => new Response())
// @ts-expect-error not a scope of the vocabulary
onHono.protect(gate, typo)
// @ts-expect-error not a scope of the vocabulary
onExpress.protect(gate, typo)
// @ts-expect-error not a scope of the vocabulary
onFastify.protect(gate, typo, () => ({}))
// @ts-expect-error not a verifier of the gate
onFetch.protect(gate, other, () => new Response())
// @ts-expect-error not a verifier of the gate
onHono.protect(gate, other)
// @ts-expect-error not a verifier of the gate
onExpress.protect(gate, other)
// @ts-expect-error not a verifier of the gate
onFastify.protect(gate, other, () => ({}))

// `load` decides the resource's type, in `allow` and in the handler; null and undefined are gone from it.
const owned = {
  accept: 'user',
  scopes: 'users:delete',
} as const
onHono.protect(gate, {
  ...owned,
  load: (c: Context) => (c.req.param('id') === undefined ? null : { id: 'a', owner: 'b' }),
  allow: (who, user) => user.owner === who.subject && who.claims.tenant === user.id,
  hide: true,
})
onFetch.protect(
  gate,
  {
    ...owned,
    load: async (request) => (request.url === '' ? undefined : { id: request.url }),
    allow: (who, user) => user.id === who.subject,
  },
  (_request, { resource }) => {
    expectTypeOf(resource).toEqualTypeOf<{ id: string }>()
    return new Response()
  },
)
onFetch.protect(gate, owned, (_request, { resource }) => {
  expectTypeOf(resource).toEqualTypeOf<undefined>()
  return new Response()
})
onExpress.protect(
  gate,
  {
    ...owned,
    load: (request) => ({ id: request.params['id'] }),
    allow: (who) => who.subject !== '',
  },
  (request, response, { principal, resource }) => {
    expectTypeOf(principal).toEqualTypeOf<User>()
    expectTypeOf(resource.id).toEqualTypeOf<string | string[] | undefined>()
    response.json(request.path)
  },
)
onFastify.protect(
  gate,
  { ...owned, load: (request) => ({ url: request.url }) },
  (request, reply, { principal, resource }) => {
    expectTypeOf(principal).toEqualTypeOf<User>()
    expectTypeOf(resource).toEqualTypeOf<{ url: string }>()
    return reply.send(request.id)
  },
)

// A principal cannot be made by hand.
// @ts-expect-error the brand is missing
const forged: ApplicationPrincipal = {
  kind: 'application',
  issuer: 'me',
  applicationId: 'root',
  grant: gate.scopes.grant('users:delete'),
  credentialId: null,
  expiresAt: null,
}
expectTypeOf(forged).toEqualTypeOf<ApplicationPrincipal>()

// Algorithms outside the table cannot be named.
// @ts-expect-error none is not an algorithm
jwtBearer({ ...trust, algorithms: ['none'] })
// @ts-expect-error the audience cannot be left out
jwtBearer({ issuer: 'a', algorithms: ['ES256'], keys: { keys: [] } })

import type { Context } from 'hono'
import { expectTypeOf } from 'vitest'
import * as onExpress from '../../src/adapters/express.js'
import * as onFastify from '../../src/adapters/fastify.js'
import * as onFetch from '../../src/adapters/fetch.js'
import * as onHono from '../../src/adapters/hono.js'
import {
  type AnonymousPrincipal,
  type ApplicationPrincipal,
  apiKey,
  createGate,
  defineScopes,
  jwtBearer,
  type UserPrincipal,
} from '../../src/index.js'
import { type Asking, definePolicy } from '../../src/policy/index.js'

declare const trust: {
  issuer: string
  audience: string
  algorithms: readonly ['ES256']
  keys: { keys: [] }
}
declare const post: { id: string; author: string; state: 'draft' | 'live' }

const scopes = defineScopes({ resources: { posts: ['read', 'write'], users: ['read'] } })
const policy = definePolicy(scopes, {
  principal: { id: 'string' },
  context: { network: 'string' },
  roles: { reader: ['posts:read'] },
  types: {
    post: { attributes: { author: 'string', state: ['draft', 'live'] } },
    user: { attributes: { id: 'string' } },
  },
  rules: ({ on, principal }) => [
    on('post').allow('live', 'posts:read', ({ state }) => state.eq('live')),
    on('post').allow('own', 'posts:write', ({ author }) => author.eq(principal.id)),
  ],
})
const verifiers = {
  user: jwtBearer(trust),
  machine: apiKey({ prefix: 'acme', store: { find: () => null } }),
}
const options = { resource: 'https://api.example.com', scopes, verifiers } as const
const gate = createGate({
  ...options,
  policy: {
    policy,
    principal: (who) => {
      expectTypeOf(who).toEqualTypeOf<
        UserPrincipal<Readonly<Record<string, unknown>>> | ApplicationPrincipal
      >()
      return { id: who.kind === 'user' ? who.subject : who.applicationId, roles: ['reader'] }
    },
    anonymous: () => ({ roles: ['reader'] }),
    context: () => ({ network: 'here' }),
  },
})
type Permissions = Asking<
  'posts:read' | 'posts:write' | 'users:read',
  {
    readonly post: {
      readonly attributes: { readonly author: 'string'; readonly state: readonly ['draft', 'live'] }
    }
    readonly user: { readonly attributes: { readonly id: 'string' } }
  }
>

// What the policy is told of a principal is what it declares.
createGate({
  ...options,
  policy: {
    policy,
    // @ts-expect-error no such role
    principal: () => ({ id: 'a', roles: ['raeder'] }),
  },
})
createGate({
  ...options,
  policy: {
    policy,
    // @ts-expect-error the id is missing
    principal: () => ({ roles: ['reader'] }),
  },
})
createGate({
  ...options,
  scopes: defineScopes({ resources: { a: ['b'] } }),
  // @ts-expect-error a policy of another vocabulary
  policy: { policy, principal: () => ({ id: 'a' }) },
})

// An action takes the place of scopes, and may stand beside them; the handler gets the permissions, on every adapter.
const rule = { accept: 'user', action: 'posts:write', type: 'post', load: () => post } as const
onFetch.protect(gate, rule, (_request, { principal, resource, permissions }) => {
  expectTypeOf(principal.subject).toEqualTypeOf<string>()
  expectTypeOf(resource).toEqualTypeOf<typeof post>()
  expectTypeOf(permissions).toEqualTypeOf<Permissions>()
  return new Response()
})
onExpress.protect(gate, { ...rule, scopes: 'users:read' }, (_request, _response, granted) => {
  expectTypeOf(granted.permissions).toEqualTypeOf<Permissions>()
})
onFastify.protect(gate, rule, (_request, _reply, { permissions }) => {
  expectTypeOf(permissions).toEqualTypeOf<Permissions>()
})
const onC = onHono.protect(gate, {
  ...rule,
  load: (c: Context) => (c.req.path === '' ? null : post),
})
expectTypeOf(onC).parameter(0).toHaveProperty('var')
declare const c: Parameters<typeof onC>[0]
expectTypeOf(c.var.permissions).toEqualTypeOf<Permissions>()
expectTypeOf(c.var.resource).toEqualTypeOf<typeof post>()
onFetch.protect(
  gate,
  {
    accept: ['anyone', 'user'],
    action: 'posts:read',
    type: 'post',
    load: async (request) => (request.url === '' ? undefined : post),
    allow: (who, { id }) => who.kind === 'anonymous' || who.subject === id,
  },
  (_request, { principal, resource }) => {
    expectTypeOf(principal).toEqualTypeOf<
      AnonymousPrincipal | UserPrincipal<Readonly<Record<string, unknown>>>
    >()
    expectTypeOf(resource).toEqualTypeOf<typeof post>()
    return new Response()
  },
)
onFetch.protect(
  gate,
  { action: 'posts:read', type: 'post', list: true },
  (_request, { permissions, resource }) => {
    expectTypeOf(permissions).toEqualTypeOf<Permissions>()
    expectTypeOf(resource).toEqualTypeOf<undefined>()
    return new Response()
  },
)
onFetch.protect(gate, { scopes: 'posts:read' }, (_request, { permissions }) => {
  expectTypeOf(permissions).toEqualTypeOf<undefined>()
  return new Response()
})

// What a rule gets wrong does not compile.
// @ts-expect-error not a scope of the vocabulary
gate.guard({ action: 'posts:raed', type: 'post' })
// @ts-expect-error not a type of the policy
gate.guard({ action: 'posts:read', type: 'poast' })
// @ts-expect-error an action needs a type
gate.guard({ action: 'posts:read' })
// @ts-expect-error a type needs an action
gate.guard({ scopes: 'posts:read', type: 'post' })
// @ts-expect-error a list is a list of something
gate.guard({ scopes: 'posts:read', list: true })
// @ts-expect-error load gives no post
gate.guard({ action: 'posts:read', type: 'post', load: () => ({ author: 'a' }) })
// @ts-expect-error nor does its promise
gate.guard({ action: 'posts:read', type: 'post', load: async () => ({ author: 1, state: 'live' }) })
// @ts-expect-error a state that there is not
onHono.protect(gate, { ...rule, load: () => ({ author: 'a', state: 'gone' }) })
// @ts-expect-error anyone has no scopes besides the action
gate.guard({ accept: 'anyone', action: 'posts:read', type: 'post', scopes: 'users:read' })
// @ts-expect-error a gate without a policy has no types
createGate(options).guard({ action: 'posts:read', type: 'post' })

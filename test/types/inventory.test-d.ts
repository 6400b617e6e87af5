import { createServer } from 'node:http2'
import express from 'express'
import Fastify from 'fastify'
import { Hono } from 'hono'
import { expectTypeOf } from 'vitest'
import * as onExpress from '../../src/adapters/express.js'
import * as onFastify from '../../src/adapters/fastify.js'
import * as onFetch from '../../src/adapters/fetch.js'
import * as onHono from '../../src/adapters/hono.js'
import {
  assertNoBareRoutes,
  defineScopes,
  type ListedRoute,
  type Requirement,
} from '../../src/index.js'
import { expectLeastPrivilege } from '../../src/testing/index.js'

// Applications and routers, whatever their types.
expectTypeOf(onExpress.inventory(express())).toEqualTypeOf<readonly ListedRoute[]>()
expectTypeOf(onExpress.inventory(express.Router())).toEqualTypeOf<readonly ListedRoute[]>()
onExpress.inventory(express(), { mounted: [express()] })
onFastify.inventory(Fastify())
onFastify.inventory(Fastify({ http2: true, serverFactory: (handler) => createServer(handler) }))
onHono.inventory(new Hono<{ Bindings: { SECRET: string }; Variables: { user: string } }>())
onHono.inventory(new Hono().get('/x', (c) => c.text('x')).basePath('/api'))
onFetch.inventory({ 'GET /users': async () => new Response() })
onFetch.inventory(new Map([['GET /users', async () => new Response()]]))

// @ts-expect-error an application of another framework
onFastify.inventory(new Hono())
// @ts-expect-error an application of another framework
onHono.inventory(Fastify())

declare const route: ListedRoute
if (route.rule !== null) {
  expectTypeOf(route.rule.accept).toEqualTypeOf<readonly string[]>()
  expectTypeOf(route.rule.requirement).toEqualTypeOf<Requirement | null>()
}
// @ts-expect-error it is data about the routes, and changes none of them
route.kind = 'open'
// @ts-expect-error an inventory is not a list of names
assertNoBareRoutes(['GET /users'])

const scopes = defineScopes({ resources: { users: ['read'] }, opaque: ['openid'] })
expectLeastPrivilege({ scopes, routes: [route] })
expectLeastPrivilege({
  scopes,
  routes: [route],
  unused: ['openid'],
  open: ['GET /health'],
  clients: { web: { scope: scopes.grant('users:read'), uses: ['GET /users'] } },
})
// @ts-expect-error a scope that may be unused is one of the vocabulary
expectLeastPrivilege({ scopes, routes: [route], unused: ['open_id'] })
// @ts-expect-error a client that does not say what it uses
expectLeastPrivilege({ scopes, routes: [route], clients: { web: { scope: 'users:read' } } })

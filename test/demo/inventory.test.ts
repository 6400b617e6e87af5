import { assertNoBareRoutes, formatInventory, type ListedRoute, Redacted } from 'sallyport'
import { inventory as inventoryOfExpress } from 'sallyport/express'
import { inventory as inventoryOfFastify } from 'sallyport/fastify'
import { inventory as inventoryOfHono } from 'sallyport/hono'
import { createTestClock, expectLeastPrivilege } from 'sallyport/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createAccounts } from '../../examples/reference-api/accounts.js'
import type { Api } from '../../examples/reference-api/api.js'
import { createData } from '../../examples/reference-api/data.js'
import { createCredentials } from '../../examples/reference-api/demo/credentials.js'
import { openMemory } from '../../examples/reference-api/demo/stores.js'
import { createExpressApp } from '../../examples/reference-api/express.js'
import { createFastifyApp } from '../../examples/reference-api/fastify.js'
import { ACCOUNTS_ISSUER, createApiGate, ISSUER } from '../../examples/reference-api/gate.js'
import { createHonoApp } from '../../examples/reference-api/hono.js'
import { createRules } from '../../examples/reference-api/rules.js'
import { scopes } from '../../examples/reference-api/scopes.js'

let close: () => void = () => {}
const inventories: Record<string, readonly ListedRoute[]> = {}

beforeAll(async () => {
  const api = await createApi()
  const fastify = await createFastifyApp(api)
  await fastify.ready()
  inventories['express'] = inventoryOfExpress(createExpressApp(api))
  inventories['fastify'] = inventoryOfFastify(fastify)
  inventories['hono'] = inventoryOfHono(createHonoApp(api))
}, 60_000)
afterAll(() => close())

describe('the inventory of the reference API', () => {
  it('is the same on every framework', () => {
    const [first, ...others] = Object.values(inventories)
    expect(others).toHaveLength(2)
    for (const other of others) {
      expect(formatInventory(other)).toBe(formatInventory(first ?? []))
      expect(other).toEqual(first)
    }
  })

  it('has every rule of the page of rules at the route that it is for, and no route without', () => {
    const rules = createRules(createData(ISSUER), () => '')
    for (const routes of Object.values(inventories)) {
      expect(routes.map(({ name }) => name).sort()).toEqual(Object.keys(rules).sort())
      assertNoBareRoutes(routes)
    }
  })

  it('lets nobody in by mistake, and its clients need no more than they are granted', () => {
    expectLeastPrivilege({
      scopes,
      routes: inventories['hono'] ?? [],
      open: ['GET /health', 'POST /login', 'POST /refresh'],
      clients: {
        station: { scope: 'weather:read', uses: ['GET /weather'] },
        reader: { scope: 'posts:read', uses: ['GET /health', 'GET /posts', 'GET /posts/:id'] },
      },
    })
  })
})

async function createApi(): Promise<Api> {
  const clock = createTestClock()
  const [credentials, { store }] = await Promise.all([createCredentials(clock), openMemory()])
  const keyEncryptionKey = new Redacted(crypto.getRandomValues(new Uint8Array(32)))
  const accounts = await createAccounts({
    store,
    keyEncryptionKey,
    users: credentials.users,
    clock,
  })
  close = () => accounts.close()
  const { keys } = accounts // the identity provider has others; nobody asks for a token here
  const data = createData(ISSUER)
  const sources = {
    ...credentials,
    keys,
    accounts: { ...accounts, issuer: ACCOUNTS_ISSUER },
    directory: data.directory,
  }
  return { gate: createApiGate(sources, { clock }), data, accounts }
}

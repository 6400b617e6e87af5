import cors from '@fastify/cors'
import Fastify, { type FastifyInstance, type FastifyPluginAsync } from 'fastify'
import { describe, expect, it } from 'vitest'
import { denyByDefault, inventory, protect, takeInventory } from '../../src/adapters/fastify.js'
import { createGate } from '../../src/gate.js'
import { authenticated } from '../../src/scope/requirement.js'
import { stubBearer } from '../support/stub-verifiers.js'

const gate = createGate({ resource: 'https://api.example.com', verifiers: { user: stubBearer() } })
const guarded = () => protect(gate, { scopes: authenticated() }, async () => '')
const handler = async () => ''

/** Each route with its kind. */
async function listed(app: FastifyInstance): Promise<readonly string[]> {
  await app.ready()
  return inventory(app).map(({ name, kind }) => `${name} ${kind}`)
}

describe('an inventory that would leave routes out', () => {
  const incomplete = (message: string) =>
    expect.objectContaining({
      code: 'inventory_incomplete',
      message: expect.stringContaining(message),
    })

  it('is refused if nobody has taken it', async () => {
    const app = Fastify()
    app.get('/x', guarded())
    await app.ready()
    expect(() => inventory(app)).toThrow(incomplete('await app.register(takeInventory)'))
  })

  it.each([
    ['takeInventory', takeInventory],
    ['denyByDefault', denyByDefault],
  ])('is refused if there were routes before %s', async (_, plugin) => {
    const app = Fastify()
    app.get('/early', guarded())
    await app.register(plugin, { gate })
    app.get('/late', guarded())
    await app.ready()
    expect(() => inventory(app)).toThrow(incomplete('register it first'))
  })

  it('is refused if the registration was not awaited, for then it comes after the routes', async () => {
    const app = Fastify()
    app.register(takeInventory)
    app.get('/x', guarded())
    await app.ready()
    expect(() => inventory(app)).toThrow(incomplete('await that'))
  })

  it('is refused before the application is ready', async () => {
    const app = Fastify()
    await app.register(takeInventory)
    app.register((child, _options, done) => {
      child.get('/x', guarded())
      done()
    })
    expect(() => inventory(app)).toThrow(incomplete('await app.ready()'))
    expect(await listed(app)).toEqual(['GET /x guarded'])
  })

  it('can be asked for in an onReady hook, so that the start fails', async () => {
    const app = Fastify()
    await app.register(takeInventory)
    app.get('/bare', handler)
    app.addHook('onReady', async () => {
      if (inventory(app).some(({ kind }) => kind === 'bare')) throw new Error('a bare route')
    })
    await expect(app.ready()).rejects.toThrow('a bare route')
  })
})

describe('a route', () => {
  it('has the rules among its onRequest hooks, also those that another plugin has put there', async () => {
    const app = Fastify()
    await app.register(takeInventory)
    const [first, second] = [guarded(), guarded()]
    app.addHook('onRoute', (options) => {
      if (options.url === '/hooked') options.onRequest = first.onRequest
    })
    app.get('/two', { ...second, onRequest: [first.onRequest, second.onRequest] })
    app.get('/hooked', handler)
    await app.ready()
    expect(
      inventory(app).map(({ name, rule, before }) => [name, rule !== null, before.length]),
    ).toEqual([
      ['GET /two', true, 1],
      ['GET /hooked', true, 0],
    ])
  })

  it('is listed once for each of its methods, and HEAD where it is its own', async () => {
    const app = Fastify({ exposeHeadRoutes: true })
    await app.register(takeInventory)
    app.route({ method: ['GET', 'POST'], url: '/x', ...guarded() })
    app.head('/only', guarded())
    app.head('/other', handler)
    app.get('/other', { ...guarded(), exposeHeadRoute: false })
    expect(await listed(app)).toEqual([
      'GET /x guarded',
      'POST /x guarded',
      'HEAD /only guarded',
      'HEAD /other bare',
      'GET /other guarded',
    ])
  })

  it('at the root of a plugin has one name, whatever else Fastify answers there', async () => {
    const app = Fastify()
    await app.register(takeInventory)
    const users: FastifyPluginAsync = async (child) => void child.get('/', guarded())
    app.register(users, { prefix: '/users' })
    expect(await listed(app)).toEqual(['GET /users guarded'])
  })

  it('has the rules of hooks that stand before its plugin and those around it, and of no other', async () => {
    const app = Fastify()
    await app.register(takeInventory)
    const plugin: FastifyPluginAsync = async (child) => {
      child.get('/x', guarded())
      child.addHook('onRequest', guarded().onRequest)
      child.get('/y', handler)
      const below: FastifyPluginAsync = async (deep) => void deep.get('/z', handler)
      child.register(below)
    }
    app.register(plugin)
    app.get('/out', handler)
    await app.ready()
    expect(
      inventory(app).map(
        ({ name, rule, before }) => `${name} ${rule === null ? 0 : before.length + 1}`,
      ),
    ).toEqual(['GET /out 0', 'GET /x 2', 'GET /y 1', 'GET /z 1'])
    expect((await app.inject('/z')).statusCode).toBe(401)
  })

  it('is not open by a hook of its plugin that lets strangers in, and the mount agrees', async () => {
    const app = Fastify()
    await app.register(denyByDefault, { gate })
    app.get('/health', protect(gate, { accept: 'anyone' }, handler))
    const plugin: FastifyPluginAsync = async (child) => {
      child.addHook('onRequest', protect(gate, { accept: 'anyone' }, handler).onRequest)
      child.get('/forgotten', handler)
      const below: FastifyPluginAsync = async (deep) => void deep.get('/below', handler)
      child.register(below)
    }
    await app.register(plugin)
    expect(await listed(app)).toEqual([
      'GET /health open',
      'GET /forgotten barred',
      'GET /below barred',
    ])
    const statusOf = async (url: string) => (await app.inject(url)).statusCode
    expect(await Promise.all(['/health', '/forgotten', '/below'].map(statusOf))).toEqual([
      200, 401, 401,
    ])
  })

  it('is bare, not guarded, if a release of Fastify keeps those hooks elsewhere', async () => {
    const app = Fastify()
    await app.register(takeInventory)
    app.addHook('onRequest', guarded().onRequest)
    app.get('/x', handler)
    await app.ready()
    for (const symbol of Object.getOwnPropertySymbols(app)) {
      if (symbol.description === 'fastify.hooks') Reflect.set(app, symbol, undefined)
    }
    expect(inventory(app).map(({ kind }) => kind)).toEqual(['bare'])
  })
})

describe('beside a CORS plugin', () => {
  it.each(['before', 'after'])('that comes %s the mount, its route is not listed', async (when) => {
    const app = Fastify()
    if (when === 'before') await app.register(cors)
    await app.register(denyByDefault, { gate })
    if (when === 'after') await app.register(cors)
    app.get('/x', guarded())
    expect(await listed(app)).toEqual(['GET /x guarded'])
  })
})

describe('a deny-by-default mount', () => {
  it('bars the routes of its application and of its plugins, wherever they stand', async () => {
    const app = Fastify()
    await app.register(takeInventory)
    const plugin: FastifyPluginAsync = async (child) => void child.get('/x', handler)
    app.get('/early', handler)
    await app.register(plugin, { prefix: '/before' })
    await app.register(denyByDefault, { gate })
    await app.register(plugin, { prefix: '/after' })
    expect(await listed(app)).toEqual([
      'GET /early barred',
      'GET /before/x barred',
      'GET /after/x barred',
    ])
    const statusOf = async (url: string) => (await app.inject(url)).statusCode
    expect(await Promise.all(['/early', '/before/x', '/after/x'].map(statusOf))).toEqual([
      401, 401, 401,
    ])
  })

  it('of a plugin lists and bars what is inside', async () => {
    const app = Fastify()
    await app.register(takeInventory)
    let inside: FastifyInstance | undefined
    const plugin: FastifyPluginAsync = async (child) => {
      inside = child
      await child.register(denyByDefault, { gate })
      child.get('/x', handler)
    }
    await app.register(plugin, { prefix: '/in' })
    app.get('/out', handler)
    expect(await listed(app)).toEqual(['GET /in/x barred', 'GET /out bare'])
    expect(inside && inventory(inside).map(({ name }) => name)).toEqual(['GET /in/x'])
  })
})

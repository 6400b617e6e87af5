import { createServer } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import { Hono, type MiddlewareHandler } from 'hono'
import { jwk } from 'hono/jwk'
import { jwt } from 'hono/jwt'
import type { HonoJsonWebKey } from 'hono/utils/jwt/jws'
import { protect } from 'sallyport/hono'
import { ANSWER, EXPECTED, type GuardedRoute, type Guarding, NAMES, PATH, RULE } from './routes.js'

/** The routes that are compared on Hono. */
export function routesOnHono(guardings: readonly Guarding[]): readonly GuardedRoute[] {
  const noop: MiddlewareHandler = (_c, next) => next()
  return [
    { name: NAMES.bare, server: serve(null), signed: null },
    { name: NAMES.noop, server: serve(noop), signed: null },
    ...guardings.flatMap(guardedBy),
  ]
}

function guardedBy({ signed, cached, uncached, joseCheck }: Guarding): readonly GuardedRoute[] {
  const { algorithm, cryptoKey, jwks } = signed
  const jose: MiddlewareHandler = async (c, next) => {
    try {
      await joseCheck(c.req.header('authorization'))
    } catch {
      return c.body(null, 401)
    }
    return next()
  }
  const verification = { iss: EXPECTED.issuer, aud: EXPECTED.audience, typ: 'at+jwt' }
  const guards: Record<string, MiddlewareHandler> = {
    [NAMES.cached]: protect(cached, RULE),
    [NAMES.uncached]: protect(uncached, RULE),
    [NAMES.jose]: jose,
    'hono jwt': jwt({ secret: cryptoKey, alg: algorithm, verification }),
  }
  if (algorithm !== 'HS256') {
    const keys = jwks.keys.map((key) => ({ ...key }) as HonoJsonWebKey) // no member is undefined
    guards['hono jwk'] = jwk({ keys, alg: [algorithm], verification })
  }
  return Object.entries(guards).map(([name, guard]) => ({
    name: `${name}, ${algorithm}`,
    server: serve(guard),
    signed,
  }))
}

function serve(guard: MiddlewareHandler | null): GuardedRoute['server'] {
  const app = new Hono()
  if (guard === null) app.get(PATH, (c) => c.json(ANSWER))
  else app.get(PATH, guard, (c) => c.json(ANSWER))
  return createServer(getRequestListener(app.fetch))
}

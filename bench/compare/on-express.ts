import { createServer } from 'node:http'
import express, { type Request, type RequestHandler, type Response } from 'express'
import { denyByDefault, protect } from 'sallyport/express'
import { loadPeer } from './packages.js'
import { ANSWER, EXPECTED, type GuardedRoute, type Guarding, NAMES, PATH, RULE } from './routes.js'

/** The routes that are compared on Express. */
export function routesOnExpress(guardings: readonly Guarding[]): readonly GuardedRoute[] {
  const noop: RequestHandler = (_request, _response, next) => next()
  return [
    { name: NAMES.bare, server: serve([]), signed: null },
    { name: NAMES.noop, server: serve([noop]), signed: null },
    ...guardings.flatMap(guardedBy),
  ]
}

function guardedBy(guarding: Guarding): readonly GuardedRoute[] {
  const { signed, cached, uncached, joseCheck } = guarding
  const jose: RequestHandler = (request, response, next) => {
    joseCheck(request.headers.authorization).then(
      () => next(),
      () => response.sendStatus(401),
    )
  }
  const guards: Readonly<Record<string, readonly RequestHandler[]>> = {
    [NAMES.cached]: [protect(cached, RULE)],
    [`${NAMES.cached}, with denyByDefault`]: [denyByDefault(cached), protect(cached, RULE)],
    [NAMES.uncached]: [protect(uncached, RULE)],
    [NAMES.jose]: [jose],
    'express-oauth2-jwt-bearer': bearerOf(guarding),
    'passport-jwt': [passportOf(guarding)],
    'express-jwt': [expressJwtOf(guarding)],
  }
  return Object.entries(guards).map(([name, handlers]) => ({
    name: `${name}, ${signed.algorithm}`,
    server: serve(handlers),
    signed,
  }))
}

function bearerOf({ signed }: Guarding): readonly RequestHandler[] {
  const { auth, requiredScopes } = loadPeer<Bearer>('express-oauth2-jwt-bearer')
  const { algorithm, encoded, jwks } = signed
  const key =
    algorithm === 'HS256' ? { secret: encoded.toString() } : { publicKey: { keys: [...jwks.keys] } }
  return [auth({ ...EXPECTED, ...key, tokenSigningAlg: algorithm }), requiredScopes(RULE.scopes)]
}

function passportOf({ signed }: Guarding): RequestHandler {
  const { Passport } = loadPeer<PassportModule>('passport')
  const { ExtractJwt, Strategy } = loadPeer<PassportJwt>('passport-jwt')
  const options = {
    ...EXPECTED,
    algorithms: [signed.algorithm],
    secretOrKey: signed.keyObject,
    jwtFromRequest: ExtractJwt.fromAuthHeaderAsBearerToken(),
  }
  const passport = new Passport()
  passport.use(new Strategy(options, (claims, done) => done(null, claims)))
  return passport.authenticate('jwt', { session: false })
}

function expressJwtOf({ signed }: Guarding): RequestHandler {
  const { expressjwt } = loadPeer<ExpressJwt>('express-jwt')
  return expressjwt({
    ...EXPECTED,
    algorithms: [signed.algorithm],
    secret: signed.encoded.toString(),
  })
}

function serve(guards: readonly RequestHandler[]): GuardedRoute['server'] {
  const app = express()
  // Or Express writes what the peers throw, on purpose, to the terminal.
  app.set('env', 'test')
  app.get(PATH, ...guards, (_request: Request, response: Response) => response.json(ANSWER))
  return createServer(app)
}

interface Bearer {
  auth(options: Readonly<Record<string, unknown>>): RequestHandler
  requiredScopes(scopes: string): RequestHandler
}

interface PassportModule {
  readonly Passport: new () => {
    use(strategy: object): void
    authenticate(name: string, options: { readonly session: false }): RequestHandler
  }
}

interface PassportJwt {
  readonly ExtractJwt: { fromAuthHeaderAsBearerToken(): unknown }
  readonly Strategy: new (
    options: Readonly<Record<string, unknown>>,
    verify: (claims: object, done: (error: null, user: object) => void) => void,
  ) => object
}

interface ExpressJwt {
  expressjwt(options: Readonly<Record<string, unknown>>): RequestHandler
}

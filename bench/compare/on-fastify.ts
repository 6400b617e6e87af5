import Fastify, {
  type FastifyInstance,
  type FastifyPluginCallback,
  type FastifyRequest,
  type onRequestAsyncHookHandler,
  type onRequestHookHandler,
} from 'fastify'
import { protect } from 'sallyport/fastify'
import { loadPeer } from './packages.js'
import { ANSWER, EXPECTED, type GuardedRoute, type Guarding, NAMES, PATH, RULE } from './routes.js'

/** The routes that are compared on Fastify. */
export async function routesOnFastify(
  guardings: readonly Guarding[],
): Promise<readonly GuardedRoute[]> {
  const noop: onRequestHookHandler = (_request, _reply, done) => done()
  const routes: GuardedRoute[] = [
    { name: NAMES.bare, server: await serve((app) => app.get(PATH, answer)), signed: null },
    {
      name: NAMES.noop,
      server: await serve((app) => app.get(PATH, { onRequest: noop }, answer)),
      signed: null,
    },
  ]
  for (const guarding of guardings) routes.push(...(await guardedBy(guarding)))
  return routes
}

async function guardedBy(guarding: Guarding): Promise<readonly GuardedRoute[]> {
  const { signed, cached, uncached, joseCheck } = guarding
  const jose: onRequestAsyncHookHandler = async (request, reply) => {
    try {
      await joseCheck(request.headers.authorization)
    } catch {
      return reply.code(401).send()
    }
  }
  const guards: Readonly<Record<string, (app: FastifyInstance) => unknown>> = {
    [NAMES.cached]: (app) => app.get(PATH, protect(cached, RULE, answer)),
    [NAMES.uncached]: (app) => app.get(PATH, protect(uncached, RULE, answer)),
    [NAMES.jose]: (app) => app.get(PATH, { onRequest: jose }, answer),
    '@fastify/jwt': (app) => withFastifyJwt(app, guarding, false),
    '@fastify/jwt, cached': (app) => withFastifyJwt(app, guarding, true),
  }
  const routes: GuardedRoute[] = []
  for (const [name, register] of Object.entries(guards)) {
    const server = await serve(register)
    routes.push({ name: `${name}, ${signed.algorithm}`, server, signed })
  }
  return routes
}

async function withFastifyJwt(
  app: FastifyInstance,
  { signed }: Guarding,
  cache: boolean,
): Promise<void> {
  const { algorithm, encoded } = signed
  const key = encoded.toString()
  await app.register(loadPeer<FastifyPluginCallback<FastifyJwtOptions>>('@fastify/jwt'), {
    secret: algorithm === 'HS256' ? key : { public: key },
    verify: {
      algorithms: [algorithm],
      allowedIss: EXPECTED.issuer,
      allowedAud: EXPECTED.audience,
      cache,
    },
  })
  const onRequest = async (request: FastifyRequest): Promise<void> => {
    // The plugin has added this method to every request.
    await (request as FastifyRequest & { jwtVerify(): Promise<unknown> }).jwtVerify()
  }
  app.get(PATH, { onRequest }, answer)
}

async function serve(register: (app: FastifyInstance) => unknown): Promise<GuardedRoute['server']> {
  const app = Fastify()
  await register(app)
  await app.ready()
  return app.server
}

const answer = async (): Promise<typeof ANSWER> => ANSWER

interface FastifyJwtOptions {
  readonly secret: string | { readonly public: string }
  readonly verify: Readonly<Record<string, unknown>>
}

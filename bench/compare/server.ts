/**
 * The server that `http.ts` starts as a process of its own: `server.ts <framework>`. It serves the same route several
 * times, each with another guard and on a port of its own.
 */
import { FRAMEWORKS } from '../names.js'
import { answerParent, portOf } from '../server-process.js'
import { routesOnExpress } from './on-express.js'
import { routesOnFastify } from './on-fastify.js'
import { routesOnHono } from './on-hono.js'
import { createGuardings } from './routes.js'

/** What the server tells its parent once it listens: a route each. */
export type Ready = readonly {
  readonly name: string
  readonly port: number
  /** Good values of `Authorization`. */
  readonly values: readonly string[]
  /** Whether the route is guarded, and must refuse what is not good. */
  readonly guarded: boolean
}[]

const routesOn = { express: routesOnExpress, fastify: routesOnFastify, hono: routesOnHono }

const framework = FRAMEWORKS.find((name) => name === process.argv[2])
if (framework !== undefined && process.send !== undefined) {
  const guardings = await createGuardings()
  const [first] = guardings
  const ready: Ready[number][] = []
  for (const { name, server, signed } of await routesOn[framework](guardings)) {
    // The bytes are the same for all: a route that looks at no token is sent one as well.
    const sent = (signed ?? first?.signed)?.values ?? []
    const values = sent.map((value) => value.toString('latin1'))
    ready.push({ name, port: await portOf(server), values, guarded: signed !== null })
  }
  answerParent<Ready>(ready)
}

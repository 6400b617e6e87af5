/**
 * The server that `over-http.ts` starts as a process of its own: `server.ts <framework> <case>...`.
 *
 * It serves one application without a gate and one behind `denyByDefault`, and says where over the channel to its parent.
 */
import { createServer, type Server } from 'node:http'
import { getRequestListener } from '@hono/node-server'
import express, { type Request, type Response } from 'express'
import Fastify from 'fastify'
import { type Context, Hono } from 'hono'
import * as onExpress from 'sallyport/express'
import * as onFastify from 'sallyport/fastify'
import * as onHono from 'sallyport/hono'
import { createCredentials } from './credentials.js'
import { CASES, type CaseName, FRAMEWORKS, type FrameworkName, OPEN_PATH } from './names.js'
import type { BenchGate } from './scheme.js'
import { answerParent, portOf } from './server-process.js'

/** What the server tells its parent once it listens. */
export interface Ready {
  readonly openPort: number
  readonly guardedPort: number
  readonly requests: readonly BenchRequest[]
}

/** Requests of one case: send `field` with one of `values` to `path`, and expect `status`. */
export interface BenchRequest {
  readonly name: CaseName
  readonly path: string
  readonly field: string
  readonly values: readonly string[]
  readonly status: number
}

/** An application that answers `ANSWER` at each path, behind the gate that is given for it, if any. */
type Serve = (routes: ReadonlyMap<string, BenchGate | null>) => Promise<Server>

const serveOn: { readonly [Name in FrameworkName]: Serve } = {
  async express(routes) {
    const app = express()
    for (const gate of someGate(routes)) app.use(onExpress.denyByDefault(gate))
    for (const [path, gate] of routes) {
      if (gate === null) app.get(path, expressHandler)
      else app.get(path, onExpress.protect(gate, RULE, expressHandler))
    }
    return createServer(app)
  },

  async fastify(routes) {
    const app = Fastify()
    for (const gate of someGate(routes)) await app.register(onFastify.denyByDefault, { gate })
    for (const [path, gate] of routes) {
      if (gate === null) app.get(path, fastifyHandler)
      else app.get(path, onFastify.protect(gate, RULE, fastifyHandler))
    }
    await app.ready()
    return app.server
  },

  async hono(routes) {
    const app = new Hono()
    for (const gate of someGate(routes)) app.use(onHono.denyByDefault(gate))
    for (const [path, gate] of routes) {
      if (gate === null) app.get(path, honoHandler)
      else app.get(path, onHono.protect(gate, RULE), honoHandler)
    }
    return createServer(getRequestListener(app.fetch))
  },
}

// The same function on both sides: what differs is the gate alone.
const expressHandler = (_request: Request, response: Response): unknown => response.json(ANSWER)
const fastifyHandler = async (): Promise<typeof ANSWER> => ANSWER
const honoHandler = (c: Context): globalThis.Response => c.json(ANSWER)

/** The mount takes one gate; any of them refuses what has no rule. */
function someGate(routes: ReadonlyMap<string, BenchGate | null>): readonly BenchGate[] {
  return [...routes.values()].filter((gate) => gate !== null).slice(0, 1)
}

async function start(framework: FrameworkName, names: readonly CaseName[]): Promise<Ready> {
  const gates = new Map<string, BenchGate>()
  const requests: BenchRequest[] = []
  for (const name of names) {
    const { scheme, values, expected } = await createCredentials(name)
    const path = `/${name}`
    gates.set(path, scheme.gate)
    requests.push({
      name,
      path,
      field: scheme.field,
      values: values.map((value) => value.toString('latin1')),
      status: expected === 'granted' ? 200 : 401,
    })
  }
  const open = await serveOn[framework](new Map([[OPEN_PATH, null]]))
  const guarded = await serveOn[framework](gates)
  return { openPort: await portOf(open), guardedPort: await portOf(guarded), requests }
}

const RULE = { scopes: 'things:read' } as const
const ANSWER = { id: 1, name: 'A thing' }

const [, , named, ...caseNames] = process.argv
const framework = FRAMEWORKS.find((name) => name === named)
if (framework !== undefined && process.send !== undefined) {
  answerParent(
    await start(
      framework,
      CASES.filter((name) => caseNames.includes(name)),
    ),
  )
}

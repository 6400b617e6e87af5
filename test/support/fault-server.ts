import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import type { Jwk } from '../../src/jwt/jwk.js'

/** What an issuer's server can do wrong. */
export type Fault = keyof typeof FAULTS | 'refuse'

/** An issuer on a loopback socket that publishes its metadata and its keys, or does any of the things that go wrong. */
export interface FaultServer {
  /** Its issuer identifier, which is its origin. */
  readonly issuer: string
  readonly jwksUrl: string
  /** What it publishes: set it to rotate or to withdraw. */
  keys: readonly Jwk[]
  /** The fields of its good answers, besides the type. */
  fields: Readonly<Record<string, string>>
  /** The path of each request that arrived, the oldest first. */
  readonly paths: string[]
  /** How many requests followed a redirect of this server. */
  readonly redirected: () => number
  /** Does this from now on, or works again. */
  use(fault: Fault | null, where?: 'everywhere' | 'metadata' | 'keys'): Promise<void>
  close(): Promise<void>
}

const OIDC = '/.well-known/openid-configuration'

export async function startFaultServer(keys: readonly Jwk[]): Promise<FaultServer> {
  let fault: Fault | null = null
  let place: 'everywhere' | 'metadata' | 'keys' = 'everywhere'
  const paths: string[] = []
  const elsewhere = await listening(
    createServer((_, response) => send(response, JSON.stringify({ keys: faulty.keys }))),
  )
  let followed = 0
  elsewhere.on('request', () => {
    followed += 1
  })

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? ''
    paths.push(path)
    response.on('error', () => undefined)
    const isHere = place === 'everywhere' || (place === 'metadata') === path.includes('.well-known')
    if (fault !== null && fault !== 'refuse' && isHere) {
      FAULTS[fault](response, { elsewhere: `http://127.0.0.1:${portOf(elsewhere)}/`, path })
    } else if (path === '/jwks') {
      send(response, JSON.stringify({ keys: faulty.keys }), faulty.fields)
    } else if (path === OIDC) {
      const { issuer, jwksUrl } = faulty
      send(response, JSON.stringify({ issuer, jwks_uri: jwksUrl }), faulty.fields)
    } else response.writeHead(404).end()
  }
  let server = await listening(createServer(answer))
  const port = portOf(server)
  const faulty: FaultServer = {
    issuer: `http://127.0.0.1:${port}`,
    jwksUrl: `http://127.0.0.1:${port}/jwks`,
    keys,
    fields: {},
    paths,
    redirected: () => followed,
    async use(next, where = 'everywhere') {
      const wasRefusing = fault === 'refuse'
      fault = next
      place = where
      if (next === 'refuse') await closed(server)
      else if (wasRefusing) server = await listening(createServer(answer), port)
    },
    async close() {
      await Promise.all([closed(server), closed(elsewhere)])
    },
  }
  return faulty
}

interface Surroundings {
  readonly elsewhere: string
  readonly path: string
}

const FAULTS = {
  hang: () => undefined,
  'hang in the body': (response: ServerResponse) => {
    response.writeHead(200, JSON_TYPE).write('{"keys":')
  },
  reset: (response: ServerResponse) => response.socket?.resetAndDestroy(),
  'close in the body': (response: ServerResponse) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-length': '1000' })
    response.write('{"keys":', () => response.destroy())
  },
  'send 50 MB': (response: ServerResponse) => {
    response.writeHead(200, JSON_TYPE)
    pour(response, 50_000_000)
  },
  'send a byte a second': (response: ServerResponse) => {
    response.writeHead(200, JSON_TYPE).write(' ')
    const timer = setInterval(() => response.write(' '), 1_000)
    response.on('close', () => clearInterval(timer))
  },
  'send a gzip bomb': (response: ServerResponse) => {
    response.writeHead(200, { ...JSON_TYPE, 'content-encoding': 'gzip' }).end(BOMB)
  },
  'send the wrong type': (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/plain' }).end('{"keys":[]}')
  },
  'send HTML with 200': (response: ServerResponse) => {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Maintenance</h1>')
  },
  'send HTML as JSON': (response: ServerResponse) => send(response, '<h1>Maintenance</h1>'),
  'send JSON of another kind': (response: ServerResponse) => send(response, '{"error":"oops"}'),
  'send torn JSON': (response: ServerResponse) => send(response, '{"keys":[{"kty":"EC",'),
  'send nothing': (response: ServerResponse) => send(response, ''),
  'answer 500': (response: ServerResponse) => response.writeHead(500).end(),
  'answer 503': (response: ServerResponse) => {
    response.writeHead(503, { 'retry-after': '40' }).end()
  },
  redirect: (response: ServerResponse, { elsewhere }: Surroundings) => {
    response.writeHead(302, { location: elsewhere }).end()
  },
  'publish no keys': (response: ServerResponse) => send(response, '{"keys":[]}'),
  'publish too many keys': (response: ServerResponse) => {
    const keys = Array.from({ length: 5_000 }, (_, at) => ({ kty: 'EC', kid: `${at}` }))
    send(response, JSON.stringify({ keys }))
  },
  'publish only what nobody can use': (response: ServerResponse) => {
    const keys = [{ kty: 'oct', k: 'c2VjcmV0' }, { kty: 'EC', crv: 'P-256', x: 'AA', y: 'AA' }, {}]
    send(response, JSON.stringify({ keys }))
  },
}

/** Every fault that an issuer can have; with each of them, none of its documents can be had. */
export const EVERY_FAULT: readonly Fault[] = [
  'refuse',
  // Object.keys widens to string; these are the names of the table above.
  ...(Object.keys(FAULTS) as (keyof typeof FAULTS)[]),
]

function send(response: ServerResponse, body: string, fields: object = {}): void {
  response.writeHead(200, { ...JSON_TYPE, ...fields }).end(body)
}

function pour(response: ServerResponse, bytes: number): void {
  const block = ' '.repeat(65_536)
  for (let left = bytes; left > 0 && !response.destroyed; left -= block.length) {
    if (!response.write(block)) {
      response.once('drain', () => pour(response, left - block.length))
      return
    }
  }
  response.end()
}

function listening(server: Server, port = 0): Promise<Server> {
  return new Promise((resolve) => server.listen(port, '127.0.0.1', () => resolve(server)))
}

async function closed(server: Server): Promise<void> {
  if (!server.listening) return
  const isClosed = new Promise((resolve) => server.close(resolve))
  server.closeAllConnections()
  await isClosed
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port // a TCP server that listens has one
}

const JSON_TYPE = { 'content-type': 'application/json' }
const BOMB = gzipSync(Buffer.alloc(20_000_000))

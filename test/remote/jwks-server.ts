import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

type Answer = (request: IncomingMessage, response: ServerResponse) => void

/** An issuer's key endpoint on a loopback socket, whose behaviour a test sets. */
export interface JwksServer {
  readonly url: string
  readonly requests: IncomingMessage[]
  answer: Answer
  close(): Promise<void>
}

export async function startJwksServer(answer: Answer): Promise<JwksServer> {
  const requests: IncomingMessage[] = []
  const state = { answer }
  const server = createServer((request, response) => {
    requests.push(request)
    state.answer(request, response)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // a TCP server that listens has one
  return {
    url: `http://127.0.0.1:${port}/jwks`,
    requests,
    get answer() {
      return state.answer
    },
    set answer(next) {
      state.answer = next
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** Answers 200 with this document. */
export function serving(document: unknown): Answer {
  return (_, response) => {
    response.writeHead(200, { 'content-type': 'application/jwk-set+json' })
    response.end(typeof document === 'string' ? document : JSON.stringify(document))
  }
}

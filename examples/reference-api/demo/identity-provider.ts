/** A stand-in for the identity provider: it signs tokens, publishes its keys at a URL, and can be switched off. */
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Clock } from 'sallyport'
import { createTestIssuer, type TestIssuer } from 'sallyport/testing'
import { API_URL, ISSUER } from '../gate.js'

export interface IdentityProvider {
  /** Makes good tokens and hostile ones. */
  readonly issuer: TestIssuer
  /** Like `http://127.0.0.1:49152`. `POST /down` and `POST /up` switch it off and on. */
  readonly origin: string
  readonly jwksUrl: string
  /** While it is down, whoever asks for the keys gets 500. */
  isDown: boolean
  close(): Promise<void>
}

export async function startIdentityProvider(clock: Clock): Promise<IdentityProvider> {
  const issuer = await createTestIssuer({
    issuer: ISSUER,
    audience: API_URL,
    algorithm: 'RS256',
    clock,
  })
  const server = createServer((request, response) => {
    if (request.method === 'POST' && (request.url === '/down' || request.url === '/up')) {
      provider.isDown = request.url === '/down'
      response.writeHead(204).end()
    } else if (request.url !== '/jwks' || provider.isDown) {
      response.writeHead(provider.isDown ? 500 : 404).end()
    } else {
      response.setHeader('Content-Type', 'application/jwk-set+json')
      response.end(JSON.stringify(issuer.trust.keys))
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo // it listens on a port, not on a pipe
  const origin = `http://127.0.0.1:${port}`
  const provider: IdentityProvider = {
    issuer,
    origin,
    jwksUrl: `${origin}/jwks`,
    isDown: false,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
  return provider
}

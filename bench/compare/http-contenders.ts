import type { Server } from 'node:http'
import { jwtVerify } from 'jose'
import { jwtBearer } from 'sallyport'
import { ISSUER } from '../jwt-scheme.js'
import { type BenchGate, gateOf, RESOURCE } from '../scheme.js'
import type { PeerAlgorithm } from '../names.js'
import type { Signed } from './tokens.js'

/** One way to serve the same route: what guards it, and whether it must be asked with a token. */
export interface HttpContender {
  readonly name: string
  readonly server: Server
  /** The algorithm of the tokens that it is sent; those without a guard are sent RS256 as well. */
  readonly algorithm: PeerAlgorithm
}

/** The names that figures are drawn from; the peers have their own. */
export const NAMES = {
  bare: 'bare route',
  noop: 'no-op',
  cached: 'sallyport, cached',
  uncached: 'sallyport, uncached',
  jose: 'own jose adapter',
} as const

/** What every contender is told. */
export const EXPECTED = { issuer: ISSUER, audience: RESOURCE } as const

export const RULE = { scopes: 'things:read' } as const
export const ANSWER = { id: 1, name: 'A thing' }

import type { Server } from 'node:http'
import { jwtVerify } from 'jose'
import { jwtBearer } from 'sallyport'
import { ISSUER } from '../jwt-scheme.js'
import { type BenchGate, gateOf, RESOURCE } from '../scheme.js'
import { type Signed, signTokens } from './tokens.js'

/** The same route with one guard or another, on a server of its own. */
export interface GuardedRoute {
  readonly name: string
  readonly server: Server
  /** Whose tokens it takes; null if it looks at none. */
  readonly signed: Signed | null
}

/** Names that figures are taken by; `+` and an algorithm follow those that take tokens. */
export const NAMES = {
  bare: 'bare route',
  noop: 'no-op',
  cached: 'sallyport, cached',
  uncached: 'sallyport, uncached',
  jose: 'own jose adapter',
} as const

/** Who guards a route with tokens of one key. */
export interface Guarding {
  readonly signed: Signed
  readonly cached: BenchGate
  readonly uncached: BenchGate
  /** The least that one would write with jose: verifies, looks for the scope, and throws if anything is wrong. */
  joseCheck(authorization: string | undefined): Promise<void>
}

/** Keys, tokens and gates for RS256 and HS256. */
export async function createGuardings(): Promise<readonly Guarding[]> {
  const guardings: Guarding[] = []
  for (const algorithm of ['RS256', 'HS256'] as const) {
    guardings.push(guardingWith(await signTokens(algorithm, TOKENS)))
  }
  return guardings
}

function guardingWith(signed: Signed): Guarding {
  const { algorithm, jwks, cryptoKey } = signed
  const options = { ...EXPECTED, algorithms: [algorithm], keys: jwks }
  return {
    signed,
    cached: gateOf(jwtBearer(options)),
    uncached: gateOf(jwtBearer({ ...options, cache: false })),
    async joseCheck(authorization) {
      if (!authorization?.startsWith('Bearer ')) throw new Error('There is no token.')
      const token = authorization.slice('Bearer '.length)
      const expected = { ...EXPECTED, algorithms: [algorithm], typ: 'at+jwt' }
      const { payload } = await jwtVerify(token, cryptoKey, expected)
      if (!String(payload['scope']).split(' ').includes(RULE.scopes)) throw new Error('No scope.')
    },
  }
}

/** What each guard is told. */
export const EXPECTED = { issuer: ISSUER, audience: RESOURCE } as const
/** What each route of ours needs, and those of peers that know scopes. */
export const RULE = { scopes: 'things:read' } as const
/** Where each route stands, and what it answers. */
export const PATH = '/things'
export const ANSWER = { id: 1, name: 'A thing' } as const

/** Fewer than each cache holds. */
const TOKENS = 256

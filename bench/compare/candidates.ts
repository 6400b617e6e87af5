import { verify as verifyOnHono } from 'hono/jwt'
import { jwtVerify } from 'jose'
import { jwtBearer, viewNodeRequest } from 'sallyport'
import { createJwtVerifier } from 'sallyport/jwt'
import { ISSUER } from '../jwt-scheme.js'
import { gateOf, RESOURCE } from '../scheme.js'
import { floorOf } from './floor.js'
import type { Peers } from './packages.js'
import { type Signed, tokenIn } from './tokens.js'

/** Whoever can say whether the token in a value of `Authorization` is good: at once, or later. */
export interface Candidate {
  readonly name: string
  accepts(value: string): boolean | Promise<boolean>
}

/** Our verification: of a token's text, and the whole decision about a request that carries it. */
export interface Ours {
  readonly verify: Candidate
  readonly decide: Candidate
}

/** Us, with the token cache off. */
export function ours(signed: Signed): Ours {
  const { algorithm, jwks } = signed
  const options = { issuer: ISSUER, audience: RESOURCE, algorithms: [algorithm], keys: jwks }
  const verifier = createJwtVerifier(options)
  return {
    verify: {
      name: 'sallyport verify',
      accepts: (value) =>
        mapped(
          verifier.verify(tokenIn(value), Date.now() / 1000),
          ({ kind }) => kind === 'verified',
        ),
    },
    decide: decisionOf('sallyport decide', jwtBearer({ ...options, cache: false })),
  }
}

/** The decision of a gate with this verifier about a request like Node's, on a route that needs a scope. */
export function decisionOf(name: string, verifier: Parameters<typeof gateOf>[0]): Candidate {
  const guard = gateOf(verifier).guard({ scopes: 'things:read' })
  const rawHeaders = [...FIELDS, 'Authorization', '']
  return {
    name,
    accepts(value) {
      // A view reads these lines at once, and Node would have made them in any case.
      rawHeaders[rawHeaders.length - 1] = value
      const view = viewNodeRequest({ method: 'GET', url: '/things', rawHeaders, socket: TLS })
      return mapped(guard.decide(view, undefined), ({ kind }) => kind === 'granted')
    },
  }
}

/** The others, as far as they know the algorithm. Without installed peers, those that the repository has anyway. */
export function others(signed: Signed, peers: Peers | null): readonly Candidate[] {
  const { algorithm, cryptoKey, keyObject, encoded, jwks } = signed
  const isGood = floorOf(signed)
  const expected = { issuer: ISSUER, audience: RESOURCE, algorithms: [algorithm], typ: 'at+jwt' }
  const onHono = { alg: algorithm, iss: ISSUER, aud: RESOURCE, typ: 'at+jwt' }
  const found: Candidate[] = [
    { name: 'floor A (node:crypto)', accepts: (value) => judged(() => isGood(tokenIn(value))) },
    {
      name: 'jose',
      accepts: (value) => jwtVerify(tokenIn(value), cryptoKey, expected).then(yes, no),
    },
    {
      name: 'hono/jwt',
      accepts: (value) => verifyOnHono(tokenIn(value), cryptoKey, onHono).then(yes, no),
    },
  ]
  if (peers === null) return found
  const { fastJwt, jsonwebtoken, awsJwtVerify } = peers
  const fast = fastJwt.createVerifier({ ...fastOptions(algorithm), key: encoded, cache: false })
  found.push({ name: 'fast-jwt', accepts: (value) => judged(() => isClaims(fast(tokenIn(value)))) })
  if (algorithm !== 'EdDSA') {
    const { typ: _, ...known } = expected
    found.push({
      name: 'jsonwebtoken',
      accepts: (value) =>
        judged(() => isClaims(jsonwebtoken.verify(tokenIn(value), keyObject, known))),
    })
  }
  if (algorithm !== 'HS256' && algorithm !== 'PS256') {
    const jwksUri = `${ISSUER}/jwks.json`
    const aws = awsJwtVerify.JwtVerifier.create({ issuer: ISSUER, audience: RESOURCE, jwksUri })
    aws.cacheJwks(jwks)
    found.push({
      name: 'aws-jwt-verify',
      accepts: (value) => judged(() => isClaims(aws.verifySync(tokenIn(value)))),
    })
  }
  return found
}

/** fast-jwt, told what the others are told. */
export function fastOptions(algorithm: Signed['algorithm']) {
  return {
    algorithms: [algorithm],
    allowedIss: ISSUER,
    allowedAud: RESOURCE,
    checkTyp: 'at+jwt',
  }
}

function judged(judge: () => boolean): boolean {
  try {
    return judge()
  } catch {
    return false
  }
}

function mapped<From, To>(from: From | Promise<From>, map: (from: From) => To): To | Promise<To> {
  return from instanceof Promise ? from.then(map) : map(from)
}

function isClaims(claims: Readonly<Record<string, unknown>>): boolean {
  return claims['iss'] === ISSUER
}

const yes = (): boolean => true
const no = (): boolean => false

/** What a request carries besides its credential, as Node lists it. */
export const FIELDS: readonly string[] = [
  'Host',
  'api.example.com',
  'User-Agent',
  'bench/1.0',
  'Accept',
  'application/json',
  'Accept-Encoding',
  'gzip, br',
  'Connection',
  'keep-alive',
]
export const TLS = { encrypted: true }

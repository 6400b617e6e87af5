import { Buffer } from 'node:buffer'
import { constants, createHmac, createPrivateKey, type KeyObject, sign } from 'node:crypto'
import { createLocalJWKSet, type JSONWebKeySet, type JWTPayload, jwtVerify } from 'jose'
import { createGate } from '../../../src/gate.js'
import { type Algorithm, type AlgorithmEntry, algorithm } from '../../../src/jwt/algorithms.js'
import type { Jwk } from '../../../src/jwt/jwk.js'
import type { JwtVerification } from '../../../src/jwt/token-judge.js'
import { createJwtVerifier } from '../../../src/jwt/verify-jwt.js'
import { authenticated } from '../../../src/scope/requirement.js'
import { jwtBearer } from '../../../src/verify/jwt-bearer.js'
import { AUDIENCE, CLAIMS, ISSUER, NOW, SECRET_KEY, segment, vectors } from '../../jwt/tokens.js'
import { aView } from '../../support/views.js'

/** One algorithm: its key, tokens that are good, and everybody who judges them. All judge by the same settings. */
export interface Party {
  readonly algorithm: Algorithm
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
  /** Good tokens. Each gets accepted by all. */
  readonly originals: readonly [string, ...string[]]
  /** Whether a signature costs microseconds. */
  readonly signsFast: boolean
  /** A token with a right signature over whatever text it is given. */
  signed(input: string): string
  /** The verifier without any memory. */
  ours(token: string): Promise<JwtVerification>
  /** Whether a gate lets the token in. It has seen the originals if it was warmed. */
  isLetIn(token: string): Promise<boolean>
  /** What jose reads from the token, or null if it refuses it. */
  jose(token: string): Promise<JWTPayload | null>
}

const KEY_ID = 'k1'

/** Published test keys: with keys made on the spot, a run could not be repeated. */
const KEYS: Readonly<Record<AlgorithmEntry['keyType'] | 'P-384' | 'P-521', () => Jwk>> = {
  RSA: () => vectors<Jwk>('jose-cookbook/ietf/jwk/3_4.rsa_private_key.json'),
  EC: () => keyOf('ietf/jwe/5_5.key_agreement_using_ecdh-es_with_aes-cbc-hmac-sha2.json'),
  'P-384': () =>
    keyOf(
      'ietf/jwe/5_4.key_agreement_with_key_wrapping_using_ecdh-es_and_aes-keywrap_with_aes-gcm.json',
    ),
  'P-521': () => vectors<Jwk>('jose-cookbook/ietf/jwk/3_2.ec_private_key.json'),
  OKP: () => keyOf('ietf/curve25519/jws.json'),
  oct: () => SECRET_KEY,
}

function keyOf(file: string): Jwk {
  return vectors<{ readonly input: { readonly key: Jwk } }>(`jose-cookbook/${file}`).input.key
}

export async function partyOf(name: Algorithm): Promise<Party> {
  const entry = algorithm(name)
  if (entry === null) throw new Error(`no algorithm ${name}`)
  const { use: _, ...key } = (
    entry.curve !== null && entry.curve in KEYS
      ? KEYS[entry.curve as 'P-384' | 'P-521'] // it is one of these names, or it is not in KEYS
      : KEYS[entry.keyType]
  )()
  const signed = signerOf(entry, key)
  const { d, p, q, dp, dq, qi, ...publicMembers } = { ...key, kid: KEY_ID, alg: name }
  const header = { alg: name, typ: 'at+jwt', kid: KEY_ID }
  const claims = { ...CLAIMS, scope: 'things:read' }
  const options = {
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: [name],
    keys: { keys: [publicMembers] },
    // As jose is told to judge: it knows no lifetime.
    maxLifetime: null,
    leeway: LEEWAY_SECONDS,
  } as const
  const verifier = createJwtVerifier(options)
  const gate = createGate({
    resource: AUDIENCE,
    verifiers: { user: jwtBearer(options) },
    clock: { now: () => NOW },
  })
  const guard = gate.guard({ accept: 'user', scopes: authenticated() })
  const token = (more: object, moreClaims: object) =>
    signed(`${segment({ ...header, ...more })}.${segment({ ...claims, ...moreClaims })}`)
  return {
    algorithm: name,
    header,
    claims,
    originals: [
      token({}, {}),
      token({}, { sub: 'bob', aud: [AUDIENCE, 'https://b.example.com'] }),
      token({ kid: undefined }, { nbf: NOW, x: { y: [1.5, null, 'é', '\u2028'] } }),
    ],
    signsFast: entry.family === 'hmac' || entry.curve === 'P-256' || entry.family === 'okp',
    signed,
    ours: async (text) => verifier.verify(text, NOW),
    async isLetIn(text) {
      // White space around a field's value is not part of it: what would arrive is the token inside.
      if (text !== text.replaceAll(/^[ \t]+|[ \t]+$/g, '')) return false
      const view = aView({ fields: { authorization: `Bearer ${text}` } })
      return (await guard.decide(view, undefined)).kind === 'granted'
    },
    jose: joseOf(entry, publicMembers),
  }
}

/** jose with the same issuer, audience, algorithm, kind of token, clock and leeway. */
function joseOf(entry: AlgorithmEntry, jwk: Jwk): Party['jose'] {
  const settings = {
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: [entry.name],
    typ: 'at+jwt',
    currentDate: new Date(NOW * 1_000),
    clockTolerance: LEEWAY_SECONDS,
    requiredClaims: ['exp'],
  }
  const secret = Buffer.from(jwk.k ?? '', 'base64url')
  // A set of jose's own does not take shared secrets; its type lists the registered members.
  const keys = entry.family === 'hmac' ? null : createLocalJWKSet({ keys: [jwk] } as JSONWebKeySet)
  return async (text) => {
    try {
      const verified =
        keys === null
          ? await jwtVerify(text, secret, settings)
          : await jwtVerify(text, keys, settings)
      return verified.payload
    } catch {
      return null
    }
  }
}

function signerOf(entry: AlgorithmEntry, jwk: Jwk): Party['signed'] {
  const hash = entry.family === 'okp' ? null : `sha${entry.hashBytes * 8}`
  if (entry.family === 'hmac' && hash !== null) {
    const secret = Buffer.from(jwk.k ?? '', 'base64url')
    return (input) => joined(input, createHmac(hash, secret).update(input).digest())
  }
  const key = createPrivateKey({ key: { ...jwk }, format: 'jwk' })
  const padded = paddedKey(entry, key)
  return (input) => joined(input, sign(hash, Buffer.from(input), padded))
}

function paddedKey(entry: AlgorithmEntry, key: KeyObject) {
  if (entry.family === 'ec') return { key, dsaEncoding: 'ieee-p1363' as const }
  if (entry.webCrypto.name !== 'RSA-PSS') return key
  return { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: entry.hashBytes }
}

function joined(input: string, signature: Uint8Array): string {
  return `${input}.${Buffer.from(signature).toString('base64url')}`
}

const LEEWAY_SECONDS = 5

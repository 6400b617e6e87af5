import { Buffer } from 'node:buffer'
import { createHmac } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Jwk } from '../../src/jwt/jwk.js'
import type { JwtVerifierOptions } from '../../src/jwt/token-judge.js'
import { createJwtVerifier, type JwtVerifier } from '../../src/jwt/verify-jwt.js'

/** 2026-01-01T00:00:00Z: the fixed clock of these tests. */
export const NOW = 1_767_225_600
export const ISSUER = 'https://id.example.com'
export const AUDIENCE = 'https://api.example.com'

/** 64 bytes: long enough for every HMAC algorithm of the table. */
export const SECRET = Buffer.alloc(64, 'sallyport')

export const SECRET_KEY: Jwk & { readonly k: string } = {
  kty: 'oct',
  k: SECRET.toString('base64url'),
}

export const HEADER = { alg: 'HS256', typ: 'at+jwt' }

export const CLAIMS = {
  iss: ISSUER,
  aud: AUDIENCE,
  sub: 'alice',
  client_id: 'web',
  jti: 'one',
  iat: NOW - 60,
  exp: NOW + 840,
}

/** One segment of a token. Text is taken as it is, so that it may be anything. */
export function segment(value: string | Uint8Array | object): string {
  const isRaw = typeof value === 'string' || value instanceof Uint8Array
  return Buffer.from(isRaw ? value : JSON.stringify(value)).toString('base64url')
}

/** A token with a right HMAC over whatever it is made of. */
export function macToken(
  parts: {
    readonly header?: string | Uint8Array | object
    readonly payload?: string | Uint8Array | object
    readonly secret?: string | Uint8Array
    readonly hash?: string
  } = {},
): string {
  const input = `${segment(parts.header ?? HEADER)}.${segment(parts.payload ?? CLAIMS)}`
  return `${input}.${mac(input, parts.secret, parts.hash)}`
}

export function mac(input: string, secret: string | Uint8Array = SECRET, hash = 'sha256'): string {
  return createHmac(hash, secret).update(input).digest('base64url')
}

/** A verifier for {@link macToken}, where it differs from the usual one. */
export function macVerifier(options: Partial<JwtVerifierOptions> = {}): JwtVerifier {
  return createJwtVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ['HS256'],
    keys: { keys: [SECRET_KEY] },
    ...options,
  })
}

/** A file of `test/vectors/`. The caller names the shape that the file's SOURCE.md describes. */
export function vectors<Shape>(path: string): Shape {
  const text = readFileSync(new URL(`../vectors/${path}`, import.meta.url), 'utf8')
  return JSON.parse(text) as Shape // the files are ours and reviewed; a wrong shape fails the tests
}

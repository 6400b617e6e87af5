import { CompactSign, importJWK, type JWK } from 'jose'
import type { Algorithm } from '../jwt/algorithms.js'
import type { PrivateJwk } from '../jwt/jwk.js'
import type { JwkSet } from '../jwt/jwk-set.js'
import { generateSigningKey } from '../jwt/sign-jwt.js'
import { type Clock, systemClock } from '../runtime/clock.js'
import { randomBytes } from '../runtime/random.js'
import { encodeBase64url } from '../shared/base64.js'
import { utf8Bytes } from '../shared/bytes.js'

/** What a token says, where it differs from a good one. A member that is undefined leaves the claim out. */
export interface TokenOptions {
  readonly subject?: string | undefined
  readonly clientId?: string | undefined
  readonly issuer?: string | undefined
  readonly audience?: string | readonly string[] | undefined
  readonly scope?: string | undefined
  /** Seconds that the token lives from now; 900 if not given. */
  readonly expiresIn?: number
  /** Seconds since the token expired; sets the times so that the token was good once. */
  readonly expiredBy?: number
  /** Claims to add or to override, of any type. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** Header members to add or to override. */
  readonly header?: Readonly<Record<string, unknown>>
}

/** An issuer without a network: it makes good tokens, odd tokens and hostile ones, all rightly signed if it says so. */
export interface TestIssuer {
  readonly issuer: string
  readonly audience: string
  readonly algorithm: Algorithm
  /** What a verifier is configured with: `jwtBearer({ ...testIssuer.trust })`. */
  readonly trust: {
    readonly issuer: string
    readonly audience: string
    readonly algorithms: readonly [Algorithm]
    readonly keys: JwkSet
  }
  /** A rightly signed access token. */
  token(options?: TokenOptions): Promise<string>
  /** A token that no verifier may take. */
  hostile(kind: HostileToken, options?: TokenOptions): Promise<string>
}

export type HostileToken =
  | 'algorithm-none' // unsigned, and says so
  | 'key-confusion' // MAC made with the public key as the secret
  | 'foreign-key' // signed by someone else's key under our key's id
  | 'embedded-key' // signed by a key that the header brings along
  | 'tampered' // the payload changed after signing
  | 'expired'
  | 'not-yet-valid'
  | 'no-expiry'
  | 'ten-years' // a declared lifetime of ten years
  | 'wrong-issuer'
  | 'wrong-audience'
  | 'wrong-type' // an ID token's `typ`

/**
 * An issuer for tests, with keys made on the spot.
 *
 * @param options.clock the clock of the gate under test, so that "expired" means the same to both; the machine's by
 *   default, as for a gate
 */
export async function createTestIssuer(
  options: {
    readonly issuer?: string
    readonly audience?: string
    readonly algorithm?: Algorithm
    readonly clock?: Clock
  } = {},
): Promise<TestIssuer> {
  const {
    issuer = 'https://id.example.com',
    audience = 'https://api.example.com',
    algorithm = DEFAULT_ALGORITHM,
    clock = systemClock,
  } = options
  const [ours, foreign] = [await generateSigningKey(algorithm), await generateSigningKey(algorithm)]
  const keys: JwkSet = { keys: [ours.publicJwk] }

  const signed = (token: TokenOptions, key: PrivateJwk = ours.privateJwk) =>
    sign(headerOf(ours.privateJwk, token), claimsOf(token, { issuer, audience, clock }), key)

  return {
    issuer,
    audience,
    algorithm,
    trust: { issuer, audience, algorithms: [algorithm], keys },
    token: (token = {}) => signed(token),
    async hostile(kind, token = {}) {
      switch (kind) {
        case 'algorithm-none':
          return unsigned({ ...token, header: { ...token.header, alg: 'none' } })
        case 'key-confusion': {
          const secret = utf8Bytes(JSON.stringify(ours.publicJwk))
          const header = headerOf(ours.privateJwk, { header: { ...token.header, alg: MAC } })
          return sign(header, claimsOf(token, { issuer, audience, clock }), secret)
        }
        case 'foreign-key':
          return signed(token, foreign.privateJwk)
        case 'embedded-key':
          return signed({ ...token, header: { jwk: foreign.publicJwk } }, foreign.privateJwk)
        case 'tampered':
          return withOtherPayload(await signed(token), { subject: 'mallory', ...token })
        case 'expired':
          return signed({ expiredBy: 60, ...token })
        case 'not-yet-valid':
          return signed({ ...token, claims: { nbf: clock.now() + 300, ...token.claims } })
        case 'no-expiry':
          return signed({ ...token, claims: { exp: undefined, ...token.claims } })
        case 'ten-years':
          return signed({ ...token, expiresIn: 315_360_000 })
        case 'wrong-issuer':
          return signed({ ...token, issuer: 'https://id.example.net' })
        case 'wrong-audience':
          return signed({ ...token, audience: 'https://other.example.com' })
        case 'wrong-type':
          return signed({ ...token, header: { typ: 'JWT', ...token.header } })
      }
    },
  }

  function unsigned(token: TokenOptions): string {
    const claims = claimsOf(token, { issuer, audience, clock })
    return `${encoded(headerOf(ours.privateJwk, token))}.${encoded(claims)}.`
  }

  function withOtherPayload(text: string, token: TokenOptions): string {
    const [header = '', , signature = ''] = text.split('.')
    return `${header}.${encoded(claimsOf(token, { issuer, audience, clock }))}.${signature}`
  }
}

function headerOf(key: PrivateJwk, token: TokenOptions): Readonly<Record<string, unknown>> {
  return { alg: key.alg, kid: key.kid, typ: 'at+jwt', ...token.header }
}

function claimsOf(
  token: TokenOptions,
  defaults: { readonly issuer: string; readonly audience: string; readonly clock: Clock },
): Readonly<Record<string, unknown>> {
  const lifetime = token.expiresIn ?? 900
  const expires =
    defaults.clock.now() + (token.expiredBy === undefined ? lifetime : -token.expiredBy)
  return {
    iss: 'issuer' in token ? token.issuer : defaults.issuer,
    aud: 'audience' in token ? token.audience : defaults.audience,
    sub: 'subject' in token ? token.subject : 'alice',
    client_id: 'clientId' in token ? token.clientId : 'test-client',
    scope: token.scope,
    iat: expires - lifetime,
    exp: expires,
    jti: encodeBase64url(randomBytes(16)),
    ...token.claims,
  }
}

/** Signs whatever it is given: unlike `signJwt`, it is here to make tokens that should not exist. */
async function sign(
  header: Readonly<Record<string, unknown>>,
  claims: Readonly<Record<string, unknown>>,
  key: PrivateJwk | Uint8Array,
): Promise<string> {
  const signingKey = key instanceof Uint8Array ? key : await importJWK({ ...key } as JWK, key.alg)
  const payload = utf8Bytes(JSON.stringify(claims))
  return new CompactSign(payload)
    .setProtectedHeader({ ...header, alg: String(header['alg']) })
    .sign(signingKey)
}

function encoded(part: Readonly<Record<string, unknown>>): string {
  return encodeBase64url(utf8Bytes(JSON.stringify(part)))
}

const DEFAULT_ALGORITHM: Algorithm = 'ES256'
const MAC: Algorithm = 'HS256'

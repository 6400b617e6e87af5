import * as z from 'zod/mini'
import { ConfigurationError } from '../errors.js'
import type { PrivateJwk } from '../jwt/jwk.js'
import { assertSigningKey, signJwt } from '../jwt/sign-jwt.js'
import { randomBytes } from '../runtime/random.js'
import { encodeBase64, encodeBase64url } from '../shared/base64.js'
import { utf8Bytes } from '../shared/bytes.js'
import { checkedOptions, TEXT } from '../shared/options.js'
import { Redacted } from '../shared/redacted.js'

/** Who we are at an authorization server, and how we prove it: one method, named as the server's metadata name it. */
export type ClientAuthentication = ClientSecretAuthentication | PrivateKeyAuthentication

/** By a shared secret: in the field `Authorization`, or in the body for servers that take it nowhere else. */
export interface ClientSecretAuthentication {
  readonly method: 'client_secret_basic' | 'client_secret_post'
  readonly clientId: string
  readonly clientSecret: string | Redacted
}

/** By an assertion signed with our own key: the server keeps no secret of ours, and none is sent. */
export interface PrivateKeyAuthentication {
  readonly method: 'private_key_jwt'
  readonly clientId: string
  /** Asymmetric; the server knows its public half. */
  readonly key: PrivateJwk
  /**
   * The assertion's `aud`: the server's issuer by default. Older servers may want the URL that is asked; an assertion for
   * a URL can be used at whoever makes us take theirs for it.
   */
  readonly audience?: string
}

/** What a request carries to prove who sends it. */
export interface ClientProof {
  readonly fields: Readonly<Record<string, string>>
  /** For the body of the request. */
  readonly parameters: Readonly<Record<string, string>>
}

/**
 * Makes the proof of one client. An assertion is made anew for each request, is good for a minute, and never repeats.
 *
 * @param issuer the authorization server's
 * @returns a function of the time, in seconds since the epoch
 * @throws ConfigurationError `option_invalid`, `key_invalid`, `algorithm_unknown`
 * @see RFC 6749 section 2.3.1, RFC 7523 sections 2.2 and 3
 */
export function clientAuthentication(
  factory: string,
  options: ClientAuthentication,
  issuer: string,
): (now: number) => Promise<ClientProof> {
  const checked = checkedOptions(`${factory}: client`, CLIENT, options)
  if (checked.method === 'private_key_jwt') {
    return bySignature(checked.clientId, checked.key, checked.audience ?? issuer)
  }
  const secret = new Redacted(
    typeof checked.clientSecret === 'string' ? checked.clientSecret : checked.clientSecret.reveal(),
  )
  return async () => bySecret(checked.method, checked.clientId, secret)
}

function bySecret(
  method: ClientSecretAuthentication['method'],
  clientId: string,
  secret: Redacted,
): ClientProof {
  if (method === 'client_secret_post') {
    return { fields: {}, parameters: { client_id: clientId, client_secret: secret.reveal() } }
  }
  // Both are form-encoded first, which also keeps a colon in the id from ending it (RFC 6749 section 2.3.1).
  const pair = `${formEncoded(clientId)}:${formEncoded(secret.reveal())}`
  return {
    fields: { authorization: `Basic ${encodeBase64(utf8Bytes(pair))}` },
    parameters: {},
  }
}

function bySignature(
  clientId: string,
  key: PrivateJwk,
  audience: string,
): (now: number) => Promise<ClientProof> {
  if (key.kty === 'oct') {
    throw new ConfigurationError('key_invalid', 'private_key_jwt needs a key pair, not a secret.')
  }
  assertSigningKey(key)
  return async (now) => {
    const claims = {
      iss: clientId,
      sub: clientId,
      aud: audience,
      jti: encodeBase64url(randomBytes(16)),
      iat: now,
      exp: now + ASSERTION_SECONDS,
    }
    return {
      fields: {},
      parameters: {
        client_id: clientId,
        client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
        client_assertion: await signJwt(claims, { key, type: 'client-authentication+jwt' }),
      },
    }
  }
}

/** `application/x-www-form-urlencoded`, for one value. */
function formEncoded(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1)
}

const ASSERTION_SECONDS = 60

const SECRET = /* @__PURE__ */ z.union([
  TEXT,
  z.custom<Redacted>(
    (value) => value instanceof Redacted && TEXT.safeParse(value.reveal()).success,
  ),
])
const CLIENT = /* @__PURE__ */ z.discriminatedUnion('method', [
  z.strictObject({
    method: z.literal('client_secret_basic'),
    clientId: TEXT,
    clientSecret: SECRET,
  }),
  z.strictObject({ method: z.literal('client_secret_post'), clientId: TEXT, clientSecret: SECRET }),
  z.strictObject({
    method: z.literal('private_key_jwt'),
    clientId: TEXT,
    key: z.custom<PrivateJwk>((value) => typeof value === 'object' && value !== null),
    audience: z.optional(TEXT),
  }),
])

/**
 * A JSON Web Key as it is handed to the library, not vetted yet. Members that are not listed are ignored.
 *
 * @see RFC 7517 section 4, RFC 7518 section 6, RFC 8037 section 2
 */
export interface Jwk {
  readonly kty?: string
  /** What a token's header names the key by: 1 to 256 characters. */
  readonly kid?: string
  /** The one algorithm that the key is for. */
  readonly alg?: string
  readonly use?: string
  readonly key_ops?: readonly string[]
  readonly crv?: string
  readonly x?: string
  readonly y?: string
  readonly n?: string
  readonly e?: string
  /** Secret: an HMAC key. */
  readonly k?: string
  /** Private, as are the members below. */
  readonly d?: string
  readonly p?: string
  readonly q?: string
  readonly dp?: string
  readonly dq?: string
  readonly qi?: string
}

/** A key to verify with, without private members. */
export interface PublicJwk extends Jwk {
  readonly kty: string
  readonly kid: string
  readonly alg: string
}

/** A private key to sign with. It names itself and its algorithm. */
export interface PrivateJwk extends Jwk {
  readonly kty: string
  readonly kid: string
  readonly alg: string
  readonly d: string
}

/** A key shared between the one who signs and the one who verifies. It names itself and its algorithm. */
export interface SecretJwk extends Jwk {
  readonly kty: 'oct'
  readonly kid: string
  readonly alg: string
  readonly k: string
}

import { randomBytes } from '../runtime/random.js'
import { encodeBase64url } from '../shared/base64.js'

/** 128 random bits, 22 characters of base64url: the id of a family, a session, a JWT. */
export function randomId(): string {
  return encodeBase64url(randomBytes(16))
}

/** 256 random bits, 43 characters of base64url: what a token or a code is worth, or the key of a family. */
export function randomSecret(): string {
  return encodeBase64url(randomBytes(32))
}

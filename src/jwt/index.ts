export type { Algorithm } from './algorithms.js'
export type { RegisteredClaims } from './claims.js'
export type { Jwk, PrivateJwk, PublicJwk, SecretJwk } from './jwk.js'
export {
  type JwkSet,
  type KeySetLookup,
  type KeySource,
  type KeysOfIssuer,
  parseJwkSet,
  type StaticKeySource,
  staticKeys,
} from './jwk-set.js'
export type { KeyEvent, KeyReport } from './key-event.js'
export type { JwtRefusal } from './refusal.js'
export {
  generateSigningKey,
  type SigningKeyPair,
  type SignJwtOptions,
  signJwt,
} from './sign-jwt.js'
export type { JwtVerification, JwtVerifierOptions, VerifiedJwt } from './token-judge.js'
export { createJwtVerifier, type JwtVerifier } from './verify-jwt.js'

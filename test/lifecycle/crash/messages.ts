/** What the parent and a server process say to each other. */
import type { PrivateJwk } from '../../../src/jwt/jwk.js'
import type { StoreAddress } from '../../stores/race.js'

export interface ServerSetup {
  readonly address: StoreAddress
  /** Where it writes what an operator should know of, at once. */
  readonly eventsFile: string
  readonly graceSeconds: number
  /** Access tokens are JWTs signed with it; opaque and in the store if null. */
  readonly key: PrivateJwk | null
}

export type Asked =
  | { readonly ask: 'log in'; readonly subject: string }
  /** So often at once. */
  | { readonly ask: 'refresh'; readonly token: string; readonly times: number }
  | { readonly ask: 'code'; readonly subject: string }
  | { readonly ask: 'exchange'; readonly code: string; readonly times: number }
  | { readonly ask: 'revoke'; readonly family: string }

export type Answered = readonly (
  | {
      readonly kind: 'tokens'
      readonly how: string
      readonly token: string
      readonly family: string
    }
  | { readonly kind: 'code'; readonly code: string }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'revoked' }
  | { readonly kind: 'unavailable' }
)[]

export interface Request {
  readonly id: number
  readonly asked: Asked
}

export type FromServer =
  | { readonly ready: true }
  | { readonly id: number; readonly answered: Answered }

export const CLIENT = 'app'
export const VERIFIER: string = 'v'.repeat(43)

import type { EpochName } from '../principal/lineage.js'
import type { CodeRefusal } from './code/code-steps.js'
import type { EndOfFamily } from './family/family-record.js'
import type { RefreshRefusal } from './family/judge-refresh.js'

/** What the lifecycle tells its operator: one stream, told apart by `kind`. Holds no token; `at` is in seconds since the epoch. */
export type LifecycleEvent =
  | {
      readonly kind: 'issued'
      readonly at: number
      readonly clientId: string
      /** Null for a program that acts for itself. */
      readonly subject: string | null
      readonly session: string | null
      /** Null where there is no refresh token. */
      readonly family: string | null
    }
  | {
      readonly kind: 'refreshed'
      readonly at: number
      readonly clientId: string
      readonly subject: string
      readonly family: string
      /** `replayed`: a spent token brought its successor again, within the grace. */
      readonly how: 'rotated' | 'replayed' | 'kept'
      /** The store had forgotten a later state of the family. Look for a restored backup or a failover. */
      readonly healed: boolean
    }
  | {
      readonly kind: 'refresh_refused'
      readonly at: number
      readonly clientId: string
      /** `refresh_token_reused`: somebody has stolen a token, or a client has lost its own. */
      readonly reason: RefreshRefusal
      /** Null where it is not known whose it was. */
      readonly subject: string | null
      readonly family: string | null
    }
  | {
      readonly kind: 'code_refused'
      readonly at: number
      readonly clientId: string
      readonly reason: CodeRefusal
    }
  | {
      readonly kind: 'family_ended'
      readonly at: number
      readonly family: string
      readonly why: EndOfFamily
    }
  | {
      readonly kind: 'token_revoked'
      readonly at: number
      readonly credentialId: string
    }
  | {
      readonly kind: 'epoch_raised'
      readonly at: number
      /** What was revoked as a whole. */
      readonly of: EpochName
      /** Whose; empty for `everything`. */
      readonly id: string
      readonly epoch: number
      readonly kept: readonly string[]
    }
  | {
      readonly kind: 'lifecycle_failed'
      readonly at: number
      /** What was being done. */
      readonly operation: string
      /** What the store, key source or callback threw. Treat it as your own error, with what that may hold. */
      readonly cause: unknown
    }

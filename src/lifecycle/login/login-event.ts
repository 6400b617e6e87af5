import type { LoginResult, PasswordChangeResult, PasswordResetResult } from './login-result.js'

/** What a login tells its operator. Holds no password, and no name that was only typed. */
export type LoginEvent =
  | {
      readonly kind: 'login' | 'password_change' | 'password_reset'
      /** Seconds since the epoch. */
      readonly at: number
      /** The kind of the result. */
      readonly outcome:
        | LoginResult['kind']
        | PasswordChangeResult['kind']
        | PasswordResetResult['kind']
      readonly reason: string | null
      /** Whose account it was, where that is proven. Never a name that was only typed: people type passwords there. */
      readonly subject: string | null
      readonly source: string | null
      readonly cause: unknown
    }
  /** A limiter failed, and that did not change the answer. */
  | { readonly kind: 'throttle_failed'; readonly at: number; readonly cause: unknown }

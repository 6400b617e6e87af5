import type { IssueResult } from '../issuing.js'
import type { PasswordsUnavailable } from '../password/check-password.js'
import type { PasswordAccount } from '../password/password-store.js'
import type { PasswordSetting } from '../password/set-password.js'
import type { ThrottledAttempt, UncountedAttempt } from '../throttle/throttle.js'
import type { TokenSet } from '../token-set.js'

export type LoginResult =
  | {
      readonly kind: 'issued'
      readonly tokens: TokenSet
      readonly account: PasswordAccount
      /** The password has leaked somewhere: have it changed. Null if that cannot be told, or nobody was asked. */
      readonly passwordBreached: boolean | null
    }
  | {
      readonly kind: 'refused'
      /**
       * `password_wrong`: or nobody has this name; the two are not told apart. `login_outdated`: what this user has was
       * revoked while the password was judged; with the right one, logging in again helps. `review_ended`: the lifecycle's
       * review said no.
       */
      readonly reason:
        | 'password_wrong'
        | Extract<IssueResult, { readonly kind: 'refused' }>['reason']
    }
  | ThrottledAttempt
  | LoginUnavailable

/** Our side's fault: 503. */
export type LoginUnavailable =
  | PasswordsUnavailable
  | UncountedAttempt
  | { readonly kind: 'unavailable'; readonly reason: 'grant_failed'; readonly cause: unknown }
  /** The name went to somebody else while the password was judged. */
  | { readonly kind: 'unavailable'; readonly reason: 'contended' }

export type PasswordChangeResult =
  | PasswordSetting
  | { readonly kind: 'refused'; readonly reason: 'password_wrong' }
  | ThrottledAttempt
  | UncountedAttempt

export type PasswordResetResult = PasswordSetting | { readonly kind: 'absent' }

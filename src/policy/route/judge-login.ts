import type { IdentifiedPrincipal } from '../../principal/principal.js'

/** A login requirement with its duration in seconds. */
export interface CheckedLogin {
  readonly maxAgeSeconds: number | null
  readonly acr: readonly string[]
}

export type LoginJudgement = 'satisfied' | 'login_too_old' | 'login_too_weak'

/**
 * Decides whether the login behind a principal is recent and strong enough.
 *
 * A principal that does not say when or how it logged in does not satisfy a requirement about it; an application,
 * which never logs in, satisfies none. A login in the future is not recent: it is a clock that cannot be believed.
 *
 * Both bounds are inclusive: a login exactly `maxAgeSeconds` ago satisfies, one exactly 60 seconds ahead too.
 *
 * @see RFC 9470 section 4
 */
export function judgeLogin(
  login: CheckedLogin | null,
  principal: IdentifiedPrincipal,
  now: number,
): LoginJudgement {
  if (login === null) return 'satisfied'
  const authentication = principal.kind === 'user' ? principal.authentication : null
  if (login.acr.length > 0) {
    const acr = authentication?.acr ?? null
    if (acr === null || !login.acr.includes(acr)) return 'login_too_weak'
  }
  if (login.maxAgeSeconds !== null) {
    const time = authentication?.time ?? null
    if (time === null || time > now + CLOCK_STEP_SECONDS) return 'login_too_old'
    // Asked so that a time that is no number is too old.
    if (!(now - time <= login.maxAgeSeconds)) return 'login_too_old'
  }
  return 'satisfied'
}

/** How far ahead of ours an issuer's clock may be, as for tokens. */
const CLOCK_STEP_SECONDS = 60

import * as z from 'zod/mini'
import { parseBasic } from '../credential/basic.js'
import { STORE_TIMEOUT_MILLISECONDS } from '../lifecycle/ask-store.js'
import { checkPassword, type PasswordDesk } from '../lifecycle/password/check-password.js'
import type { HashingGate } from '../lifecycle/password/hashing-gate.js'
import type { PasswordHashing } from '../lifecycle/password/password.js'
import type { PasswordHasher } from '../lifecycle/password/password-hasher.js'
import { HASHING_GATE, PASSWORDS, passwordJudge } from '../lifecycle/password/password-judge.js'
import {
  accountOf,
  type PasswordAccount,
  type PasswordStore,
} from '../lifecycle/password/password-store.js'
import type { Throttle } from '../lifecycle/throttle/throttle.js'
import { establishUser } from '../principal/establish.js'
import type { UserPrincipal } from '../principal/principal.js'
import { checkedOptions, port } from '../shared/options.js'
import { REALM, TIMEOUT_MILLISECONDS } from './factory-options.js'
import { refused } from './refused.js'
import { THROTTLE, throttled } from './throttled.js'
import type { Verification, VerificationContext, Verifier } from './verifier.js'

export interface BasicOptions {
  /** Shown to the user by browsers: 1 to 128 printable ASCII characters without double quotes and backslashes. */
  readonly realm: string
  readonly store: PasswordStore
  /** How new hashes are made, or a hasher of your own; argon2id by default. */
  readonly passwords?: PasswordHashing | PasswordHasher
  /** How many hashes may run and wait; by default one gate for all of this process that checks passwords. */
  readonly hashingGate?: HashingGate
  /** How long the store may take; 2,000 by default, 1 to 60,000. */
  readonly timeoutMilliseconds?: number
  /**
   * Limits how many passwords are tried, by source and by username. Clients send theirs with each request, and one counts
   * while it is being checked: give `accountAndSource` more than one client has under way at once. Default: none.
   */
  readonly throttle?: Throttle
}

/** Basic credentials carry no claims. */
export type NoClaims = Readonly<Record<string, never>>

/**
 * Verifies `Authorization: Basic`. The principal is a user, of the issuer `basic:<realm>`.
 *
 * An unknown user costs the same work as a wrong password and is refused for the same reason. Every request costs a
 * password hash; when too many wait, the answer is 503. The time of login is unknown, since browsers repeat the
 * password by themselves. Does not count failed attempts, unless you give it a `throttle`. Hashes of other costs than today's give themselves away by
 * their time until they are replaced, which happens at the next login if the store has `replaceHash`.
 *
 * @throws ConfigurationError `option_invalid`
 * @see RFC 7617
 */
export function basic(options: BasicOptions): Verifier<UserPrincipal<NoClaims>> {
  const checked = checkedOptions('basic', OPTIONS, options)
  const desk: PasswordDesk = {
    store: checked.store,
    judge: passwordJudge(checked),
    timeoutMilliseconds: checked.timeoutMilliseconds ?? STORE_TIMEOUT_MILLISECONDS,
  }
  const issuer = `basic:${checked.realm}`
  return {
    recognises: { kind: 'basic' },
    needsClientNetwork: checked.throttle !== undefined,
    offer: { scheme: 'Basic', parameters: { realm: checked.realm, charset: 'UTF-8' } },
    verify(credential, context) {
      if (credential.kind !== 'basic') return refused('basic_malformed')
      const parsed = parseBasic(credential.token68.reveal())
      if (!parsed.ok) return refused(parsed.reason)
      const { username, password } = parsed.value
      const check = async (): Promise<Verification<UserPrincipal<NoClaims>>> => {
        const matched = await checkPassword(desk, username, password.reveal(), context)
        if (matched.kind === 'mismatched') return refused('password_wrong')
        if (matched.kind === 'unavailable') {
          return matched.reason === 'hasher_failed'
            ? { ...matched, reason: 'verifier_failed' }
            : matched
        }
        return principalOf(issuer, accountOf(matched.record), context)
      }
      return throttled(checked.throttle, { account: username }, context, check)
    },
  }
}

function principalOf(
  issuer: string,
  { username, subject, scopes: held }: PasswordAccount,
  { scopes }: VerificationContext,
): Verification<UserPrincipal<NoClaims>> {
  const grant = scopes.grant(held)
  if (grant.problem !== null) return refused(grant.problem)
  return {
    kind: 'verified',
    principal: establishUser<NoClaims>({
      issuer,
      subject,
      clientId: null,
      grant,
      claims: NO_CLAIMS,
      authentication: AUTHENTICATION,
      // A username has no colon, so no two of these are equal.
      credentialId: `${issuer}:${username}`,
      expiresAt: null,
    }),
  }
}

const NO_CLAIMS: NoClaims = /* @__PURE__ */ Object.freeze({})
const AUTHENTICATION = /* @__PURE__ */ Object.freeze({
  time: null,
  acr: null,
  amr: /* @__PURE__ */ Object.freeze(['pwd']), // RFC 8176
})

const OPTIONS = /* @__PURE__ */ z.strictObject({
  realm: REALM,
  store: port<PasswordStore>('find'),
  passwords: PASSWORDS,
  hashingGate: HASHING_GATE,
  timeoutMilliseconds: TIMEOUT_MILLISECONDS,
  throttle: THROTTLE,
})

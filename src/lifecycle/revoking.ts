import * as z from 'zod/mini'
import { ConfigurationError } from '../errors.js'
import type { EpochName } from '../principal/lineage.js'
import { isTime } from '../runtime/clock.js'
import { checkedOptions } from '../shared/options.js'
import type { Desk } from './desk.js'
import { endFamily, sessionEpochEnd } from './family/end-family.js'
import type { EndOfFamily } from './family/family-record.js'
import { isRevocable } from './family/family-steps.js'
import { provenKey } from './family/judge-refresh.js'
import { parseRefreshToken } from './family/refresh-token.js'
import { ownsSession } from './family/sessions.js'
import { type LifecycleSetup, NOTICE_MARGIN_SECONDS } from './lifecycle-options.js'
import type { RefreshClient } from './refreshing.js'
import { raiseEpoch } from './revocation/epochs.js'
import { revokeOneToken } from './revocation/revoked-token.js'
import type { Steps } from './store/steps.js'
import { isStoreText } from './store/store.js'

/**
 * What revokes. Each is done when its promise is fulfilled, and rejects with an `UnavailableError` when it cannot tell;
 * doing it again is safe. What is unknown is no error: nothing of it is good.
 */
export interface Revoking {
  /**
   * Revokes one access token until it would have ended: give the principal that it has brought.
   *
   * Rejects with ConfigurationError `option_invalid` for a credential that has no id or never ends: no access token is
   * like that.
   */
  revokeAccessToken(credential: {
    readonly credentialId: string | null
    readonly expiresAt: number | null
  }): Promise<void>
  /**
   * Ends the family of a refresh token, whatever its age, if it was issued to this client. Another's changes nothing
   * (RFC 7009 section 2.1).
   */
  revokeRefreshToken(
    refreshToken: string,
    client: Pick<RefreshClient, 'clientId' | 'confirmation'>,
  ): Promise<void>
  /** Ends a family by its id, with its access tokens. */
  revokeFamily(family: string): Promise<void>
  /**
   * Logout: ends one session, with all tokens of it.
   *
   * Rejects with ConfigurationError `option_invalid` for options without a subject.
   *
   * @param options.subject ends it only if it is this subject's: give it wherever the session's id comes from a client. A
   *   session without a refresh token is known to nobody: of one that `principal.lineage` names, its owner is proven already
   * @returns false if it is not this subject's as far as the store knows, or has ended
   */
  revokeSession(session: string, options?: { readonly subject: string }): Promise<boolean>
  /**
   * Logout everywhere, or a changed password: ends all that a subject has, but for the sessions to keep.
   *
   * Rejects with ConfigurationError `option_invalid` for sessions to keep that can be none, and for more than 64 of them.
   */
  revokeSubject(subject: string, options?: { readonly keep?: readonly string[] }): Promise<void>
  /** Ends all that a client has: its secret has leaked, or it is no more. */
  revokeClient(clientId: string): Promise<void>
  revokeTenant(tenant: string): Promise<void>
  /** An incident: everybody has to log in again. */
  revokeEverything(): Promise<void>
}

export function revokingOf(setup: LifecycleSetup, desk: Desk): Revoking {
  const { families, onEvent } = setup

  const perform = <Result>(
    operation: string,
    steps: (now: number) => Steps<Result>,
  ): Promise<Result> =>
    desk.done(operation, async (now) => {
      const performed = await desk.perform(steps(now))
      return performed.kind === 'done' ? performed.result : performed
    })

  const raise = async (
    operation: string,
    of: EpochName,
    id: string,
    keep: readonly string[] = [],
  ): Promise<void> => {
    // Nothing can have been issued under an id that no store can keep.
    if (of !== 'everything' && !isStoreText(id)) return
    await perform(operation, function* (now) {
      const until = now + families.accessTokenSeconds
      const expiresAt = of === 'session' ? sessionEpochEnd(families, now) : null
      const epoch = yield* raiseEpoch(of, id, { keep, now, until, expiresAt })
      onEvent({ kind: 'epoch_raised', at: now, of, id, epoch, kept: keep })
    })
  }

  const end = async (operation: string, id: string): Promise<void> => {
    await perform(operation, function* (now) {
      const why: EndOfFamily = 'revoked'
      const ended = yield* endFamily(id, why, families, now)
      if (ended) onEvent({ kind: 'family_ended', at: now, family: id, why })
    })
  }

  return {
    revokeAccessToken: async (credential) => {
      const { credentialId, expiresAt } = checkedCredential(credential)
      await perform('revokeAccessToken', function* (now) {
        yield* revokeOneToken(credentialId, expiresAt + NOTICE_MARGIN_SECONDS, now)
        onEvent({ kind: 'token_revoked', at: now, credentialId })
      })
    },

    revokeRefreshToken: async (text, { clientId, confirmation: given }) => {
      const parsed = parseRefreshToken(text)
      if (!parsed.ok) return
      const presented = { token: parsed.value, clientId, confirmation: provenKey(given) }
      await perform('revokeRefreshToken', function* (now) {
        if (!(yield* isRevocable(presented, families))) return
        const why: EndOfFamily = 'revoked'
        const ended = yield* endFamily(parsed.value.family, why, families, now)
        if (ended) onEvent({ kind: 'family_ended', at: now, family: parsed.value.family, why })
      })
    },

    revokeFamily: async (family) => {
      if (isStoreText(family)) await end('revokeFamily', family)
    },

    revokeSession: async (session, options) => {
      // Without a subject it ends anybody's: a member that the caller forgot to fill must not come to that.
      const subject = options && checkedOptions('revokeSession', OF_SUBJECT, options).subject
      if (!isStoreText(session)) return false
      if (subject !== undefined) {
        const owns = await perform('revokeSession', (now) => ownsSession(subject, session, now))
        if (!owns) return false
      }
      await raise('revokeSession', 'session', session)
      return true
    },

    revokeSubject: async (subject, options = {}) => {
      const { keep = [] } = checkedOptions('revokeSubject', KEEPING, options)
      await raise('revokeSubject', 'subject', subject, keep)
    },
    revokeClient: (clientId) => raise('revokeClient', 'client', clientId),
    revokeTenant: (tenant) => raise('revokeTenant', 'tenant', tenant),
    revokeEverything: () => raise('revokeEverything', 'everything', ''),
  }
}

function checkedCredential({
  credentialId,
  expiresAt,
}: {
  readonly credentialId: string | null
  readonly expiresAt: number | null
}): { readonly credentialId: string; readonly expiresAt: number } {
  // A NumericDate may have a fraction.
  const end = Math.ceil(expiresAt ?? Number.NaN)
  if (credentialId !== null && isStoreText(credentialId) && isTime(end)) {
    return { credentialId, expiresAt: end }
  }
  throw new ConfigurationError(
    'option_invalid',
    'revokeAccessToken: give a credential with an id and an end, such as the principal of an access token.',
  )
}

const OF_SUBJECT = /* @__PURE__ */ z.strictObject({ subject: z.string() })

/** They are part of the counter's record and of its notice: what is no id would leave both unreadable. */
const KEEPING = /* @__PURE__ */ z.strictObject({
  keep: z.optional(
    z.array(z.string().check(z.refine(isStoreText))).check(/* @__PURE__ */ z.maxLength(64)),
  ),
})

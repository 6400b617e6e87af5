import type { JsonObject } from '../shared/json.js'
import { AS_ALLOWED, completed, issued } from './completion.js'
import type { Desk } from './desk.js'
import type { Authorization } from './family/authorization.js'
import { beginFamily } from './family/family-steps.js'
import { isOthersSession } from './family/sessions.js'
import {
  authorizationOf,
  checkedStart,
  type GrantOptions,
  programOf,
  type StartedLogin,
  type StartLoginOptions,
  startedLogin,
} from './grant.js'
import { type Issue, issueToProgram } from './issue.js'
import type { LifecycleSetup } from './lifecycle-options.js'
import { randomId } from './random-text.js'
import { isOutdated, readEpochs } from './revocation/epochs.js'
import type { StoreUnavailable } from './store/steps.js'
import type { TokenSet } from './token-set.js'

export type StartedLoginResult =
  | { readonly kind: 'started'; readonly login: StartedLogin }
  | StoreUnavailable

export type IssueResult =
  | { readonly kind: 'issued'; readonly tokens: TokenSet }
  /** Something was revoked since the login began, or the review said no: nothing was issued. */
  | { readonly kind: 'refused'; readonly reason: 'login_outdated' | 'review_ended' }
  | StoreUnavailable

/** What issues: never rejects for a store that fails. */
export interface Issuing<Claims extends JsonObject = JsonObject> {
  /**
   * Begins a login. Call it BEFORE the user is proven: see {@link StartedLogin}.
   *
   * Rejects with ConfigurationError `option_invalid` for ids that no store can keep: 1 to 255 characters, well-formed, no
   * control characters.
   */
  startLogin(options: StartLoginOptions): Promise<StartedLoginResult>
  /** Issues tokens to a client for a user who has been proven. Rejects with ConfigurationError `option_invalid`. */
  issue(grant: GrantOptions<Claims>): Promise<IssueResult>
  /**
   * Issues an access token to a program that acts for itself: the login's subject is the client. Nothing to refresh comes
   * with it. Rejects with ConfigurationError `option_invalid`.
   */
  issueToProgram(
    grant: Omit<GrantOptions<Claims>, 'clientType' | 'refresh' | 'label'>,
  ): Promise<IssueResult>
}

export function issuingOf(setup: LifecycleSetup, desk: Desk): Issuing {
  const { families } = setup

  /** Whether something was revoked since the login began. Its tokens would be dead; better not to hand them out. */
  const isStale = async ({ subject, client, tenant, session, epochs }: Authorization) => {
    const current = await desk.perform(readEpochs({ subject, client: client.id, tenant, session }))
    return current.kind === 'done' ? isOutdated(epochs, session, current.result) : current
  }

  return {
    startLogin: async (options) => {
      const owners = checkedStart(options)
      const { clientId: client, subject, tenant, session } = owners
      return desk.handle('startLogin', async (now) => {
        const read = await desk.perform(readEpochs({ subject, client, tenant, session }))
        if (read.kind === 'unavailable') return read
        const { counts } = read.result
        const asGiven = { kind: 'started', login: startedLogin(owners, counts) } as const
        if (options.session === undefined) return asGiven
        const others = await desk.perform(isOthersSession(subject, session, now))
        if (others.kind === 'unavailable') return others
        // INVARIANT: nothing captures a session's counter once it was raised: it is forgotten, and starts anew, when all
        // that has captured less is over.
        if (counts.session === 0 && !others.result) return asGiven
        const anew = { ...owners, session: randomId() }
        return { kind: 'started', login: startedLogin(anew, { ...counts, session: 0 }) }
      })
    },

    issue: async (grant) => {
      const check = (now: number) => authorizationOf('issue', grant, setup, now)
      check(0)
      return desk.handle<IssueResult>('issue', async (now) => {
        const authorization = check(now)
        const stale = await isStale(authorization)
        if (stale !== false) return stale === true ? OUTDATED : stale
        const prepared = await setup.accessTokens.prepare(now)
        if (prepared.kind === 'unavailable') return prepared
        const familyId = grant.refresh === false ? null : randomId()
        let begun: Pick<Issue, 'refreshToken' | 'absoluteUntil'> = {
          refreshToken: null,
          absoluteUntil: null,
        }
        if (familyId !== null) {
          const performed = await desk.perform(beginFamily(familyId, authorization, families, now))
          if (performed.kind === 'unavailable') return performed
          if (performed.result === null) throw new Error('A new family was there already.')
          const { family, token } = performed.result
          begun = { refreshToken: token, absoluteUntil: family.absoluteUntil }
        }
        const tokens = await completed(
          setup,
          desk,
          prepared,
          { authorization, familyId, ...AS_ALLOWED, ...begun },
          now,
        )
        if (tokens === 'review_ended') return { kind: 'refused', reason: 'review_ended' }
        return 'kind' in tokens ? tokens : issued(setup, tokens, authorization, now)
      })
    },

    issueToProgram: async (grant) => {
      const check = (now: number) => {
        const options = { ...grant, clientType: 'confidential' as const }
        return programOf(authorizationOf('issueToProgram', options, setup, now))
      }
      check(0)
      return desk.handle<IssueResult>('issueToProgram', async (now) => {
        const authorization = check(now)
        const stale = await isStale(authorization)
        if (stale !== false) return stale === true ? OUTDATED : stale
        const prepared = await setup.accessTokens.prepare(now)
        if (prepared.kind === 'unavailable') return prepared
        const tokens = await issueToProgram(setup, prepared, authorization, now)
        return 'kind' in tokens ? tokens : issued(setup, tokens, authorization, now)
      })
    },
  }
}

const OUTDATED = { kind: 'refused', reason: 'login_outdated' } as const

import type { JsonObject } from '../shared/json.js'
import type { PreparedIssue } from './access-token/access-token-issuer.js'
import { findOpaqueToken } from './access-token/opaque-access-tokens.js'
import {
  type CodeBinding,
  type CodeRefusal,
  createCode,
  exchangeCode,
  type PresentedCode,
} from './code/code-steps.js'
import type { Desk } from './desk.js'
import type { Authorization } from './family/authorization.js'
import { beginFamily, endFamily, refreshFamily } from './family/family-steps.js'
import type { RefreshRefusal } from './family/judge-refresh.js'
import { parseRefreshToken, randomId } from './family/refresh-token.js'
import { type ListedSession, listSessions } from './family/sessions.js'
import {
  authorizationOf,
  checkedBinding,
  checkedStart,
  type GrantOptions,
  programOf,
  type StartedLogin,
  type StartLoginOptions,
  startedLogin,
} from './grant.js'
import { type Issue, issueTo, issueToProgram, reviewed } from './issue.js'
import type { LifecycleSetup } from './lifecycle-options.js'
import type { OpaqueTokenRecord, TokenConfirmation } from './opaque-token.js'
import { isOutdated, readEpochs } from './revocation/epochs.js'
import type { StoreUnavailable } from './store/steps.js'
import { isStoreText } from './store/store.js'
import type { TokenSet } from './token-set.js'

/** A client that has proven who it is, and what else its request proves. */
export interface RefreshClient {
  readonly clientId: string
  /** The key of its DPoP proof, or its certificate. */
  readonly confirmation?: TokenConfirmation
  /** Asks for an access token for less. */
  readonly scopes?: readonly string[]
  readonly audiences?: readonly string[]
}

export type StartedLoginResult =
  | { readonly kind: 'started'; readonly login: StartedLogin }
  | StoreUnavailable

export type IssueResult =
  | { readonly kind: 'issued'; readonly tokens: TokenSet }
  /** Something was revoked since the login began, or the review said no: nothing was issued. */
  | { readonly kind: 'refused'; readonly reason: 'login_outdated' | 'review_ended' }
  | StoreUnavailable

export type RefreshResult =
  | {
      readonly kind: 'refreshed'
      readonly tokens: TokenSet
      readonly how: 'rotated' | 'replayed' | 'kept'
    }
  | {
      readonly kind: 'refused'
      /** What to tell the client (RFC 6749 section 5.2, RFC 8707 section 2). */
      readonly error: 'invalid_grant' | 'invalid_scope' | 'invalid_target'
      /** What to tell the operator only. */
      readonly reason: RefreshRefusal | 'review_ended'
    }
  /** 503, never `invalid_grant`: clients drop their tokens on that. */
  | StoreUnavailable

export type ExchangeResult =
  | { readonly kind: 'issued'; readonly tokens: TokenSet }
  | {
      readonly kind: 'refused'
      readonly error: 'invalid_grant'
      /** What to tell the operator only. */
      readonly reason: CodeRefusal | 'review_ended'
    }
  | StoreUnavailable

export type CodeResult = { readonly kind: 'created'; readonly code: string } | StoreUnavailable

export type SessionsResult =
  | { readonly kind: 'sessions'; readonly sessions: readonly ListedSession[] }
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
  /** Refreshes. The client must have been authenticated, if it can be; its proof of a key, verified. */
  refresh(refreshToken: string, client: RefreshClient): Promise<RefreshResult>
  /**
   * Makes an authorization code, which `exchangeCode` turns into tokens once.
   * Rejects with ConfigurationError `option_invalid`.
   */
  createCode(grant: GrantOptions<Claims>, binding: CodeBinding): Promise<CodeResult>
  /** Exchanges a code. The client must have been authenticated, if it can be. */
  exchangeCode(
    presented: PresentedCode & Pick<RefreshClient, 'confirmation'>,
  ): Promise<ExchangeResult>
  /** Where `opaqueBearer` looks for the access tokens of this lifecycle, if they are opaque. */
  readonly accessTokens: { find(hash: string): Promise<OpaqueTokenRecord | null> }
  /** The sessions of a subject, for a list of devices. */
  sessions(subject: string): Promise<SessionsResult>
}

export function issuingOf(setup: LifecycleSetup, desk: Desk): Issuing {
  const { families, onEvent } = setup

  /** The last part of each issue: the review, then the access token. */
  const complete = async (
    prepared: PreparedIssue,
    issue: Issue,
    now: number,
  ): Promise<TokenSet | StoreUnavailable | 'review_ended'> => {
    const review = await reviewed(setup, issue.authorization)
    if (review.kind === 'unavailable') return review
    if (review.kind === 'continue') return issueTo(setup, prepared, issue, review, now)
    if (issue.familyId !== null) {
      const ended = await desk.perform(endFamily(issue.familyId, 'review', families, now))
      if (ended.kind === 'unavailable') return ended
      onEvent({ kind: 'family_ended', at: now, family: issue.familyId, why: 'review' })
    }
    return 'review_ended'
  }

  const issued = (tokens: TokenSet, authorization: Authorization, now: number) => {
    onEvent({
      kind: 'issued',
      at: now,
      clientId: authorization.client.id,
      subject: tokens.session === null ? null : authorization.subject,
      session: tokens.session,
      family: tokens.family,
    })
    return { kind: 'issued', tokens } as const
  }

  /** Whether something was revoked since the login began. Its tokens would be dead; better not to hand them out. */
  const isStale = async ({ subject, client, tenant, session, epochs }: Authorization) => {
    const current = await desk.perform(readEpochs({ subject, client: client.id, tenant, session }))
    return current.kind === 'done' ? isOutdated(epochs, session, current.result) : current
  }

  return {
    startLogin: async (options) => {
      const owners = checkedStart(options)
      const { clientId: client, subject, tenant, session } = owners
      return desk.handle('startLogin', async () => {
        const read = await desk.perform(readEpochs({ subject, client, tenant, session }))
        if (read.kind === 'unavailable') return read
        return { kind: 'started', login: startedLogin(owners, read.result.counts) }
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
        const tokens = await complete(
          prepared,
          { authorization, familyId, ...AS_ALLOWED, ...begun },
          now,
        )
        if (tokens === 'review_ended') return { kind: 'refused', reason: 'review_ended' }
        return 'kind' in tokens ? tokens : issued(tokens, authorization, now)
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
        return 'kind' in tokens ? tokens : issued(tokens, authorization, now)
      })
    },

    refresh: (text, client) =>
      desk.handle<RefreshResult>('refresh', async (now) => {
        const refuse = (
          reason: RefreshRefusal | 'review_ended',
          subject: string | null,
          family: string | null,
        ): RefreshResult => {
          const { clientId } = client
          if (reason !== 'review_ended') {
            onEvent({ kind: 'refresh_refused', at: now, clientId, reason, subject, family })
          }
          return { kind: 'refused', error: errorOf(reason), reason }
        }
        const parsed = parseRefreshToken(text)
        if (!parsed.ok) return refuse(parsed.reason, null, null)
        const { scopes = null, audiences = null, confirmation = null, clientId } = client
        // What can fail without anything having happened comes first: a spent token has a short grace only.
        const prepared = await setup.accessTokens.prepare(now)
        if (prepared.kind === 'unavailable') return prepared
        const presented = { token: parsed.value, clientId, confirmation, scopes, audiences }
        const performed = await desk.perform(refreshFamily(presented, families, now))
        if (performed.kind === 'unavailable') return performed
        const { result } = performed
        const familyId = parsed.value.family
        if (result.kind === 'refused') {
          const { reason, authorization } = result
          const family = authorization === null ? null : familyId
          if (reason === 'refresh_token_reused') {
            onEvent({ kind: 'family_ended', at: now, family: familyId, why: reason })
          }
          return refuse(reason, authorization?.subject ?? null, family)
        }
        const { family, token, how, healed } = result
        const { authorization, absoluteUntil } = family
        const issue = { authorization, scopes, audiences, confirmation, familyId, absoluteUntil }
        const tokens = await complete(prepared, { ...issue, refreshToken: token }, now)
        if (tokens === 'review_ended') return refuse(tokens, authorization.subject, familyId)
        if ('kind' in tokens) return tokens
        const { subject } = authorization
        onEvent({ kind: 'refreshed', at: now, clientId, subject, family: familyId, how, healed })
        return { kind: 'refreshed', tokens, how }
      }),

    createCode: async (grant, binding) => {
      const check = (now: number) => authorizationOf('createCode', grant, setup, now)
      check(0)
      const bound = checkedBinding(binding)
      return desk.handle<CodeResult>('createCode', async (now) => {
        const steps = createCode(check(now), bound, setup.codeSeconds, now)
        const performed = await desk.perform(steps)
        return performed.kind === 'done' ? { kind: 'created', code: performed.result } : performed
      })
    },

    exchangeCode: (presented) =>
      desk.handle<ExchangeResult>('exchangeCode', async (now) => {
        const { clientId, confirmation = null } = presented
        const refuse = (reason: CodeRefusal | 'review_ended'): ExchangeResult => {
          if (reason !== 'review_ended')
            onEvent({ kind: 'code_refused', at: now, clientId, reason })
          return { kind: 'refused', error: 'invalid_grant', reason }
        }
        const prepared = await setup.accessTokens.prepare(now)
        if (prepared.kind === 'unavailable') return prepared
        const performed = await desk.perform(exchangeCode(presented, families, now))
        if (performed.kind === 'unavailable') return performed
        const { result } = performed
        if (result.kind === 'refused') return refuse(result.reason)
        const { familyId, family, token } = result
        const { authorization, absoluteUntil } = family
        const issue = { ...AS_ALLOWED, authorization, confirmation, familyId, absoluteUntil }
        const tokens = await complete(prepared, { ...issue, refreshToken: token }, now)
        if (tokens === 'review_ended') return refuse(tokens)
        return 'kind' in tokens ? tokens : issued(tokens, authorization, now)
      }),

    accessTokens: {
      async find(hash) {
        const performed = await desk.perform(findOpaqueToken(hash))
        if (performed.kind === 'done') return performed.result
        // The port of `opaqueBearer`: a rejection is an outage there.
        throw performed.cause
      },
    },

    sessions: (subject) =>
      desk.handle<SessionsResult>('sessions', async (now) => {
        if (!isStoreText(subject)) return { kind: 'sessions', sessions: [] }
        const performed = await desk.perform(listSessions(subject, now))
        return performed.kind === 'done'
          ? { kind: 'sessions', sessions: performed.result }
          : performed
      }),
  }
}

const AS_ALLOWED = { scopes: null, audiences: null, confirmation: null } as const
const OUTDATED = { kind: 'refused', reason: 'login_outdated' } as const

function errorOf(reason: RefreshRefusal | 'review_ended') {
  if (reason === 'scope_exceeded') return 'invalid_scope'
  return reason === 'audience_exceeded' ? 'invalid_target' : 'invalid_grant'
}

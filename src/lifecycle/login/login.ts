import * as z from 'zod/mini'
import { type Clock, readClock, systemClock } from '../../runtime/clock.js'
import type { Eventual } from '../../shared/eventual.js'
import type { JsonObject } from '../../shared/json.js'
import { checkedOptions, functionOption, port } from '../../shared/options.js'
import { tell } from '../../shared/tell.js'
import { unusableRecord } from '../ask-store.js'
import type { Lifecycle } from '../lifecycle.js'
import type { PasswordAccount } from '../password/password-store.js'
import type { Passwords } from '../password/passwords.js'
import { isStoreText } from '../store/store.js'
import type {
  AttemptEnd,
  Throttle,
  ThrottledAttempt,
  UncountedAttempt,
} from '../throttle/throttle.js'
import type { LoginEvent } from './login-event.js'
import type { LoginRequest, PasswordChangeRequest, PasswordResetRequest } from './login-request.js'
import type { LoginResult, PasswordChangeResult, PasswordResetResult } from './login-result.js'

export interface LoginOptions {
  readonly passwords: Passwords
  readonly lifecycle: Pick<Lifecycle, 'startLogin' | 'issue' | 'revokeSubject'>
  /** Limits how many passwords are tried. Null: nothing does, so whoever reaches this may guess without end. */
  readonly throttle: Throttle | null
  /**
   * What an account gets, asked once its password was right. By default the scopes of its record. What it throws is an
   * outage.
   */
  readonly grant?: (account: PasswordAccount, request: LoginRequest) => Eventual<LoginGrant>
  /** Told what became of each call. What it throws is dropped. */
  readonly onEvent?: (event: LoginEvent) => void
  /** Default: the machine's clock. */
  readonly clock?: Clock
}

/** What the tokens of a login are good for. */
export interface LoginGrant {
  /** Single scope tokens. Not what a client asks for, unless this account may have it. */
  readonly scopes: readonly string[]
  /** The lifecycle's own by default. */
  readonly audience?: string | readonly string[]
  readonly claims?: JsonObject
  readonly acr?: string
}

/** Logging in by password, and changing it. Nothing here throws or rejects for what a client sends or a store does. */
export interface Login {
  /**
   * Proves a user by password and issues tokens.
   *
   * Rejects with ConfigurationError `option_invalid` for a client, tenant, scope or claim that cannot be.
   */
  login(request: LoginRequest): Promise<LoginResult>
  /**
   * Replaces a password and revokes all that was issued to its user, but for one session. To repeat the call is safe, and
   * finishes what was interrupted: see `Passwords.change`.
   */
  changePassword(request: PasswordChangeRequest): Promise<PasswordChangeResult>
  /** The same without the old password, for whoever has proven otherwise who they are. All sessions end. */
  resetPassword(request: PasswordResetRequest): Promise<PasswordResetResult>
}

/**
 * Puts a login together: throttle, epochs, password, tokens.
 *
 * INVARIANT: the counters of revocation are read BEFORE the hash that the password is judged by. A password change replaces
 * the hash first and raises the counter after that. So whoever logs in with the old password either is judged by the new
 * hash, or holds tokens that have captured too little and are dead.
 *
 * @throws ConfigurationError `option_invalid`
 */
export function createLogin(options: LoginOptions): Login {
  const checked = checkedOptions('createLogin', OPTIONS, options)
  const setup: Setup = {
    passwords: checked.passwords,
    lifecycle: checked.lifecycle,
    throttle: checked.throttle,
    grant: checked.grant ?? (({ scopes }) => ({ scopes })),
    now: () => readClock(checked.clock ?? systemClock),
    report: (event) => tell(checked.onEvent, event),
  }
  return Object.freeze({
    login: (request: LoginRequest) => login(setup, request),
    changePassword: (request: PasswordChangeRequest) => changePassword(setup, request),
    resetPassword: (request: PasswordResetRequest) => resetPassword(setup, request),
  })
}

interface Setup extends Pick<LoginOptions, 'passwords' | 'lifecycle' | 'throttle'> {
  readonly grant: NonNullable<LoginOptions['grant']>
  now(): number
  report(event: LoginEvent): void
}

async function login(setup: Setup, request: LoginRequest): Promise<LoginResult> {
  const result = await attempt(setup, request, () => proveAndIssue(setup, request), endOfLogin)
  told(setup, 'login', result, request.source)
  return result
}

async function proveAndIssue(setup: Setup, request: LoginRequest): Promise<LoginResult> {
  const { passwords, lifecycle } = setup
  const { username, password, clientId, clientType, tenant, confirmation, label } = request
  // Only to know whose counters to read: what the record says besides may have changed when they were.
  const found = await passwords.find(username)
  if (found.kind === 'unavailable') return found
  const subject = found.kind === 'found' ? found.account.subject : standIn(username)
  if (!isSubject(subject)) return unusableRecord('subject')
  const started = await lifecycle.startLogin({
    subject,
    clientId,
    ...(tenant === undefined ? {} : { tenant }),
  })
  if (started.kind === 'unavailable') return started
  const checked = await passwords.check(username, password)
  if (checked.kind === 'mismatched') return { kind: 'refused', reason: 'password_wrong' }
  if (checked.kind === 'unavailable') return checked
  const { account } = checked
  if (account.subject !== started.login.subject) return CONTENDED
  let grant: LoginGrant
  try {
    grant = await setup.grant(account, request)
  } catch (cause) {
    return { kind: 'unavailable', reason: 'grant_failed', cause }
  }
  const [issued, passwordBreached] = await Promise.all([
    lifecycle.issue({
      ...grant,
      login: started.login,
      clientType,
      amr: PASSWORD,
      ...(confirmation === undefined ? {} : { confirmation }),
      ...(typeof label === 'string' ? { label: label.slice(0, MAX_LABEL_LENGTH) } : {}),
    }),
    passwords.isBreached(password),
  ])
  if (issued.kind !== 'issued') return issued
  return { kind: 'issued', tokens: issued.tokens, account, passwordBreached }
}

async function changePassword(
  setup: Setup,
  request: PasswordChangeRequest,
): Promise<PasswordChangeResult> {
  const { username, password, newPassword, keepSession, words = [] } = request
  const keep = keepSession === undefined ? [] : [keepSession]
  const change = async (): Promise<PasswordChangeResult> => {
    const changed = await setup.passwords.change(username, password, newPassword, {
      words,
      revoke: (subject) => setup.lifecycle.revokeSubject(subject, { keep }),
    })
    return changed.kind === 'mismatched' ? { kind: 'refused', reason: 'password_wrong' } : changed
  }
  const result = await attempt(setup, request, change, endOfChange)
  told(setup, 'password_change', result, request.source)
  return result
}

async function resetPassword(
  setup: Setup,
  { username, newPassword, words = [] }: PasswordResetRequest,
): Promise<PasswordResetResult> {
  const result = await setup.passwords.set(username, newPassword, {
    words,
    revoke: (subject) => setup.lifecycle.revokeSubject(subject),
  })
  told(setup, 'password_reset', result, null)
  return result
}

async function attempt<Result>(
  { throttle, now, report }: Setup,
  { username, source }: Pick<LoginRequest, 'username' | 'source'>,
  check: () => Promise<Result>,
  endOf: (result: Result) => AttemptEnd,
): Promise<Result | ThrottledAttempt | UncountedAttempt> {
  if (throttle === null) return check()
  return throttle.attempt({ source, account: username }, check, endOf, (cause) =>
    report({ kind: 'throttle_failed', at: now(), cause }),
  )
}

function endOfLogin(result: LoginResult): AttemptEnd {
  switch (result.kind) {
    case 'issued':
      return 'proven'
    case 'refused':
      // In the other cases the password was right.
      return result.reason === 'password_wrong' ? 'failed' : 'proven'
    case 'throttled':
    case 'unavailable':
      return 'unjudged'
  }
}

function endOfChange(result: PasswordChangeResult): AttemptEnd {
  switch (result.kind) {
    case 'changed':
    case 'unrevoked':
    case 'rejected': // which only the owner of the old password is told
      return 'proven'
    case 'refused':
      return 'failed'
    case 'throttled':
    case 'unavailable':
      return 'unjudged'
  }
}

function told(
  { now, report }: Setup,
  kind: Exclude<LoginEvent['kind'], 'throttle_failed'>,
  result: LoginResult | PasswordChangeResult | PasswordResetResult,
  source: string | null,
): void {
  report({
    kind,
    at: now(),
    outcome: result.kind,
    reason: 'reason' in result ? result.reason : null,
    subject: 'account' in result ? result.account.subject : null,
    source,
    cause: 'cause' in result ? result.cause : null,
  })
}

/** Whose counters are read for a name that nobody has: that costs what it costs for one that somebody has. */
function standIn(username: string): string {
  return isSubject(username) ? username : 'nobody'
}

/** Whether the lifecycle can count what is revoked of such a subject. */
function isSubject(text: unknown): text is string {
  return typeof text === 'string' && text.length <= MAX_SUBJECT_LENGTH && isStoreText(text)
}

const PASSWORD = ['pwd'] // RFC 8176
const MAX_SUBJECT_LENGTH = 255
const MAX_LABEL_LENGTH = 256
const CONTENDED = { kind: 'unavailable', reason: 'contended' } as const

const OPTIONS = /* @__PURE__ */ z.strictObject({
  passwords: port<Passwords>('find', 'check', 'set', 'change', 'isBreached'),
  lifecycle: port<LoginOptions['lifecycle']>('startLogin', 'issue', 'revokeSubject'),
  throttle: z.nullable(port<Throttle>('attempt')),
  grant: z.optional(functionOption<NonNullable<LoginOptions['grant']>>()),
  onEvent: z.optional(functionOption<(event: LoginEvent) => void>()),
  clock: z.optional(port<Clock>('now')),
})

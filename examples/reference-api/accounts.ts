/**
 * ACCOUNTS: the tokens that this API issues itself. Log in, refresh, log out, here or everywhere, change the password, see
 * one's devices. The same for every framework: each function answers with a reply, and a framework's file sends it.
 */
import {
  type Clock,
  createLifecycle,
  createLogin,
  createPasswordPolicy,
  createPasswords,
  createRevocationMirror,
  createSigningKeys,
  createThrottle,
  type IdentifiedPrincipal,
  type KeySource,
  memoryLimiter,
  type PasswordRecord,
  type Redacted,
  type RevocationMirror,
  type Store,
  tokenResponse,
  UnavailableError,
  type WritablePasswordStore,
} from 'sallyport'
import * as z from 'zod'
import { ACCOUNTS_ISSUER, API_URL } from './gate.js'

/** What to send. Status and body are ours here: no gate has refused anything. */
export interface Reply {
  readonly status: number
  readonly fields: Readonly<Record<string, string>>
  /** JSON; null for none. */
  readonly body: unknown
}

/** What the API needs of accounts: the routes, and what its gate asks. */
export interface Accounts {
  readonly keys: KeySource
  readonly revocation: RevocationMirror
  logIn(fields: unknown, source: string): Promise<Reply>
  refresh(fields: unknown): Promise<Reply>
  logOut(who: IdentifiedPrincipal): Promise<Reply>
  logOutEverywhere(who: IdentifiedPrincipal): Promise<Reply>
  changePassword(who: IdentifiedPrincipal, fields: unknown, source: string): Promise<Reply>
  devices(who: IdentifiedPrincipal): Promise<Reply>
  endDevice(who: IdentifiedPrincipal, session: string): Promise<Reply>
  /** Reads the revocations now: for tests whose clock leaps, and a mirror that has not looked for an hour does not answer. */
  catchUp(): Promise<void>
  close(): void
}

export interface AccountsOptions {
  /** Where the lifecycle of tokens is kept. */
  readonly store: Store
  /** 32 bytes, from your key management: without them, whoever has the store could sign. */
  readonly keyEncryptionKey: Redacted<Uint8Array>
  /** Those who may log in. In your API, the table of users. */
  readonly users: readonly PasswordRecord[]
  readonly clock: Clock
}

export async function createAccounts({
  store,
  keyEncryptionKey,
  users,
  clock,
}: AccountsOptions): Promise<Accounts> {
  const keys = createSigningKeys({ store, algorithm: 'ES256', keyEncryptionKey, clock })
  const revocation = createRevocationMirror({ store, issuer: ACCOUNTS_ISSUER, clock })
  const lifecycle = createLifecycle({
    store,
    issuer: ACCOUNTS_ISSUER,
    audience: API_URL,
    accessTokens: { kind: 'jwt', keys },
    mirrors: [revocation],
    clock,
  })
  const { login, changePassword } = createLogin({
    passwords: createPasswords({
      store: passwordTable(users),
      policy: createPasswordPolicy({ words: ['acme'] }),
      clock,
    }),
    lifecycle,
    throttle: createThrottle({
      source: memoryLimiter({ attempts: 100, per: '15m' }),
      accountAndSource: memoryLimiter({ attempts: 5, per: '15m' }),
    }),
    clock,
  })
  // What was revoked while this process was down is known before the first request.
  await Promise.all([keys.tick(), revocation.start()])

  return {
    keys: keys.published,
    revocation,

    async logIn(fields, source) {
      const { success, data } = CREDENTIALS.safeParse(fields)
      if (!success) return BAD_REQUEST
      const { username, password, device: label } = data
      const result = await login({
        source,
        username,
        password,
        ...CLIENT,
        ...(label === undefined ? {} : { label }),
      })
      switch (result.kind) {
        case 'issued':
          return secret(tokenResponse(result.tokens, clock.now()))
        case 'refused':
          return { status: 401, fields: {}, body: { error: 'invalid_grant' } }
        case 'throttled':
          return { status: 429, fields: retryAfter(result.retryAfterSeconds), body: null }
        case 'unavailable':
          return UNAVAILABLE
      }
    },

    async refresh(fields) {
      const { success, data } = REFRESH.safeParse(fields)
      if (!success) return BAD_REQUEST
      const result = await lifecycle.refresh(data.refresh_token, { clientId: CLIENT.clientId })
      switch (result.kind) {
        case 'refreshed':
          return secret(tokenResponse(result.tokens, clock.now()))
        case 'refused':
          return { status: 400, fields: {}, body: { error: result.error } }
        case 'unavailable': // never invalid_grant: clients drop their tokens on that
          return UNAVAILABLE
      }
    },

    logOut: ({ lineage: { session } }) =>
      revoking(async () => {
        if (session !== null) await lifecycle.revokeSession(session)
        return DONE
      }),

    logOutEverywhere: (who) =>
      revoking(async () => {
        await lifecycle.revokeSubject(subjectOf(who))
        return DONE
      }),

    async changePassword(who, fields, source) {
      const { success, data } = NEW_PASSWORD.safeParse(fields)
      if (!success) return BAD_REQUEST
      const { session } = who.lineage
      const result = await changePassword({
        source,
        username: subjectOf(who),
        password: data.password,
        newPassword: data.new_password,
        ...(session === null ? {} : { keepSession: session }), // this device stays logged in
      })
      switch (result.kind) {
        case 'changed':
          return DONE
        case 'refused':
          return { status: 403, fields: {}, body: { error: 'password_wrong' } }
        case 'rejected':
          return { status: 400, fields: {}, body: { problems: result.problems } }
        case 'throttled':
          return { status: 429, fields: retryAfter(result.retryAfterSeconds), body: null }
        // Changed, but the other devices may still be logged in: that is not done, and the client is to try again.
        case 'unrevoked':
        case 'unavailable':
          return UNAVAILABLE
      }
    },

    async devices(who) {
      const result = await lifecycle.sessions(subjectOf(who))
      if (result.kind === 'unavailable') return UNAVAILABLE
      const devices = result.sessions.map(({ session, label, lastRefreshedAt }) => ({
        session,
        label,
        last_seen: lastRefreshedAt,
        current: session === who.lineage.session,
      }))
      return { status: 200, fields: NO_STORE, body: { devices } }
    },

    endDevice: (who, session) =>
      revoking(async () => {
        // The subject goes along: the id comes from the client, and could be another's.
        const ended = await lifecycle.revokeSession(session, { subject: subjectOf(who) })
        return ended ? DONE : { status: 404, fields: {}, body: null }
      }),

    async catchUp() {
      revocation.stop()
      await revocation.start()
    },
    close: () => revocation.stop(),
  }
}

/** What revokes rejects when it cannot tell that it has: then it must not be reported as done. */
async function revoking(revoke: () => Promise<Reply>): Promise<Reply> {
  try {
    return await revoke()
  } catch (error) {
    if (error instanceof UnavailableError) return UNAVAILABLE
    throw error
  }
}

/** The rules let users of this issuer in only, and its subjects are the usernames below. */
function subjectOf(who: IdentifiedPrincipal): string {
  return who.kind === 'user' ? who.subject : who.applicationId
}

function passwordTable(users: readonly PasswordRecord[]): WritablePasswordStore {
  const rows = new Map(users.map((user) => [user.username, user]))
  return {
    find: (username) => rows.get(username) ?? null,
    replaceHash(username, passwordHash, replaced) {
      const row = rows.get(username)
      if (row?.passwordHash !== replaced) return false
      rows.set(username, { ...row, passwordHash })
      return true
    },
  }
}

/** Tokens in a body: no cache may keep them. */
function secret(body: unknown): Reply {
  return { status: 200, fields: NO_STORE, body }
}

function retryAfter(seconds: number): Readonly<Record<string, string>> {
  return { 'retry-after': String(seconds) }
}

/** Our own web and mobile app: it can keep no secret. */
const CLIENT = { clientId: 'acme-app', clientType: 'public' } as const

const NO_STORE = { 'cache-control': 'no-store' }
const DONE: Reply = { status: 204, fields: {}, body: null }
const BAD_REQUEST: Reply = { status: 400, fields: {}, body: { error: 'invalid_request' } }
const UNAVAILABLE: Reply = { status: 503, fields: retryAfter(1), body: null }

const CREDENTIALS = z.object({
  username: z.string().max(256),
  password: z.string().max(4_096),
  device: z.string().max(100).optional(),
})
const REFRESH = z.object({ refresh_token: z.string().max(256) })
const NEW_PASSWORD = z.object({
  password: z.string().max(4_096),
  new_password: z.string().max(4_096),
})

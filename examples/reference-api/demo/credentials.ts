/** The people and programs of the demo, with credentials made on the spot: good ones, old ones and made-up ones. */
import {
  type ApiKeyStore,
  type Clock,
  createApiKey,
  createOpaqueToken,
  hashPassword,
  type OpaqueTokenRecord,
  type OpaqueTokenStore,
  type PasswordRecord,
  type PasswordStore,
} from 'sallyport'
import { ISSUER } from '../gate.js'

export interface Credentials {
  readonly password: string
  readonly apiKey: {
    readonly good: string
    readonly expired: string
    /** One character is wrong: the checksum tells, and no store is asked. */
    readonly mistyped: string
    /** Well made, but nobody has issued it. */
    readonly unknown: string
  }
  readonly opaque: {
    readonly good: string
    readonly expired: string
    readonly unknown: string
  }
}

/** What a database would hold of them: hashes only. */
export interface Stores {
  readonly tokens: OpaqueTokenStore
  readonly apiKeys: ApiKeyStore
  readonly passwords: PasswordStore
  /** Those who log in with us. */
  readonly users: readonly PasswordRecord[]
}

export async function createCredentials(clock: Clock): Promise<Credentials & Stores> {
  const now = clock.now()
  const robot = { prefix: 'acme', applicationId: 'weather-widget', scopes: ['weather:read'] }
  const key = createApiKey({ ...robot, now })
  const expiredKey = createApiKey({ ...robot, now: now - 61, expiresIn: '1m' })
  const keyRecords = new Map([key, expiredKey].map(({ record }) => [record.id, record]))

  const session = createOpaqueToken()
  const expiredSession = createOpaqueToken()
  const alice = { kind: 'user', issuer: ISSUER, subject: 'alice', scopes: ['users:read'] } as const
  const sessionRecords = new Map<string, OpaqueTokenRecord>([
    [session.hash, { ...alice, hash: session.hash, expiresAt: now + 28_800 }],
    [expiredSession.hash, { ...alice, hash: expiredSession.hash, expiresAt: now }],
  ])

  const password = 'correct horse battery staple'
  const passwordHash = await hashPassword(password)
  return {
    password,
    apiKey: {
      good: key.key.reveal(),
      expired: expiredKey.key.reveal(),
      mistyped: mistyped(key.key.reveal()),
      unknown: createApiKey({ ...robot, now }).key.reveal(),
    },
    opaque: {
      good: session.token.reveal(),
      expired: expiredSession.token.reveal(),
      unknown: createOpaqueToken().token.reveal(),
    },
    tokens: { find: (hash) => sessionRecords.get(hash) ?? null },
    apiKeys: { find: (id) => keyRecords.get(id) ?? null },
    users: ['alice', 'bob'].map((username) => ({ username, passwordHash })),
    passwords: {
      find: (username) => (username === 'alice' ? { username, passwordHash } : null),
    },
  }
}

function mistyped(key: string): string {
  return `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}`
}

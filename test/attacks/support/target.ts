import { Buffer } from 'node:buffer'
import { createHash, randomBytes } from 'node:crypto'
import { createGate, type Gate } from '../../../src/gate.js'
import { createApiKey } from '../../../src/lifecycle/api-key/api-key.js'
import { createOpaqueToken, type OpaqueTokenRecord } from '../../../src/lifecycle/opaque-token.js'
import type { PasswordHasher } from '../../../src/lifecycle/password/password-hasher.js'
import type { Granted } from '../../../src/outcome/outcome.js'
import type { PrincipalsByName } from '../../../src/policy/route/rule.js'
import { remoteJwkSet } from '../../../src/remote/remote-jwk-set.js'
import { authenticated } from '../../../src/scope/requirement.js'
import type { RawRequest } from '../../../src/testing/send.js'
import { createTestClock, type TestClock } from '../../../src/testing/test-clock.js'
import { apiKey } from '../../../src/verify/api-key.js'
import { basic } from '../../../src/verify/basic.js'
import { jwtBearer } from '../../../src/verify/jwt-bearer.js'
import { opaqueBearer } from '../../../src/verify/opaque-bearer.js'
import { type JwksServer, serving, startJwksServer } from '../../remote/jwks-server.js'
import type { Application, GuardedRoute } from './serve.js'
import { createSigner, type Signer, SUBJECT } from './signer.js'

export type Fields = RawRequest['fields']

/** One guarded route: what it takes, how that is presented, and what it answers with. */
export interface Door {
  readonly path: string
  /** The schemes of its challenges, in order. */
  readonly schemes: readonly string[]
  /** The scheme that carries the error when its own kind of credential is refused. */
  readonly scheme: string
  /** The fields that present a credential of its kind. */
  readonly present: (credential: string) => Fields
  /** A credential that must be let in, and whom it belongs to. */
  readonly control: () => { readonly credential: string; readonly who: string }
}

/** A door that takes JWTs. */
export interface JwtDoor extends Door {
  readonly signer: Signer
}

/** What the attacks are aimed at: every verifier behind its door, and what must not leave them. */
export interface Target {
  readonly application: Application
  readonly clock: TestClock
  readonly issuer: string
  readonly audience: string
  readonly doors: {
    /** ES256, RS256 and HS256 keys of the configuration; keys fetched from a server; ES256 in a cookie. */
    readonly es: JwtDoor
    readonly rs: JwtDoor
    readonly hs: JwtDoor
    readonly remote: JwtDoor
    readonly cookie: JwtDoor
    readonly opaque: Door
    /** An opaque token in a cookie. */
    readonly session: Door
    readonly key: Door
    readonly basic: Door
  }
  readonly jwtDoors: readonly JwtDoor[]
  /** Takes the credential of every door but `rs`, `hs` and `remote`. */
  readonly everything: string
  readonly jwks: JwksServer
  /** What stores hold, for attacks that end a credential. */
  readonly opaqueTokens: Map<string, OpaqueTokenRecord>
  readonly revoked: Set<string>
  readonly issueSession: (subject: string) => string
  /** Whatever the gates told: events, with what was thrown. */
  readonly events: TargetEvent[]
  /** Every secret that was made. */
  readonly secrets: Set<string>
  readonly seen: { handlers: number; hashes: number }
  close(): Promise<void>
}

export type TargetEvent = Readonly<Record<string, unknown>> & { readonly kind: string }

export const ISSUER = 'https://issuer-of-the-attacked.example'
export const AUDIENCE = 'https://api.example.com'
export const PASSWORD = 'correct horse: battery staple'

/** Where a test needs another target than the usual one. */
export interface TargetOptions {
  /** The algorithm of the door whose keys are fetched; ES256 by default. */
  readonly remote?: 'ES256' | 'RS256'
  /** How long those keys may take; by default so long that a busy machine does not matter. */
  readonly timeoutMilliseconds?: number
}

export async function createTarget({
  remote: remoteAlgorithm = 'ES256',
  timeoutMilliseconds = 30_000,
}: TargetOptions = {}): Promise<Target> {
  const clock = createTestClock()
  const secrets = new Set<string>([PASSWORD])
  const secret = (text: string): string => {
    secrets.add(text)
    return text
  }
  const events: TargetEvent[] = []
  const seen = { handlers: 0, hashes: 0 }
  const revoked = new Set<string>()
  const stores = createStores({ secret, clock, seen })
  const signer = (algorithm: Signer['algorithm']): Signer =>
    createSigner(algorithm, {
      issuer: ISSUER,
      audience: AUDIENCE,
      now: clock.now,
      onSecret: (text) => {
        secret(text)
        // Nor may a part of one leave: its header, its payload, its signature.
        for (const segment of text.split('.')) if (segment.length > 20) secret(segment)
      },
    })
  const [es, rs, hs] = [signer('ES256'), signer('RS256'), signer('HS256')]
  const remote = signer(remoteAlgorithm)
  const jwks = await startJwksServer(serving({ keys: [remote.jwk] }))

  const gateOf = (
    verifiers: Parameters<typeof createGate<PrincipalsByName, never>>[0]['verifiers'],
  ) =>
    createGate<PrincipalsByName, never>({
      resource: AUDIENCE,
      clock,
      verifiers,
      revocation: { isRevoked: ({ credentialId }) => revoked.has(credentialId ?? '') },
      onEvent: (event) => events.push({ ...event }),
    }) as unknown as Gate
  const tokens = { issuer: ISSUER, audience: AUDIENCE }
  const machine = apiKey({ prefix: 'acme', store: stores.apiKeys })
  const main = gateOf({
    user: jwtBearer({ ...tokens, algorithms: ['ES256'], keys: { keys: [es.jwk] } }),
    opaque: opaqueBearer({ store: stores.opaque }),
    cookie: jwtBearer({
      ...tokens,
      algorithms: ['ES256'],
      keys: { keys: [es.jwk] },
      cookie: '__Host-token',
    }),
    session: opaqueBearer({ store: stores.opaque, cookie: '__Host-session' }),
    machine,
    ops: basic({ realm: 'ops', store: stores.passwords, passwords: stores.hasher }),
  })
  const gates = {
    rs: gateOf({
      user: jwtBearer({ ...tokens, algorithms: ['RS256'], keys: { keys: [rs.jwk] } }),
      machine,
    }),
    hs: gateOf({
      user: jwtBearer({ ...tokens, algorithms: ['HS256'], keys: { keys: [hs.jwk] } }),
      machine,
    }),
    remote: gateOf({
      user: jwtBearer({
        ...tokens,
        algorithms: [remoteAlgorithm],
        keys: remoteJwkSet({ url: jwks.url, timeoutMilliseconds }),
      }),
      machine,
    }),
  }

  const routes: GuardedRoute[] = []
  const route = (path: string, gate: Gate, accept?: readonly string[]): string => {
    const rule = { scopes: authenticated(), ...(accept === undefined ? {} : { accept }) }
    routes.push({ path, gate, rule })
    return path
  }
  const jwtDoor = (path: string, of: Signer): JwtDoor => ({
    path,
    schemes: ['Bearer', 'ApiKey'],
    scheme: 'Bearer',
    present: bearer,
    control: () => ({ credential: of.token(), who: SUBJECT }),
    signer: of,
  })
  const doors: Target['doors'] = {
    es: jwtDoor(route('/es', main, ['user', 'machine']), es),
    rs: jwtDoor(route('/rs', gates.rs, ['user', 'machine']), rs),
    hs: jwtDoor(route('/hs', gates.hs, ['user', 'machine']), hs),
    remote: jwtDoor(route('/remote', gates.remote, ['user', 'machine']), remote),
    cookie: {
      ...jwtDoor(route('/cookie', main, ['cookie', 'machine']), es),
      schemes: ['Cookie', 'ApiKey'],
      scheme: 'Cookie',
      present: (token) => [['Cookie', `__Host-token=${token}`]],
    },
    opaque: {
      path: route('/opaque', main, ['opaque', 'machine']),
      schemes: ['Bearer', 'ApiKey'],
      scheme: 'Bearer',
      present: bearer,
      control: () => ({ credential: stores.issue(SUBJECT), who: SUBJECT }),
    },
    session: {
      path: route('/session', main, ['session', 'machine']),
      schemes: ['Cookie', 'ApiKey'],
      scheme: 'Cookie',
      present: (token) => [['Cookie', `__Host-session=${token}`]],
      control: () => ({ credential: stores.issue(SUBJECT), who: SUBJECT }),
    },
    key: {
      path: route('/key', main, ['machine', 'user']),
      schemes: ['Bearer', 'ApiKey'],
      scheme: 'ApiKey',
      present: (key) => [['X-API-Key', key]],
      control: () => ({ credential: stores.apiKey, who: 'robot-of-the-attacked' }),
    },
    basic: {
      path: route('/basic', main, ['ops', 'machine']),
      schemes: ['ApiKey', 'Basic'],
      scheme: 'Basic',
      present: (userpass) => [['Authorization', `Basic ${secret(base64(userpass))}`]],
      control: () => ({ credential: `ops:${PASSWORD}`, who: 'ops' }),
    },
  }
  return {
    application: {
      routes: [...routes, { path: '/any', gate: main, rule: { scopes: authenticated() } }],
      vault: { gate: main, rule: { accept: ['user'], scopes: authenticated() } },
      body(granted) {
        seen.handlers += 1
        return granted === null ? { vault: 'open' } : identityOf(granted)
      },
    },
    clock,
    issuer: ISSUER,
    audience: AUDIENCE,
    doors,
    jwtDoors: [doors.es, doors.rs, doors.hs, doors.remote, doors.cookie],
    everything: '/any',
    jwks,
    opaqueTokens: stores.opaqueTokens,
    revoked,
    issueSession: stores.issue,
    events,
    secrets,
    seen,
    close: () => jwks.close(),
  }
}

/** What a handler makes of its grant; the claims are in it, so that a mix-up of two tokens shows. */
function identityOf({ principal }: Granted): object {
  return {
    id: 'credentialId' in principal ? principal.credentialId : null,
    ...('subject' in principal ? { who: principal.subject, claims: principal.claims } : {}),
    ...('applicationId' in principal ? { who: principal.applicationId } : {}),
  }
}

function bearer(token: string): Fields {
  return [['Authorization', `Bearer ${token}`]]
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64')
}

interface Surroundings {
  readonly secret: (text: string) => string
  readonly clock: TestClock
  readonly seen: Target['seen']
}

/** Stores with one good credential of each kind, and a password hasher that is quick and counts. */
function createStores({ secret, clock, seen }: Surroundings) {
  const key = createApiKey({
    prefix: 'acme',
    applicationId: 'robot-of-the-attacked',
    scopes: [],
    now: clock.now(),
  })
  const opaqueTokens = new Map<string, OpaqueTokenRecord>()
  const issue = (subject: string): string => {
    const { token, hash } = createOpaqueToken()
    const expiresAt = clock.now() + 86_400
    opaqueTokens.set(hash, { hash, kind: 'user', subject, scopes: [], expiresAt })
    return secret(token.reveal())
  }
  const hashOf = (password: string) => createHash('sha256').update(password).digest('hex')
  const hasher: PasswordHasher = {
    hash: async (password) => hashOf(password),
    async verify(password, passwordHash) {
      seen.hashes += 1
      return hashOf(password) === passwordHash
        ? { kind: 'match', rehash: false }
        : { kind: 'mismatch' }
    },
    decoyHash: () => randomBytes(32).toString('hex'),
  }
  const passwordHash = hashOf(PASSWORD)
  return {
    apiKey: secret(key.key.reveal()),
    apiKeys: { find: (id: string) => (id === key.record.id ? key.record : null) },
    opaqueTokens,
    opaque: { find: (hash: string) => opaqueTokens.get(hash) ?? null },
    issue,
    hasher,
    passwords: {
      find: (username: string) => (username === 'ops' ? { username, passwordHash } : null),
    },
  }
}

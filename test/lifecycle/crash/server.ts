/** A server process: one lifecycle on a store that others use as well. It is started by `servers.ts`, and killed at will. */
import { appendFileSync } from 'node:fs'
import { createLifecycle, type Lifecycle } from '../../../src/lifecycle/lifecycle.js'
import { staticSigningKey } from '../../../src/lifecycle/signing-keys/signing-key-source.js'
import type { Store } from '../../../src/lifecycle/store/store.js'
import type { TokenSet } from '../../../src/lifecycle/token-set.js'
import { sha256Base64url } from '../../../src/runtime/sha256.js'
import { postgresStore } from '../../../src/stores/postgres.js'
import { redisStore } from '../../../src/stores/redis.js'
import { sqliteStore } from '../../../src/stores/sqlite.js'
import type { StoreAddress } from '../../stores/race.js'
import {
  type Answered,
  type Asked,
  CLIENT,
  type FromServer,
  type Request,
  type ServerSetup,
  VERIFIER,
} from './messages.js'

process.once('message', async ({ address, eventsFile, graceSeconds, key }: ServerSetup) => {
  const lifecycle = createLifecycle({
    store: await openStore(address),
    issuer: 'https://id.example.com',
    audience: 'https://api.example.com',
    accessTokens: key === null ? { kind: 'opaque' } : { kind: 'jwt', keys: staticSigningKey(key) },
    refreshTokens: { grace: graceSeconds },
    timeoutMilliseconds: 20_000,
    onEvent: (event) => {
      if (event.kind === 'issued' || event.kind === 'refreshed') return
      const cause = event.kind === 'lifecycle_failed' ? String(event.cause) : undefined
      // At once, for this process may end with the next line.
      appendFileSync(eventsFile, `${JSON.stringify({ ...event, cause })}\n`)
    },
  })
  process.on('message', async ({ id, asked }: Request) => {
    say({ id, answered: await answer(lifecycle, asked) })
  })
  process.once('disconnect', () => process.exit())
  say({ ready: true })
})

async function answer(lifecycle: Lifecycle, asked: Asked): Promise<Answered> {
  switch (asked.ask) {
    case 'log in': {
      const login = await started(lifecycle, asked.subject)
      if (login === null) return UNAVAILABLE
      const issued = await lifecycle.issue({ login, clientType: 'public', scopes: [] })
      if (issued.kind === 'issued') return [tokens('issued', issued.tokens)]
      return issued.kind === 'refused' ? [issued] : UNAVAILABLE
    }
    case 'refresh':
      return await all(asked.times, async () => {
        const result = await lifecycle.refresh(asked.token, { clientId: CLIENT })
        if (result.kind === 'refreshed') return [tokens(result.how, result.tokens)]
        return result.kind === 'refused' ? [result] : UNAVAILABLE
      })
    case 'code': {
      const login = await started(lifecycle, asked.subject)
      if (login === null) return UNAVAILABLE
      const created = await lifecycle.createCode(
        { login, clientType: 'public', scopes: [] },
        { redirectUri: null, challenge: sha256Base64url(VERIFIER) },
      )
      return created.kind === 'created' ? [{ kind: 'code', code: created.code }] : UNAVAILABLE
    }
    case 'exchange':
      return await all(asked.times, async () => {
        const presented = { code: asked.code, clientId: CLIENT, redirectUri: null }
        const result = await lifecycle.exchangeCode({ ...presented, verifier: VERIFIER })
        if (result.kind === 'issued') return [tokens('issued', result.tokens)]
        return result.kind === 'refused' ? [result] : UNAVAILABLE
      })
    case 'revoke':
      return await lifecycle.revokeFamily(asked.family).then(
        () => [{ kind: 'revoked' }],
        () => UNAVAILABLE,
      )
  }
}

async function started(lifecycle: Lifecycle, subject: string) {
  const result = await lifecycle.startLogin({ subject, clientId: CLIENT })
  return result.kind === 'started' ? result.login : null
}

async function all(times: number, work: () => Promise<Answered>): Promise<Answered> {
  return (await Promise.all(Array.from({ length: times }, work))).flat()
}

function tokens(how: string, { refreshToken, family }: TokenSet): Answered[number] {
  return { kind: 'tokens', how, token: refreshToken?.reveal() ?? '', family: family ?? '' }
}

/** Only the client that is needed is loaded: a server that starts sooner is killed more often. */
async function openStore(address: StoreAddress): Promise<Store> {
  switch (address.kind) {
    case 'sqlite': {
      const { default: Libsql } = await import('libsql')
      return sqliteStore(new Libsql(address.path), { busyTimeoutMilliseconds: 20_000 })
    }
    case 'redis': {
      const { Redis } = await import('ioredis')
      const client = new Redis(address.at)
      return redisStore(([name = '', ...rest]) => client.call(name, ...rest), {
        prefix: address.prefix,
      })
    }
    case 'postgres': {
      const { default: pg } = await import('pg')
      const pool = new pg.Pool({ connectionString: address.url, max: 4 })
      pool.on('error', () => undefined)
      return postgresStore(async (text, values) => (await pool.query(text, values)).rows, {
        schema: address.schema,
      })
    }
  }
}

function say(message: FromServer): void {
  process.send?.(message)
}

const UNAVAILABLE: Answered = [{ kind: 'unavailable' }]

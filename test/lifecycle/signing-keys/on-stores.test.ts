/** The keys of several processes in real stores: one connection for each. */
import Libsql from 'libsql'
import { afterAll, describe, expect, test } from 'vitest'
import { signJwt } from '../../../src/jwt/sign-jwt.js'
import {
  createSigningKeys,
  type SigningKeys,
} from '../../../src/lifecycle/signing-keys/signing-keys.js'
import type { Store } from '../../../src/lifecycle/store/store.js'
import { createPostgresTables, postgresStore } from '../../../src/stores/postgres.js'
import { redisStore } from '../../../src/stores/redis.js'
import { createSqliteTables, sqliteStore } from '../../../src/stores/sqlite.js'
import { createTestClock } from '../../../src/testing/test-clock.js'
import {
  aSchema,
  dropSchema,
  everyTextInPostgres,
  findPostgres,
  POSTGRES_CLIENTS,
} from '../../support/postgres.js'
import {
  aPrefix,
  deleteKeys,
  everyStoredText,
  findRedis,
  REDIS_CLIENTS,
} from '../../support/redis.js'
import { everyTextInSqlite, temporaryFolder } from '../../support/sqlite.js'

interface Place {
  connect(): Promise<Store>
  everyText(): Promise<readonly string[]>
  end(): Promise<void>
}

const PROCESSES = 4
const places: Place[] = []
afterAll(() => Promise.all(places.map((place) => place.end())))

const url = await findPostgres()
const redis = await findRedis()
const STORES: readonly (readonly [string, () => Promise<Place>])[] = [
  ['SQLite', inSqlite],
  ...(url === null ? [] : [['PostgreSQL', () => inPostgres(url)] as const]),
  ...(redis === null ? [] : [['Redis', () => inRedis(redis)] as const]),
]

describe.each(STORES)('in %s', { timeout: 60_000 }, (_name, open) => {
  test('processes that start, rotate and take a key out at once agree on one ring', async () => {
    const place = await open()
    places.push(place)
    const clock = createTestClock()
    const keyEncryptionKey = crypto.getRandomValues(new Uint8Array(32))
    const processes: SigningKeys[] = []
    for (let i = 0; i < PROCESSES; i++) {
      const store = await place.connect()
      processes.push(createSigningKeys({ store, algorithm: 'ES256', keyEncryptionKey, clock }))
    }
    const kids = async (): Promise<readonly string[]> =>
      Promise.all(
        processes.map(async (keys) => {
          const lookup = await keys.current(clock.now())
          return lookup.kind === 'key' ? lookup.key.kid : 'none'
        }),
      )
    const listed = async () => {
      const lists = await Promise.all(processes.map((keys) => keys.list()))
      for (const list of lists) expect(list).toEqual(lists[0])
      const [list] = lists
      return list?.kind === 'keys' ? list.keys : []
    }

    expect(new Set(await kids()).size).toBe(1)
    expect((await listed()).map(({ state }) => state)).toEqual(['active', 'pending'])

    clock.advance(90 * 86_400)
    await Promise.all(processes.map((keys) => keys.tick()))
    const rotated = await listed()
    expect(rotated.map(({ state }) => state)).toEqual(['retiring', 'active', 'pending'])

    const texts = await place.everyText()
    const leaked = rotated[1]?.kid ?? ''
    const results = await Promise.all(processes.map((keys) => keys.compromise(leaked)))
    expect(results).toEqual(processes.map(() => ({ kind: 'compromised' })))
    expect(await listed()).toMatchObject([
      { kid: rotated[0]?.kid, state: 'retiring' },
      { kid: rotated[2]?.kid, state: 'active' },
      { state: 'pending' },
      { kid: leaked, state: 'compromised' },
    ])
    expect(new Set(await kids())).toEqual(new Set([rotated[2]?.kid]))

    // What was a standby in the store signs now: nothing that the store held then could have.
    const lookup = await processes[0]?.current(clock.now())
    const secret = lookup?.kind === 'key' && 'd' in lookup.key ? String(lookup.key.d) : ''
    expect(secret).toHaveLength(43)
    expect(texts.join('\n')).toContain(rotated[2]?.kid)
    expect(texts.join('\n')).not.toContain(secret)
    for (const text of texts) {
      for (const jwk of keysIn(text)) {
        await expect(signJwt({ exp: 1 }, { key: jwk as never, type: 'at+jwt' })).rejects.toThrow()
      }
    }
  })
})

/** Whatever in a text looks like a key. */
function keysIn(text: string): readonly unknown[] {
  const found: unknown[] = []
  try {
    JSON.parse(text, (_name, value: unknown) => {
      if (typeof value === 'object' && value !== null && 'kty' in value) found.push(value)
      return value
    })
  } catch {
    // No JSON, and no key.
  }
  return found
}

async function inSqlite(): Promise<Place> {
  const folder = temporaryFolder()
  const path = `${folder.path}/keys.db`
  const databases: Libsql.Database[] = []
  const open = () => {
    const database = new Libsql(path)
    databases.push(database)
    return database
  }
  createSqliteTables(open())
  return {
    connect: async () => sqliteStore(open()),
    everyText: async () => everyTextInSqlite(open()),
    async end() {
      for (const database of databases) database.close()
      folder.remove()
    },
  }
}

async function inPostgres(at: string): Promise<Place> {
  const schema = aSchema()
  const connections = [POSTGRES_CLIENTS.pg(at, 2)]
  const [{ query }] = connections as [(typeof connections)[number]]
  await createPostgresTables(query, { schema })
  return {
    async connect() {
      const connection = POSTGRES_CLIENTS.pg(at, 2)
      connections.push(connection)
      return postgresStore(connection.query, { schema })
    },
    everyText: () => everyTextInPostgres(query, schema),
    async end() {
      await dropSchema(query, schema)
      await Promise.all(connections.map((connection) => connection.close()))
    },
  }
}

async function inRedis(at: NonNullable<Awaited<ReturnType<typeof findRedis>>>): Promise<Place> {
  const prefix = aPrefix()
  const connections = [await REDIS_CLIENTS.ioredis(at)]
  const [{ command }] = connections as [(typeof connections)[number]]
  return {
    async connect() {
      const connection = await REDIS_CLIENTS.ioredis(at)
      connections.push(connection)
      return redisStore(connection.command, { prefix })
    },
    everyText: () => everyStoredText(command, prefix),
    async end() {
      await deleteKeys(command, prefix)
      await Promise.all(connections.map((connection) => connection.close()))
    },
  }
}

import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { hashApiKey } from '../../../src/lifecycle/api-key/api-key.js'
import type { Store } from '../../../src/lifecycle/store/store.js'
import { memoryStore } from '../../../src/stores/memory.js'
import { createPostgresTables, postgresStore } from '../../../src/stores/postgres.js'
import { redisStore } from '../../../src/stores/redis.js'
import { createSqliteTables, sqliteStore } from '../../../src/stores/sqlite.js'
import { STARTING_MILLISECONDS, startPGlite } from '../../support/postgres.js'
import { deleteKeys, findRedis, REDIS_CLIENTS } from '../../support/redis.js'
import { sqliteClients, temporaryFolder } from '../../support/sqlite.js'
import { DAY, NOW, someKeys } from './keys-kit.js'

const redis = await findRedis()

interface Opened {
  readonly store: Store
  end(): unknown
}

const stores: Readonly<Record<string, () => Promise<Opened> | Opened>> = {
  memory: () => ({ store: memoryStore(), end: () => undefined }),
  SQLite() {
    const folder = temporaryFolder()
    const [client] = sqliteClients
    if (client === undefined) throw new Error('no client of SQLite')
    const database = client.open(`${folder.path}/keys.db`)
    createSqliteTables(database)
    const end = () => {
      database.close()
      folder.remove()
    }
    return { store: sqliteStore(database), end }
  },
  async PostgreSQL() {
    const { query, close } = await startPGlite()
    await createPostgresTables(query)
    return { store: postgresStore(query), end: close }
  },
  ...(redis === null
    ? {}
    : {
        async Redis() {
          const { command, close } = await REDIS_CLIENTS['node-redis'](redis)
          const prefix = `sallyport-test-${Math.random().toString(36).slice(2)}`
          const end = async () => {
            await deleteKeys(command, prefix)
            await close()
          }
          return { store: redisStore(command, { prefix }), end }
        },
      }),
}

describe.each(Object.entries(stores))('API keys in %s', (_, open) => {
  let opened: Opened
  beforeAll(async () => {
    opened = await open()
  }, STARTING_MILLISECONDS)
  afterAll(() => opened.end())

  test('live from their creation to their end', async () => {
    const { keys, create, rotate, verdict, clock } = someKeys({ store: opened.store })
    const old = await create({ applicationId: 'ä shop', name: "Robert'); --" })
    const { id } = old.record
    const current = await rotate(id)
    expect(await Promise.all([old.text, current.text].map(verdict))).toEqual([
      'verified',
      'verified',
    ])
    expect(await keys.list({ applicationId: 'ä shop' })).toMatchObject({
      kind: 'page',
      records: [{ id, name: "Robert'); --", previous: { until: NOW + DAY } }],
    })
    clock.advance(DAY)
    expect(await verdict(old.text)).toBe('api_key_expired')
    expect((await keys.revokeLeaked(current.text)).kind).toBe('revoked')
    expect(await verdict(current.text)).toBe('revoked')
    const { entries } = await opened.store.feed({ after: null, limit: 100 })
    expect(entries.some(({ text }) => text.includes(`api-key:acme:${id}`))).toBe(true)
  })

  test('are revoked with their application by every process at once', async () => {
    const one = someKeys({ store: opened.store })
    const other = someKeys({ store: opened.store })
    const made = await Promise.all(
      Array.from({ length: 5 }, () => one.create({ applicationId: 'gone' })),
    )
    for (const { text } of made) expect(await other.verdict(text)).toBe('verified')
    await one.keys.revokeApplication('gone')
    for (const { text } of made) expect(await other.verdict(text)).toBe('revoked')
  })

  test('are rotated by one of ten who do so at once, and revoked whatever else happens', async () => {
    const { keys, create, verdict } = someKeys({ store: opened.store })
    const { text, record } = await create()
    const rotations = await Promise.all(Array.from({ length: 10 }, () => keys.rotate(record.id)))
    const told = rotations.flatMap((each) => (each.kind === 'rotated' ? [each.key.reveal()] : []))
    expect(told).toHaveLength(1)
    const kinds = new Set(rotations.map(({ kind }) => kind))
    for (const kind of kinds) expect(['rotated', 'raced', 'overlapping']).toContain(kind)
    await Promise.all([
      keys.rotate(record.id, { overlap: 0 }),
      keys.revoke(record.id),
      keys.rotate(record.id, { drop: 'current' }),
      verdict(text),
    ])
    for (const each of [text, ...told]) {
      expect(['revoked', 'api_key_unknown']).toContain(await verdict(each))
    }
    expect(await keys.rotate(record.id)).toEqual({ kind: 'revoked' })
  })

  test('leave nothing behind that could be used in their place', async () => {
    const { create, rotate, store } = someKeys({ store: opened.store })
    const { text, record } = await create()
    const { text: next } = await rotate(record.id)
    const [stored] = await store.get([{ kind: 'api_key', id: `acme:${record.id}` }])
    expect(stored?.value).toContain(hashApiKey(next))
    for (const each of [text, next]) expect(stored?.value).not.toContain(each.slice(22, 65))
  })
})

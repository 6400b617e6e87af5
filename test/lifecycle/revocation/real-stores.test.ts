import { afterAll, describe, expect, test } from 'vitest'
import { createRevocationMirror } from '../../../src/lifecycle/revocation/mirror.js'
import type { Store } from '../../../src/lifecycle/store/store.js'
import { createPostgresTables, postgresStore } from '../../../src/stores/postgres.js'
import { redisStore } from '../../../src/stores/redis.js'
import { aSchema, dropSchema, findPostgres, POSTGRES_CLIENTS } from '../../support/postgres.js'
import { aPrefix, deleteKeys, findRedis, REDIS_CLIENTS } from '../../support/redis.js'
import { anEntry, aUser, ISSUER } from './revocation-kit.js'

const redis = await findRedis()
const postgres = await findPostgres()

/** Two connections that share nothing but the server, as two processes would have them. */
interface Pair {
  readonly here: Store
  readonly elsewhere: Store
  close(): Promise<void>
}

async function overRedis(): Promise<Pair> {
  if (redis === null) throw new Error('no Redis')
  const prefix = aPrefix()
  const [one, other] = [await REDIS_CLIENTS.ioredis(redis), await REDIS_CLIENTS.ioredis(redis)]
  return {
    here: redisStore(one.command, { prefix }),
    elsewhere: redisStore(other.command, { prefix }),
    async close() {
      await deleteKeys(one.command, prefix)
      await Promise.all([one.close(), other.close()])
    },
  }
}

async function overPostgres(): Promise<Pair> {
  if (postgres === null) throw new Error('no PostgreSQL')
  const schema = aSchema()
  const [one, other] = [POSTGRES_CLIENTS.pg(postgres), POSTGRES_CLIENTS.pg(postgres)]
  await createPostgresTables(one.query, { schema })
  return {
    here: postgresStore(one.query, { schema }),
    elsewhere: postgresStore(other.query, { schema }),
    async close() {
      await dropSchema(one.query, schema)
      await Promise.all([one.close(), other.close()])
    },
  }
}

describe.each([
  { name: 'Redis', isThere: redis !== null, open: overRedis },
  { name: 'PostgreSQL', isThere: postgres !== null, open: overPostgres },
])('over $name', ({ isThere, open }) => {
  const opened: Pair[] = []
  afterAll(() => Promise.all(opened.map((pair) => pair.close())))

  test.runIf(isThere)(
    'what one process revokes, another one hears of',
    async () => {
      const pair = await open()
      opened.push(pair)
      const now = Math.floor(Date.now() / 1_000)
      const mirror = createRevocationMirror({ store: pair.elsewhere, issuer: ISSUER })
      expect(await mirror.start()).toBe(true)
      const revoke = async (subject: string) => {
        const { text, until } = anEntry({ kind: 'subject', id: subject }, { until: now + 900 })
        const options = { now, expiresAt: null, notice: { text, until } }
        await pair.here.incr({ kind: 'epoch', id: `subject:${subject}` }, '{}', options)
      }
      for (const subject of ['alice', 'bob']) {
        await revoke(subject)
        await expect
          .poll(() => mirror.isRevoked(aUser({ subject })), { timeout: 10_000 })
          .toBe(true)
      }
      expect(mirror.isRevoked(aUser({ subject: 'carol' }))).toBe(false)
      expect(mirror.freshness()).toBe('current')
      mirror.stop()
    },
    30_000,
  )
})

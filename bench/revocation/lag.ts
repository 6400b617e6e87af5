import { type ChildProcess, fork } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import Libsql from 'libsql'
import pg from 'pg'
import { createClient } from 'redis'
import { createRevocationMirror } from '../../src/lifecycle/revocation/mirror.js'
import { noticeText } from '../../src/lifecycle/revocation/notice.js'
import type { Store } from '../../src/lifecycle/store/store.js'
import { establishUser } from '../../src/principal/establish.js'
import type { UserPrincipal } from '../../src/principal/principal.js'
import { defineScopes } from '../../src/scope/define-scopes.js'
import { createPostgresTables, postgresStore } from '../../src/stores/postgres.js'
import { redisStore } from '../../src/stores/redis.js'
import { createSqliteTables, sqliteStore } from '../../src/stores/sqlite.js'

const REVOCATIONS = 60

/**
 * How long after a revocation was answered another process refuses what it revokes, in milliseconds. The other process has
 * a mirror with the default interval and looks every millisecond.
 */
export async function measureLag(url: string, print: (line: string) => void): Promise<void> {
  const place = `${url}#${randomUUID().slice(0, 8)}`
  const { store, close, remove } = await open(place)
  const child = fork(fileURLToPath(import.meta.url), ['--follow', place])
  await once(child, 'message')
  const lags: number[] = []
  for (let i = 0; i < REVOCATIONS; i += 1) {
    // At any moment of the interval.
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 1_000))
    lags.push(await lagOf(store, child, `r${i}`))
  }
  child.disconnect()
  await once(child, 'exit')
  await remove()
  await close()
  lags.sort((a, b) => a - b)
  const at = (share: number) => (lags[Math.ceil(share * lags.length) - 1] ?? Number.NaN).toFixed(0)
  print(`| ${url.replace(/:.*/, '')} | ${at(0.5)} | ${at(0.95)} | ${at(1)} |`)
}

async function lagOf(store: Store, child: ChildProcess, id: string): Promise<number> {
  const now = Math.floor(Date.now() / 1_000)
  const until = now + 900
  const notice = { text: noticeText({ kind: 'subject', id }), until }
  child.send(id)
  await store.incr({ kind: 'epoch', id }, '{}', { now, expiresAt: until, notice })
  const answered = Date.now()
  const [seen] = await once(child, 'message')
  return Number(seen) - answered
}

/** The other process. */
async function follow(place: string): Promise<void> {
  const { store, close } = await open(place)
  const mirror = createRevocationMirror({ store, issuer: 'i', onEvent: console.error })
  await mirror.start()
  process.on('message', (id: string) => {
    const looking = setInterval(() => {
      if (!mirror.isRevoked(principalOf(id))) return
      clearInterval(looking)
      process.send?.(Date.now())
    }, 1)
  })
  process.on('disconnect', () => {
    mirror.stop()
    void close()
  })
  process.send?.('following')
}

interface Opened {
  readonly store: Store
  close(): Promise<void>
  /** Takes back what `open` has made. */
  remove(): Promise<void>
}

function principalOf(subject: string): UserPrincipal {
  return establishUser({
    issuer: 'i',
    subject,
    clientId: null,
    grant,
    claims: {},
    authentication: { time: null, acr: null, amr: [] },
    credentialId: null,
    expiresAt: null,
  })
}

const grant = defineScopes({ resources: {} }).grant('')

async function open(place: string): Promise<Opened> {
  const [url = '', name = ''] = place.split('#')
  if (url.startsWith('redis:')) {
    const client = createClient({ url })
    await client.connect()
    const remove = async () => {
      for await (const keys of client.scanIterator({ MATCH: `{bench-${name}*`, COUNT: 1_000 })) {
        if (keys.length > 0) await client.del(keys)
      }
    }
    const store = redisStore((args) => client.sendCommand([...args]), { prefix: `bench-${name}` })
    return { store, close: async () => client.destroy(), remove }
  }
  if (url.startsWith('postgres:')) {
    const pool = new pg.Pool({ connectionString: url, max: 2 })
    const query = async (text: string, values: (string | null)[]) =>
      (await pool.query(text, values)).rows
    const schema = `bench_${name}`
    await createPostgresTables(query, { schema })
    const remove = async () => void (await pool.query(`drop schema if exists "${schema}" cascade`))
    return { store: postgresStore(query, { schema }), close: () => pool.end(), remove }
  }
  const path = join(tmpdir(), `sallyport-bench-${name}.db`)
  const database = new Libsql(path)
  createSqliteTables(database)
  const remove = async () => {
    for (const end of ['', '-wal', '-shm']) rmSync(`${path}${end}`, { force: true })
  }
  return { store: sqliteStore(database), close: async () => void database.close(), remove }
}

if (process.argv[2] === '--follow') await follow(process.argv[3] ?? '')

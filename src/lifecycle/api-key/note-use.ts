import { randomFraction } from '../../runtime/random.js'
import { soon } from '../../runtime/soon.js'
import { isWithin } from '../../shared/duration.js'
import { RecentMap } from '../../shared/recent-map.js'
import { cas, get, type Steps } from '../store/steps.js'
import type { ApiKeyUse } from './api-key.js'
import { decodeKey, encodeKey, keptUntil, recordOfKey, type StoredApiKey } from './stored-key.js'

/**
 * Samples uses: of each key and secret one per interval in this process, give or take a quarter, so that many processes do
 * not write at once. Writes after the request, a few at a time, and drops what it cannot write.
 *
 * @param write may reject
 * @returns takes each use; never throws, never waits
 */
export function createUseSampler(
  intervalSeconds: number,
  write: (use: ApiKeyUse) => Promise<void>,
): (use: ApiKeyUse) => void {
  const noted = new RecentMap<string, { readonly at: number; readonly span: number }>(MAX_KEYS)
  let writing = 0
  return (use) => {
    const name = use.secret === 'current' ? use.id : `${use.id} previous`
    const last = noted.get(name)
    if (last !== undefined && isWithin(last.span, last.at, use.at)) return
    if (writing >= MAX_WRITES) return
    noted.set(name, { at: use.at, span: intervalSeconds * (0.75 + randomFraction() / 2) })
    writing += 1
    soon(() => {
      write(use)
        .catch(() => {})
        .finally(() => {
          writing -= 1
        })
    })
  }
}

/**
 * Writes that a key was used, unless somebody has written it lately, the secret is no longer what it was, or the key has
 * been changed in between: a swap that is lost is not tried again.
 */
export function* noteUse(prefix: string, use: ApiKeyUse, intervalSeconds: number): Steps<void> {
  const record = yield* get(recordOfKey(prefix, use.id))
  if (record === null) return
  const key = decodeKey(record)
  const next = key.revokedAt === null ? withUse(key, use, intervalSeconds / 2) : null
  if (next === null) return
  yield* cas(recordOfKey(prefix, use.id), record.version, encodeKey(next), {
    now: use.at,
    expiresAt: keptUntil(next.expiresAt),
  })
}

function withUse(
  key: StoredApiKey,
  { secret, at }: ApiKeyUse,
  lately: number,
): StoredApiKey | null {
  const used = secret === 'current' ? key : key.previous
  if (used === null) return null
  // A use of before the rotation was one of the secret that was current then.
  if (secret === 'current' && key.rotatedAt !== null && at <= key.rotatedAt) return null
  if (used.lastUsedAt !== null && at < used.lastUsedAt + lately) return null
  if (secret === 'current') return { ...key, lastUsedAt: at }
  return key.previous === null ? null : { ...key, previous: { ...key.previous, lastUsedAt: at } }
}

const MAX_KEYS = 10_000
const MAX_WRITES = 16

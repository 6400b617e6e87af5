import { epochKeys, epochsIn } from '../revocation/epochs.js'
import { getAll, list, type Steps } from '../store/steps.js'
import { MAX_KEYS_PER_GET, type RecordKey, type StoredRecord } from '../store/store.js'
import { type ApiKeySummary, summaryOf } from './api-key-summary.js'
import { heldKey } from './read-key.js'
import { decodeKey, indexOf, ownersOf, partsOfListed, recordOfKey } from './stored-key.js'

export interface ApiKeyPage {
  readonly kind: 'page'
  /** At most as many as asked for, and sometimes fewer although there are more. */
  readonly records: readonly ApiKeySummary[]
  /** What to ask for next; null: that was the last page. */
  readonly next: string | null
}

/** The keys of an application or, with null, of every one, as their records say. */
export function* listKeys(
  prefix: string,
  applicationId: string | null,
  { after, limit }: { readonly after: string | null; readonly limit: number },
  now: number,
): Steps<ApiKeyPage> {
  const { ids, next } = yield* list('api_key', indexOf(prefix, applicationId), { after, limit })
  const listed = ids.map((id) => partsOfListed(prefix, id))
  const records = yield* getEach(listed.map(({ id }) => recordOfKey(prefix, id)))
  const found = listed.flatMap(({ id, secretHash }, index) => {
    const record = records[index] ?? null
    if (record === null) return []
    const key = decodeKey(record)
    // Each rotation has listed the key once more: it is shown where its current secret is listed.
    const isHere = secretHash === null ? key.rotatedAt === null : key.secretHash === secretHash
    return isHere ? [{ id, version: record.version, key }] : []
  })
  const owners = found.map(({ key }) => ownersOf(key.applicationId))
  const epochs = yield* getEach(owners.flatMap(epochKeys))
  let start = 0
  const summaries = found.map(({ id, version, key }, index) => {
    const theirs = owners[index] ?? ownersOf(key.applicationId)
    const end = start + epochKeys(theirs).length
    const current = epochsIn(epochs.slice(start, end), theirs)
    start = end
    return summaryOf(heldKey(id, version, key, current), now)
  })
  return { kind: 'page', records: summaries, next }
}

/** As `getAll`, for any number of keys, each asked for once. */
function* getEach(keys: readonly RecordKey[]): Steps<readonly (StoredRecord | null)[]> {
  const distinct = new Map(keys.map((key) => [`${key.kind} ${key.id}`, key]))
  const names = [...distinct.keys()]
  const found = new Map<string, StoredRecord | null>()
  for (let start = 0; start < names.length; start += MAX_KEYS_PER_GET) {
    const some = names.slice(start, start + MAX_KEYS_PER_GET)
    const records = yield* getAll(
      some.flatMap((name) => {
        const key = distinct.get(name)
        return key === undefined ? [] : [key]
      }),
    )
    some.forEach((name, index) => {
      found.set(name, records[index] ?? null)
    })
  }
  return keys.map((key) => found.get(`${key.kind} ${key.id}`) ?? null)
}

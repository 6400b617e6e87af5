/** Where keys are kept: the place for your database. Records hold hashes, so a stolen table opens nothing. */
import type { ApiKeyRecord, ApiKeyStore } from 'sallyport'

/** `find` is what the gate needs; the rest is for the routes that manage keys. */
export interface KeyStore extends ApiKeyStore {
  list(applicationId: string): Promise<readonly ApiKeyRecord[]>
  insert(record: ApiKeyRecord): Promise<void>
  remove(id: string): Promise<void>
}

export function createMemoryKeyStore(): KeyStore {
  const records = new Map<string, ApiKeyRecord>()
  return {
    // SELECT * FROM api_keys WHERE id = $1. Null means that there is no such key; an outage must throw.
    find: async (id) => records.get(id) ?? null,
    list: async (applicationId) =>
      [...records.values()].filter((record) => record.applicationId === applicationId),
    async insert(record) {
      records.set(record.id, record)
    },
    async remove(id) {
      records.delete(id)
    },
  }
}

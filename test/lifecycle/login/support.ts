/** Users in memory, and a hasher that costs nothing: these tests are about order. */
import type { PasswordHasher } from '../../../src/lifecycle/password/password-hasher.js'
import type {
  PasswordRecord,
  WritablePasswordStore,
} from '../../../src/lifecycle/password/password-store.js'

export const OLD = 'correct horse battery staple'
export const NEW = 'incorrect horse battery staple'

/** Its hashes are the passwords themselves, each with a number, as a salt would make each different. */
export function plainHasher(): PasswordHasher {
  let made = 0
  return {
    hash: async (password) => `${password}#${++made}`,
    verify: async (password, hash) =>
      hash.slice(0, hash.lastIndexOf('#')) === password
        ? { kind: 'match', rehash: false }
        : { kind: 'mismatch' },
    decoyHash: () => '#decoy',
  }
}

/** A store that holds alice, whose password is {@link OLD}. */
export function usersInMemory() {
  const rows = new Map<string, PasswordRecord>()
  const asked: string[] = []
  let writes = 0
  let onFind = (_asked: number): void => undefined
  const put = (record: PasswordRecord) => void rows.set(record.username, record)
  put({ username: 'alice', passwordHash: `${OLD}#0`, subject: 'user-7', scopes: ['jobs:run'] })
  const store: WritablePasswordStore = {
    find(username) {
      onFind(asked.push(username) - 1)
      return rows.get(username) ?? null
    },
    replaceHash(username, passwordHash, replaced) {
      const row = rows.get(username)
      if (row?.passwordHash !== replaced) return false
      writes++
      put({ ...row, passwordHash })
      return true
    },
  }
  return {
    store,
    asked,
    put,
    hash: () => rows.get('alice')?.passwordHash ?? '',
    onFind: (listener: typeof onFind) => {
      onFind = listener
    },
    get writes() {
      return writes
    },
  }
}

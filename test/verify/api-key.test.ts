import { afterEach, describe, expect, expectTypeOf, test, vi } from 'vitest'
import { formatApiKey } from '../../src/credential/api-key.js'
import * as issuing from '../../src/lifecycle/api-key/api-key.js'
import { NO_LINEAGE } from '../../src/principal/lineage.js'
import type { ApplicationPrincipal } from '../../src/principal/principal.js'
import * as timingSafe from '../../src/runtime/timing-safe.js'
import { type ApiKeyOptions, type ApiKeyStore, apiKey } from '../../src/verify/api-key.js'
import type { Verifier } from '../../src/verify/verifier.js'
import {
  aContext,
  apiKeyCredential,
  aSpyStore,
  bearerCredential,
  brokenStores,
  NOW,
} from './verifier-kit.js'

vi.mock('../../src/lifecycle/api-key/api-key.js', { spy: true })
vi.mock('../../src/runtime/timing-safe.js', { spy: true })
afterEach(() => {
  vi.clearAllMocks()
})

function aKey({ scopes = ['jobs:run'] } = {}) {
  const options = { prefix: 'acme', applicationId: 'reports', scopes, expiresIn: 3_600, now: NOW }
  const { key, record } = issuing.createApiKey({ ...options, expiresIn: 3_600 })
  return { text: key.reveal(), record }
}

/** Another key with the same id: what somebody would make who knows the id only. */
function forged(id: string): string {
  return formatApiKey({ prefix: 'acme', id, secret: 'A'.repeat(43) })
}

function verifierOf(answer: (id: string) => unknown, options: Partial<ApiKeyOptions> = {}) {
  const store = aSpyStore(answer)
  // Stores of every sort are what is tested.
  const verifier = apiKey({ prefix: 'acme', store: store as ApiKeyStore, ...options })
  return {
    store,
    verifier,
    judge: (text: string, now = NOW) => verifier.verify(apiKeyCredential(text), aContext({ now })),
  }
}

describe('a key that was created', () => {
  test('identifies its application, with its scopes and its end', async () => {
    const { text, record } = aKey()
    const { judge, store } = verifierOf(() => record)
    const verification = await judge(text)
    expect(verification).toEqual({
      kind: 'verified',
      principal: {
        kind: 'application',
        issuer: 'api-key:acme',
        applicationId: 'reports',
        grant: expect.objectContaining({ tokens: ['jobs:run'], problem: null }),
        credentialId: `api-key:acme:${record.id}`,
        lineage: NO_LINEAGE,
        expiresAt: NOW + 3_600,
      },
    })
    expect(store.calls).toEqual([[record.id]])
  })

  test('works from a store that answers later', async () => {
    const { text, record } = aKey()
    expect((await verifierOf(async () => record).judge(text)).kind).toBe('verified')
  })

  test('works in its last second, and not in the next', async () => {
    const { text, record } = aKey()
    const { judge } = verifierOf(() => record)
    expect((await judge(text, NOW + 3_599)).kind).toBe('verified')
    for (const now of [NOW + 3_600, NOW + 3_601]) {
      expect(await judge(text, now)).toEqual({ kind: 'refused', reason: 'api_key_expired' })
    }
  })

  test('that never expires works at any time', async () => {
    const { text, record } = aKey()
    const { judge } = verifierOf(() => ({ ...record, expiresAt: null }))
    expect(await judge(text, Number.MAX_SAFE_INTEGER)).toMatchObject({
      kind: 'verified',
      principal: { expiresAt: null },
    })
  })

  test('with too many scopes is refused and not cut short', async () => {
    const { text, record } = aKey()
    const scopes = Array.from({ length: 513 }, (_, index) => `scope${index}`)
    const { judge } = verifierOf(() => ({ ...record, scopes }))
    expect(await judge(text)).toEqual({ kind: 'refused', reason: 'scope_limit' })
  })
})

describe('a key that was rotated', () => {
  const { text: oldText, record } = aKey()
  const { key, secretHash } = issuing.newApiKeySecret('acme', record.id)
  const previous = { secretHash: record.secretHash, until: NOW + 60 }
  const rotated = { ...record, secretHash, previous, expiresAt: NOW + 7_200 }

  test('verifies by its new secret until the end of the key', async () => {
    const { judge } = verifierOf(() => rotated)
    expect(await judge(key.reveal(), NOW + 7_199)).toMatchObject({
      kind: 'verified',
      principal: { credentialId: `api-key:acme:${record.id}`, expiresAt: NOW + 7_200 },
    })
  })

  test('verifies by its old secret in the last second of the overlap, and not in the next', async () => {
    const { judge } = verifierOf(() => rotated)
    expect(await judge(oldText, NOW + 59)).toMatchObject({
      kind: 'verified',
      principal: { credentialId: `api-key:acme:${record.id}`, expiresAt: NOW + 60 },
    })
    const expired = { kind: 'refused', reason: 'api_key_expired' }
    expect(await judge(oldText, NOW + 60)).toEqual(expired)
    expect(await judge(oldText, NOW + 61)).toEqual(expired)
  })

  test('does not know the old secret once the store has forgotten it', async () => {
    const { judge } = verifierOf(() => ({ ...rotated, previous: undefined }))
    expect(await judge(oldText)).toEqual({ kind: 'refused', reason: 'api_key_unknown' })
  })

  test('verifies by the old secret of a key without end, as long as the overlap lasts', async () => {
    const { judge } = verifierOf(() => ({ ...rotated, expiresAt: null }))
    expect((await judge(oldText, NOW + 59)).kind).toBe('verified')
    expect((await judge(oldText, NOW + 60)).kind).toBe('refused')
  })
})

describe('a key that was revoked', () => {
  test('is refused, and that is told only to who has a secret of it', async () => {
    const { text, record } = aKey()
    const { judge } = verifierOf(() => ({ ...record, revoked: true }))
    expect(await judge(text)).toEqual({ kind: 'refused', reason: 'revoked' })
    expect(await judge(forged(record.id))).toEqual({ kind: 'refused', reason: 'api_key_unknown' })
  })
})

describe('a store that wants to know of uses', () => {
  const { text, record } = aKey()

  test('is told of a key that was verified, and by which secret', async () => {
    const uses: unknown[] = []
    const noteUse = (use: unknown) => uses.push(use)
    const previous = { secretHash: record.secretHash, until: NOW + 60 }
    const stores = [record, { ...record, secretHash: 'a'.repeat(64), previous }]
    for (const answer of stores) {
      const verifier = apiKey({ prefix: 'acme', store: { find: () => answer, noteUse } })
      await verifier.verify(apiKeyCredential(text), aContext())
    }
    const use = { id: record.id, applicationId: 'reports', at: NOW }
    expect(uses).toEqual([
      { ...use, secret: 'current' },
      { ...use, secret: 'previous' },
    ])
  })

  test('is not told of one that was refused', async () => {
    const noteUse = vi.fn()
    const answers = [record, { ...record, revoked: true }, null]
    for (const answer of answers) {
      const verifier = apiKey({ prefix: 'acme', store: { find: () => answer, noteUse } })
      await verifier.verify(apiKeyCredential(forged(record.id)), aContext())
    }
    const verifier = apiKey({ prefix: 'acme', store: { find: () => record, noteUse } })
    await verifier.verify(apiKeyCredential(text), aContext({ now: NOW + 3_600 }))
    expect(noteUse).not.toHaveBeenCalled()
  })

  test.each([
    ['rejects', () => Promise.reject(new Error('the table is locked'))],
    [
      'throws',
      () => {
        throw new Error('the table is locked')
      },
    ],
    ['never answers', () => new Promise(() => {})],
  ])('and then %s does not change the answer, nor when it comes', (_, noteUse) => {
    const verifier = apiKey({ prefix: 'acme', store: { find: () => record, noteUse } })
    expect(verifier.verify(apiKeyCredential(text), aContext())).toMatchObject({ kind: 'verified' })
  })
})

describe('a key that is not right', () => {
  test.each([
    ['nothing', '', 'api_key_malformed'],
    ['another prefix', aKey().text.replace('acme', 'acne'), 'api_key_malformed'],
    ['a longer prefix', aKey().text.replace('acme', 'acme_live'), 'api_key_malformed'],
    ['a space behind', `${aKey().text} `, 'api_key_malformed'],
    ['a wrong checksum', `${aKey().text.slice(0, -6)}AAAAAA`, 'api_key_checksum'],
  ])('with %s never reaches the store', async (_, text, reason) => {
    const { judge, store } = verifierOf(() => null)
    expect(await judge(text)).toEqual({ kind: 'refused', reason })
    expect(store.calls).toEqual([])
  })

  test('with an unknown id or a wrong secret is refused for the same reason', async () => {
    const { text, record } = aKey()
    const refusal = { kind: 'refused', reason: 'api_key_unknown' }
    expect(await verifierOf(() => null).judge(text)).toEqual(refusal)
    expect(await verifierOf(() => record).judge(forged(record.id))).toEqual(refusal)
  })

  test('and after the same work: one hash, two compares of the same lengths', async () => {
    const { text, record } = aKey()
    const rotated = { ...aKey().record, id: record.id, previous: { ...record, until: NOW + 60 } }
    const work = async (verify: () => Promise<unknown>) => {
      vi.clearAllMocks()
      await verify()
      return {
        hashed: vi.mocked(issuing.hashApiKey).mock.calls.map(([given]) => given.length),
        compared: vi
          .mocked(timingSafe.timingSafeEqualTexts)
          .mock.calls.map((pair) => pair.map((text) => text.length)),
      }
    }
    const unknown = await work(async () => verifierOf(() => null).judge(text))
    const wrong = await work(async () => verifierOf(() => record).judge(forged(record.id)))
    const right = await work(async () => verifierOf(() => record).judge(text))
    const previous = await work(async () => verifierOf(() => rotated).judge(text))
    const pair = [64, 64]
    expect(unknown).toEqual({ hashed: [text.length], compared: [pair, pair] })
    expect(wrong).toEqual(unknown)
    expect(right).toEqual(unknown)
    expect(previous).toEqual(unknown)
  })

  test('is not told that it has expired', async () => {
    const { record } = aKey()
    const { judge } = verifierOf(() => record)
    expect(await judge(forged(record.id), NOW + 9_999)).toEqual({
      kind: 'refused',
      reason: 'api_key_unknown',
    })
  })

  test('does not pass when the store holds the hash of nothing for unknown ids', async () => {
    const { text, record } = aKey()
    const { judge } = verifierOf(() => ({ ...record, secretHash: '0'.repeat(64) }))
    expect(await judge(text)).toEqual({ kind: 'refused', reason: 'api_key_unknown' })
  })

  test('is refused if it is no API key at all', async () => {
    const { verifier, store } = verifierOf(() => null)
    expect(await verifier.verify(bearerCredential(aKey().text), aContext())).toEqual({
      kind: 'refused',
      reason: 'api_key_malformed',
    })
    expect(store.calls).toEqual([])
  })
})

describe('a store that', () => {
  const { text, record } = aKey()
  const { createdAt, ...needed } = record
  test.each(brokenStores(needed))('%s is unavailable, whatever the key', async (_, answer) => {
    for (const key of [text, forged(record.id)]) {
      expect(await verifierOf(answer).judge(key)).toMatchObject({
        kind: 'unavailable',
        reason: 'store_unavailable',
      })
    }
  })

  test.each([
    ['answers with another record', { ...record, id: 'A'.repeat(16) }],
    [
      'folds the case of ids',
      {
        ...record,
        id:
          record.id.toLowerCase() === record.id ? record.id.toUpperCase() : record.id.toLowerCase(),
      },
    ],
    ['keeps a hash in upper case', { ...record, secretHash: record.secretHash.toUpperCase() }],
    ['keeps a short hash', { ...record, secretHash: record.secretHash.slice(0, 32) }],
    ['keeps milliseconds with a fraction', { ...record, expiresAt: NOW + 0.5 }],
    ['keeps a date', { ...record, expiresAt: new Date() }],
    ['forgets whose key it is', { ...record, applicationId: '' }],
    [
      'has a previous secret without an end',
      { ...record, previous: { secretHash: 'a'.repeat(64) } },
    ],
    ['says "no" of a revocation', { ...record, revoked: 'no' }],
  ])('%s is unavailable', async (_, answer) => {
    expect(await verifierOf(() => answer).judge(text)).toMatchObject({
      kind: 'unavailable',
      reason: 'store_unavailable',
    })
  })

  test('hangs is unavailable once its time is up', async () => {
    const { judge } = verifierOf(() => new Promise(() => {}), { timeoutMilliseconds: 1 })
    expect(await judge(text)).toMatchObject({ kind: 'unavailable', reason: 'store_unavailable' })
  })

  test('forgot when the key was created can still be judged by', async () => {
    expect(createdAt).toBe(NOW)
    expect((await verifierOf(() => needed).judge(text)).kind).toBe('verified')
  })
})

describe('apiKey', () => {
  test('reads x-api-key by default, or another field without regard to case', () => {
    const { verifier } = verifierOf(() => null)
    expect(verifier.recognises).toEqual({ kind: 'api-key', field: 'x-api-key', prefix: 'acme' })
    expect(verifierOf(() => null, { field: 'Acme-Key' }).verifier.recognises).toMatchObject({
      field: 'acme-key',
    })
  })

  test('offers ApiKey, with a realm if it has one', () => {
    expect(verifierOf(() => null).verifier.offer).toEqual({ scheme: 'ApiKey', parameters: {} })
    expect(verifierOf(() => null, { realm: 'weather' }).verifier.offer).toEqual({
      scheme: 'ApiKey',
      parameters: { realm: 'weather' },
    })
  })

  test('keeps its own copy of the options and calls the store as its method', async () => {
    const { text, record } = aKey()
    class Store {
      #records = new Map([[record.id, record]])
      find(id: string) {
        return this.#records.get(id) ?? null
      }
    }
    const options = { prefix: 'acme', store: new Store() }
    const verifier = apiKey(options)
    options.prefix = 'other'
    expect((await verifier.verify(apiKeyCredential(text), aContext())).kind).toBe('verified')
  })

  test.each([
    ['no prefix', { prefix: undefined }],
    ['a prefix no key has', { prefix: 'Acme' }],
    ['no store', { store: undefined }],
    ['a store that cannot find', { store: { get: () => null } }],
    ['a field that is no name', { field: 'x api key' }],
    ['an empty field', { field: '' }],
    ['a realm with a quote', { realm: 'a"b' }],
    ['a realm with a line feed', { realm: 'a\nb' }],
    ['a timeout of nothing', { timeoutMilliseconds: 0 }],
    ['a timeout of more than a minute', { timeoutMilliseconds: 60_001 }],
    ['a misspelt option', { prefixes: 'acme' }],
  ])('refuses %s', (_, change) => {
    const options = { prefix: 'acme', store: { find: () => null }, ...change }
    expect(() => apiKey(options as ApiKeyOptions)).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })

  test('proves applications, says its type', () => {
    expectTypeOf(apiKey).returns.toEqualTypeOf<Verifier<ApplicationPrincipal>>()
  })
})

import { createHash } from 'node:crypto'
import { describe, expect, expectTypeOf, test } from 'vitest'
import { parseApiKey } from '../../../src/credential/api-key.js'
import {
  type ApiKeyRecord,
  type CreateApiKeyOptions,
  createApiKey,
  hashApiKey,
} from '../../../src/lifecycle/api-key/api-key.js'

const NOW = 1_800_000_000
const OPTIONS = { prefix: 'acme', applicationId: 'reports', scopes: ['jobs:run'], now: NOW }

describe('createApiKey', () => {
  test('makes a key of its prefix whose id finds the record and whose hash is kept', () => {
    const { key, record } = createApiKey(OPTIONS)
    expect(parseApiKey(key.reveal(), 'acme')).toEqual({
      ok: true,
      value: { prefix: 'acme', id: record.id },
    })
    expect(record).toEqual({
      id: record.id,
      applicationId: 'reports',
      secretHash: hashApiKey(key.reveal()),
      scopes: ['jobs:run'],
      createdAt: NOW,
      expiresAt: NOW + 90 * 86_400,
    })
  })

  test('makes another id and another secret each time', () => {
    const keys = Array.from({ length: 50 }, () => createApiKey(OPTIONS))
    expect(new Set(keys.map(({ record }) => record.id)).size).toBe(50)
    expect(new Set(keys.map(({ key }) => key.reveal().slice(-49))).size).toBe(50)
  })

  test('neither the key nor its secret can be printed or found in the record', () => {
    const created = createApiKey(OPTIONS)
    const secret = created.key.reveal().slice(-49, -6)
    expect(secret).toHaveLength(43)
    expect(JSON.stringify(created)).not.toContain(secret)
    expect(`${created.key}`).toBe('[redacted]')
  })

  test.each([
    ['a minute', '1m', NOW + 60],
    ['a number of seconds', 3_600, NOW + 3_600],
    ['366 days', '366d', NOW + 366 * 86_400],
  ] as const)('ends after %s if told so', (_, expiresIn, expiresAt) => {
    expect(createApiKey({ ...OPTIONS, expiresIn }).record.expiresAt).toBe(expiresAt)
  })

  test('never ends only by name', () => {
    expect(createApiKey({ ...OPTIONS, neverExpires: true }).record.expiresAt).toBeNull()
  })

  test('copies the scopes', () => {
    const scopes = ['jobs:run']
    const { record } = createApiKey({ ...OPTIONS, scopes })
    scopes.push('admin:all')
    expect(record.scopes).toEqual(['jobs:run'])
  })

  test.each([
    ['59 seconds', { expiresIn: '59s' }],
    ['367 days', { expiresIn: '367d' }],
    ['no duration', { expiresIn: 'soon' }],
    ['an infinite one', { expiresIn: Number.POSITIVE_INFINITY }],
    ['a lifetime and none', { expiresIn: '1h', neverExpires: true }],
    ['neverExpires: false', { neverExpires: false }],
    ['a prefix in upper case', { prefix: 'ACME' }],
    ['an empty prefix', { prefix: '' }],
    ['no application', { applicationId: '' }],
    ['a very long application', { applicationId: 'a'.repeat(257) }],
    ['two scopes in one', { scopes: ['jobs:run jobs:stop'] }],
    ['an empty scope', { scopes: [''] }],
    ['a very long scope', { scopes: ['a'.repeat(257)] }],
    ['very many scopes', { scopes: Array.from({ length: 513 }, (_, index) => `scope${index}`) }],
    ['scopes as a text', { scopes: 'jobs:run' }],
    ['milliseconds with a fraction', { now: 1.5 }],
    ['a misspelt option', { expires: '1h' }],
  ])('refuses %s', (_, change) => {
    const options = { ...OPTIONS, ...change } as CreateApiKeyOptions // the wrong shape is what is tested
    expect(() => createApiKey(options)).toThrow(expect.objectContaining({ code: 'option_invalid' }))
  })

  test('the types want a lifetime or its absence by name, not both', () => {
    expectTypeOf(createApiKey).parameter(0).toEqualTypeOf<CreateApiKeyOptions>()
    // @ts-expect-error: never and soon
    const both: CreateApiKeyOptions = { ...OPTIONS, expiresIn: '1h', neverExpires: true }
    expect(() => createApiKey(both)).toThrow()
    expectTypeOf<ApiKeyRecord['expiresAt']>().toEqualTypeOf<number | null>()
  })
})

describe('hashApiKey', () => {
  test('is SHA-256 of the text in hexadecimal, as node:crypto computes it', () => {
    for (const text of ['', 'acme_x', 'é']) {
      expect(hashApiKey(text)).toBe(createHash('sha256').update(text).digest('hex'))
    }
  })
})

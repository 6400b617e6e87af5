import { describe, expect, expectTypeOf, test } from 'vitest'
import { UnavailableError } from '../../../src/errors.js'
import { hashApiKey } from '../../../src/lifecycle/api-key/api-key.js'
import type { ApiKeyEvent } from '../../../src/lifecycle/api-key/api-key-event.js'
import { type ApiKeys, createApiKeys } from '../../../src/lifecycle/api-key/api-keys.js'
import type { ApiKeysOptions } from '../../../src/lifecycle/api-key/api-keys-options.js'
import { raiseEpoch } from '../../../src/lifecycle/revocation/epochs.js'
import { parseNotice } from '../../../src/lifecycle/revocation/notice.js'
import { perform } from '../../../src/lifecycle/store/steps.js'
import type { Store } from '../../../src/lifecycle/store/store.js'
import { defineScopes } from '../../../src/scope/define-scopes.js'
import { memoryStore } from '../../../src/stores/memory.js'
import type { ApiKeyStore } from '../../../src/verify/api-key.js'
import { aContext, apiKeyCredential } from '../../verify/verifier-kit.js'
import { DAY, formatApiKey, NOW, someKeys } from './keys-kit.js'

/** A key that whoever knows the id only could make up. */
function forged(id: string): string {
  return formatApiKey({ prefix: 'acme', id, secret: 'A'.repeat(43) })
}

describe('a key that is created', () => {
  test('works at once, and is told of without anything to find its secret by', async () => {
    const { create, verdict } = someKeys()
    const { text, record } = await create({ name: 'nightly reports' })
    expect(await verdict(text)).toBe('verified')
    expect(record).toEqual({
      id: text.slice(5, 21),
      applicationId: 'reports',
      name: 'nightly reports',
      scopes: ['jobs:run'],
      state: 'active',
      createdAt: NOW,
      rotatedAt: null,
      expiresAt: NOW + 90 * DAY,
      revokedAt: null,
      lastUsedAt: null,
      previous: null,
    })
  })

  test('works in its last second and not in the next', async () => {
    const { create, verdict, clock } = someKeys()
    const { text } = await create({ expiresIn: '1m' })
    clock.advance(59)
    expect(await verdict(text)).toBe('verified')
    clock.advance(1)
    expect(await verdict(text)).toBe('api_key_expired')
  })

  test('never ends only by name', async () => {
    const { create, verdict, clock } = someKeys()
    const { text, record } = await create({ neverExpires: true })
    expect(record.expiresAt).toBeNull()
    clock.advance(4_000 * DAY)
    expect(await verdict(text)).toBe('verified')
  })

  test('works in every process that shares the store', async () => {
    const one = someKeys()
    const other = someKeys({ store: one.store })
    const { text } = await one.create()
    expect(await other.verdict(text)).toBe('verified')
  })

  test('is no key under another prefix of the same store', async () => {
    const { create, store } = someKeys()
    const test = someKeys({ store, prefix: 'acme_test' })
    const { text, record } = await create()
    expect(await test.verdict(text)).toBe('api_key_malformed')
    expect(await test.keys.find(record.id)).toBeNull()
    expect(await test.keys.revoke(record.id)).toEqual({ kind: 'unknown' })
    expect(await test.keys.list()).toMatchObject({ records: [] })
  })

  test('has no scope outside the vocabulary, if there is one', async () => {
    const scopes = defineScopes({ resources: { jobs: ['run', 'stop'] } })
    const { keys } = someKeys({ scopes })
    const options = { applicationId: 'reports', scopes: ['jobs:run', 'jobs:stpo', 'all'] }
    expect(await keys.create(options)).toEqual({
      kind: 'scopes_unknown',
      unknown: ['jobs:stpo', 'all'],
    })
    expect(await keys.list()).toMatchObject({ records: [] })
    expect(await keys.create({ ...options, scopes: ['jobs:run'] })).toMatchObject({
      kind: 'created',
    })
  })

  test('is not handed out if it is not sure that its record is kept', async () => {
    const store: Store = { ...memoryStore(), insert: () => Promise.reject(new Error('disk full')) }
    const { keys } = someKeys({ store })
    expect(await keys.create({ applicationId: 'reports', scopes: [] })).toMatchObject({
      kind: 'unavailable',
    })
  })

  test('is not made with an id that another one has', async () => {
    const memory = memoryStore()
    let refusals = 1
    const store: Store = {
      ...memory,
      insert: (...given) => (refusals-- > 0 ? false : memory.insert(...given)),
    }
    const { create, verdict } = someKeys({ store })
    expect(await verdict((await create()).text)).toBe('verified')
  })

  test.each([
    ['no application', { applicationId: '' }],
    ['an application with a control character', { applicationId: 'a\nb' }],
    ['an application of half a character', { applicationId: '\ud800' }],
    ['a very long application', { applicationId: 'a'.repeat(257) }],
    ['an empty name', { name: '' }],
    ['a very long name', { name: 'a'.repeat(257) }],
    ['two scopes in one', { scopes: ['jobs:run jobs:stop'] }],
    ['more scopes than a record holds', { scopes: Array(200).fill('a'.repeat(256)) }],
    ['59 seconds', { expiresIn: '59s' }],
    ['367 days', { expiresIn: '367d' }],
    ['a lifetime and none', { expiresIn: '1h', neverExpires: true }],
    ['a misspelt option', { expires: '1h' }],
  ])('is refused with %s', async (_, change) => {
    const { keys } = someKeys()
    const options = { applicationId: 'reports', scopes: [], ...change } // the wrong shape is what is tested
    await expect(keys.create(options as Parameters<ApiKeys['create']>[0])).rejects.toMatchObject({
      code: 'option_invalid',
    })
  })
})

describe('a rotation', () => {
  test('gives the key a new secret, and leaves the old one a day', async () => {
    const { create, rotate, verdict, clock } = someKeys()
    const old = await create()
    clock.advance(80 * DAY)
    const { text, record } = await rotate(old.record.id)
    expect(record).toMatchObject({
      id: old.record.id,
      rotatedAt: clock.now(),
      expiresAt: clock.now() + 90 * DAY,
      previous: { until: clock.now() + DAY, lastUsedAt: null },
    })
    expect([await verdict(old.text), await verdict(text)]).toEqual(['verified', 'verified'])
    clock.advance(DAY - 1)
    expect(await verdict(old.text)).toBe('verified')
    clock.advance(1)
    expect([await verdict(old.text), await verdict(text)]).toEqual(['api_key_expired', 'verified'])
  })

  test('does not let the old secret live beyond its own end', async () => {
    const { create, rotate, verdict, clock } = someKeys()
    const old = await create({ expiresIn: '2h' })
    clock.advance(3_600)
    const { text, record } = await rotate(old.record.id, { overlap: '30d' })
    expect(record.previous?.until).toBe(NOW + 7_200)
    clock.advance(3_600)
    expect([await verdict(old.text), await verdict(text)]).toEqual(['api_key_expired', 'verified'])
  })

  test('without overlap ends the old secret at once', async () => {
    const { create, rotate, verdict } = someKeys()
    const old = await create()
    const { text, record } = await rotate(old.record.id, { overlap: 0 })
    expect(record.previous).toBeNull()
    expect([await verdict(old.text), await verdict(text)]).toEqual(['api_key_unknown', 'verified'])
  })

  test('changes nothing while two secrets work, unless told which of them goes', async () => {
    const { keys, create, rotate, verdict } = someKeys()
    const first = await create()
    const { id } = first.record
    const second = await rotate(id)
    expect(await keys.rotate(id)).toEqual({ kind: 'overlapping', until: NOW + DAY })
    expect([await verdict(first.text), await verdict(second.text)]).toEqual([
      'verified',
      'verified',
    ])
  })

  test('after a lost answer drops the secret that nobody was told', async () => {
    const { create, rotate, verdict, clock } = someKeys()
    const deployed = await create()
    const lost = await rotate(deployed.record.id)
    clock.advance(60)
    const { text, record } = await rotate(deployed.record.id, { drop: 'current', overlap: '2d' })
    expect(record.previous?.until).toBe(NOW + 60 + 2 * DAY)
    expect(await Promise.all([deployed.text, lost.text, text].map(verdict))).toEqual([
      'verified',
      'api_key_unknown',
      'verified',
    ])
  })

  test('after a finished rollout drops the oldest secret', async () => {
    const { create, rotate, verdict } = someKeys()
    const oldest = await create()
    const old = await rotate(oldest.record.id)
    const { text } = await rotate(oldest.record.id, { drop: 'previous' })
    expect(await Promise.all([oldest.text, old.text, text].map(verdict))).toEqual([
      'api_key_unknown',
      'verified',
      'verified',
    ])
  })

  test('once the overlap is over needs no word on what to drop, and drop means nothing', async () => {
    const { create, rotate, verdict, clock } = someKeys()
    const oldest = await create()
    const old = await rotate(oldest.record.id, { overlap: '1h' })
    clock.advance(3_600)
    const { text } = await rotate(oldest.record.id, { drop: 'current' })
    expect(await Promise.all([oldest.text, old.text, text].map(verdict))).toEqual([
      'api_key_unknown',
      'verified',
      'verified',
    ])
  })

  test('in an emergency ends both secrets', async () => {
    const { create, rotate, verdict } = someKeys()
    const oldest = await create()
    const old = await rotate(oldest.record.id)
    const { text } = await rotate(oldest.record.id, { overlap: 0 })
    expect(await Promise.all([oldest.text, old.text, text].map(verdict))).toEqual([
      'api_key_unknown',
      'api_key_unknown',
      'verified',
    ])
  })

  test('gives a lifetime anew: as long as it was, as told, or without end by name', async () => {
    const { create, rotate, clock } = someKeys()
    const { id } = (await create({ expiresIn: '7d' })).record
    clock.advance(DAY)
    expect((await rotate(id, { overlap: 0 })).record.expiresAt).toBe(NOW + 8 * DAY)
    clock.advance(DAY)
    expect((await rotate(id, { overlap: 0 })).record.expiresAt).toBe(NOW + 9 * DAY)
    expect((await rotate(id, { overlap: 0, expiresIn: '1h' })).record.expiresAt).toBe(
      NOW + 2 * DAY + 3_600,
    )
    expect((await rotate(id, { overlap: 0, neverExpires: true })).record.expiresAt).toBeNull()
    expect((await rotate(id, { overlap: 0 })).record.expiresAt).toBeNull()
  })

  test('of a key that there is not, that was revoked or has ended changes nothing', async () => {
    const { keys, create, clock } = someKeys()
    const revoked = await create()
    await keys.revoke(revoked.record.id)
    const expired = await create({ expiresIn: '1m' })
    clock.advance(60)
    const rotations = ['0000000000000000', revoked.record.id, expired.record.id, '', 'a%00']
    expect(await Promise.all(rotations.map((id) => keys.rotate(id)))).toEqual([
      { kind: 'unknown' },
      { kind: 'revoked' },
      { kind: 'expired' },
      { kind: 'unknown' },
      { kind: 'unknown' },
    ])
  })

  test.each([
    ['a negative overlap', { overlap: -1 }],
    ['an overlap of more than 30 days', { overlap: '31d' }],
    ['something else to drop', { drop: 'both' }],
    ['a lifetime and none', { expiresIn: '1h', neverExpires: true }],
    ['a misspelt option', { overlaps: '1h' }],
  ])('is refused with %s', async (_, options) => {
    const { keys } = someKeys()
    const given = options as Parameters<ApiKeys['rotate']>[1] // the wrong shape is what is tested
    await expect(keys.rotate('0000000000000000', given)).rejects.toMatchObject({
      code: 'option_invalid',
    })
  })
})

describe('a key that is revoked', () => {
  test('is refused from the next request on, by both its secrets, and stays so', async () => {
    const { keys, create, rotate, verdict, clock } = someKeys()
    const old = await create()
    const current = await rotate(old.record.id)
    clock.advance(5)
    expect(await keys.revoke(old.record.id)).toMatchObject({
      kind: 'revoked',
      record: { id: old.record.id, state: 'revoked', revokedAt: NOW + 5, previous: null },
    })
    for (const text of [old.text, current.text]) expect(await verdict(text)).toBe('revoked')
    clock.advance(60)
    expect(await keys.revoke(old.record.id)).toMatchObject({ record: { revokedAt: NOW + 5 } })
    expect(await keys.rotate(old.record.id)).toEqual({ kind: 'revoked' })
  })

  test('stands in the feed, under what its principal is known by', async () => {
    const { keys, create, store } = someKeys()
    const { record } = await create()
    await keys.revoke(record.id)
    await keys.revoke(record.id)
    const { entries } = await store.feed({ after: null, limit: 10 })
    expect(entries.map((entry) => [parseNotice(entry), entry.until])).toEqual([
      [{ kind: 'token', id: `api-key:acme:${record.id}` }, NOW + DAY],
    ])
  })

  test('outlives a sweep as a tombstone', async () => {
    const { keys, create, store, verdict, clock } = someKeys()
    const { text, record } = await create({ expiresIn: '1h' })
    await keys.revoke(record.id)
    clock.advance(3_600 + 30 * DAY - 1)
    await store.sweep(clock.now())
    expect(await verdict(text)).toBe('revoked')
    clock.advance(1)
    await store.sweep(clock.now())
    expect(await verdict(text)).toBe('api_key_unknown')
  })

  test('is unknown if nobody has the id, without a question if nobody can have it', async () => {
    const { keys } = someKeys()
    expect(await keys.revoke('0000000000000000')).toEqual({ kind: 'unknown' })
    const dead = deadStore()
    const unasked = someKeys({ store: dead })
    for (const id of ['', 'short', '0'.repeat(17), 'éééééééééééééééé', '../../../../etc/a']) {
      expect(await unasked.keys.revoke(id)).toEqual({ kind: 'unknown' })
      expect(await unasked.keys.get(id)).toEqual({ kind: 'unknown' })
      expect(unasked.keys.find(id)).toBeNull()
    }
  })
})

describe('revoking an application', () => {
  test('ends all of its keys in one write, and no others', async () => {
    const memory = memoryStore()
    const writes: string[] = []
    const store: Store = {
      ...memory,
      incr: (...given) => {
        writes.push('incr')
        return memory.incr(...given)
      },
      cas: (...given) => {
        writes.push('cas')
        return memory.cas(...given)
      },
    }
    const { keys, create, verdict } = someKeys({ store })
    const [one, other] = [await create(), await create({ neverExpires: true })]
    const foreign = await create({ applicationId: 'reports2' })
    for (const { text } of [one, other, foreign]) expect(await verdict(text)).toBe('verified')
    await keys.revokeApplication('reports')
    expect(writes.filter((verb) => verb === 'incr')).toEqual(['incr'])
    expect(await verdict(one.text)).toBe('revoked')
    expect(await verdict(other.text)).toBe('revoked')
    expect(await verdict(foreign.text)).toBe('verified')
    expect(await keys.rotate(one.record.id)).toEqual({ kind: 'revoked' })
    expect(await keys.get(one.record.id)).toMatchObject({
      record: { state: 'revoked', revokedAt: null },
    })
  })

  test('leaves the keys that are made afterwards, until it is revoked again', async () => {
    const { keys, create, verdict } = someKeys()
    await keys.revokeApplication('reports')
    const { text } = await create()
    expect(await verdict(text)).toBe('verified')
    await keys.revokeApplication('reports')
    expect(await verdict(text)).toBe('revoked')
  })

  test('ends its keys of whatever prefix', async () => {
    const { keys, store } = someKeys()
    const test = someKeys({ store, prefix: 'acme_test' })
    const { text } = await test.create()
    expect(await test.verdict(text)).toBe('verified')
    await keys.revokeApplication('reports')
    expect(await test.verdict(text)).toBe('revoked')
  })

  test('is seen in the lineage of keys made afterwards, which a mirror judges by', async () => {
    const { keys, create, verifier } = someKeys()
    await keys.revokeApplication('reports')
    const { text } = await create()
    expect(await verifier.verify(apiKeyCredential(text), aContext())).toMatchObject({
      principal: { lineage: { epochs: { everything: 0, client: 1, subject: 0 } } },
    })
  })

  test('is also done by revoking everything', async () => {
    const { create, store, verdict } = someKeys()
    const { text } = await create()
    expect(await verdict(text)).toBe('verified')
    await perform(store, raiseEpoch('everything', '', { now: NOW, until: NOW + DAY }), 1_000)
    expect(await verdict(text)).toBe('revoked')
    expect(await verdict((await create()).text)).toBe('verified')
  })

  test('is refused for a text that no application can have', async () => {
    const { keys } = someKeys()
    for (const id of ['', 'a\u0000', 'a'.repeat(257)]) {
      await expect(keys.revokeApplication(id)).rejects.toMatchObject({ code: 'option_invalid' })
    }
  })
})

describe('a report of a leaked key', () => {
  test('revokes the key whose secret it is', async () => {
    const { keys, create, verdict } = someKeys()
    const { text, record } = await create()
    expect(await keys.revokeLeaked(text)).toMatchObject({
      kind: 'revoked',
      record: { id: record.id, applicationId: 'reports', state: 'revoked' },
    })
    expect(await verdict(text)).toBe('revoked')
    expect((await keys.revokeLeaked(text)).kind).toBe('not_working')
  })

  test('with the secret that a rotation has replaced ends the overlap, and leaves the key', async () => {
    const { keys, create, rotate, verdict } = someKeys()
    const old = await create()
    const { text } = await rotate(old.record.id)
    expect(await keys.revokeLeaked(old.text)).toMatchObject({
      kind: 'overlap_ended',
      record: { state: 'active', previous: null },
    })
    expect([await verdict(old.text), await verdict(text)]).toEqual(['api_key_expired', 'verified'])
    expect((await keys.revokeLeaked(old.text)).kind).toBe('not_working')
  })

  test('changes nothing with a made-up secret and somebody’s id', async () => {
    const { keys, create, verdict } = someKeys()
    const { text, record } = await create()
    const before = await keys.get(record.id)
    expect(await keys.revokeLeaked(forged(record.id))).toEqual({ kind: 'unknown' })
    expect(await keys.get(record.id)).toEqual(before)
    expect(await verdict(text)).toBe('verified')
  })

  test('changes nothing for a key that has ended', async () => {
    const { keys, create, clock } = someKeys()
    const { text } = await create({ expiresIn: '1m' })
    clock.advance(60)
    expect((await keys.revokeLeaked(text)).kind).toBe('not_working')
  })

  test('asks no store about what is no key', async () => {
    const { keys } = someKeys({ store: deadStore() })
    const { text } = await someKeys().create()
    const texts = ['', 'acme_', `${text} `, text.replace('acme', 'acne'), 'x'.repeat(1_000_000)]
    for (const each of [...texts, `${text.slice(0, -1)}é`, null as unknown as string]) {
      expect(await keys.revokeLeaked(each)).toEqual({ kind: 'unknown' })
    }
  })
})

describe('a list', () => {
  test('shows an application its keys, page by page, each once, without hashes', async () => {
    const { keys, create, rotate } = someKeys()
    const made = [await create(), await create(), await create(), await create()]
    await create({ applicationId: 'others' })
    for (const { record } of made.slice(1)) await rotate(record.id)
    await rotate(made[2]?.record.id ?? '', { overlap: 0 })
    const seen: string[] = []
    let after: string | null = null
    do {
      const page = await keys.list({ applicationId: 'reports', after, limit: 2 })
      if (page.kind !== 'page') throw new Error(page.kind)
      expect(page.records.length).toBeLessThanOrEqual(2)
      expect(JSON.stringify(page)).not.toMatch(/hash/i)
      seen.push(...page.records.map(({ id }) => id))
      after = page.next
    } while (after !== null)
    expect(seen.sort()).toEqual(made.map(({ record }) => record.id).sort())
  })

  test('of all has the keys of every application, with their states', async () => {
    const { keys, create, clock } = someKeys()
    const active = await create({ applicationId: 'a' })
    const revoked = await create({ applicationId: 'b' })
    const dead = await create({ applicationId: 'c' })
    const expired = await create({ applicationId: 'a', expiresIn: '1m' })
    await keys.revoke(revoked.record.id)
    await keys.revokeApplication('c')
    clock.advance(60)
    const page = await keys.list()
    if (page.kind !== 'page') throw new Error(page.kind)
    const states = new Map(page.records.map(({ id, state }) => [id, state]))
    expect([active, revoked, dead, expired].map(({ record }) => states.get(record.id))).toEqual([
      'active',
      'revoked',
      'revoked',
      'expired',
    ])
    expect(states.size).toBe(4)
  })

  test('still has a rotated key when its first end is long past', async () => {
    const { keys, create, rotate, store, clock } = someKeys()
    const { id } = (await create({ expiresIn: '1d' })).record
    clock.advance(DAY - 1)
    await rotate(id, { expiresIn: '366d' })
    clock.advance(100 * DAY)
    await store.sweep(clock.now())
    expect(await keys.list({ applicationId: 'reports' })).toMatchObject({ records: [{ id }] })
  })

  test('of more keys than the store gives at once is whole', async () => {
    const { keys, create } = someKeys()
    for (let count = 0; count < 40; count++) await create({ applicationId: `app ${count}` })
    const page = await keys.list({ limit: 100 })
    expect(page).toMatchObject({ kind: 'page', next: null })
    expect(page.kind === 'page' && page.records.length).toBe(40)
  })

  test('of what cannot be is empty', async () => {
    const { keys } = someKeys({ store: deadStore() })
    const empty = { kind: 'page', records: [], next: null }
    expect(await keys.list({ applicationId: 'a\u0000b' })).toEqual(empty)
    expect(await keys.list({ after: '\ud800' })).toEqual(empty)
    await expect(keys.list({ limit: 101 })).rejects.toMatchObject({ code: 'option_invalid' })
    await expect(keys.list({ limit: 0 })).rejects.toMatchObject({ code: 'option_invalid' })
  })
})

describe('when the store is down', () => {
  test('revocations reject, and nothing else throws', async () => {
    const { keys } = someKeys({ store: deadStore() })
    const { text, record } = await someKeys().create()
    const { id } = record
    for (const revocation of [
      () => keys.revoke(id),
      () => keys.revokeApplication('reports'),
      () => keys.revokeLeaked(text),
    ]) {
      const error = await revocation().then(
        () => null,
        (cause: unknown) => cause,
      )
      expect(error).toBeInstanceOf(UnavailableError)
      expect(error).toMatchObject({ code: 'store_unavailable' })
    }
    const answers = [
      await keys.create({ applicationId: 'reports', scopes: [] }),
      await keys.rotate(id),
      await keys.get(id),
      await keys.list(),
    ]
    expect(new Set(answers.map(({ kind }) => kind))).toEqual(new Set(['unavailable']))
  })

  test('keys are neither verified nor refused', async () => {
    const { create } = someKeys()
    const { text } = await create()
    expect(await someKeys({ store: deadStore() }).verdict(text)).toBe('store_unavailable')
  })

  test('with half an answer neither', async () => {
    const { create, store } = someKeys()
    const { text } = await create()
    for (const value of ['', 'null', '{}', '[]', '{"secretHash":"x"}']) {
      const broken: Store = {
        ...store,
        get: (keys) => keys.map((key) => (key.kind === 'api_key' ? { version: 1, value } : null)),
      }
      expect(await someKeys({ store: broken }).verdict(text)).toBe('store_unavailable')
    }
  })

  test('a store that says for ever that somebody else was first does not hold a revocation up', async () => {
    const { create, store } = someKeys()
    const { record } = await create()
    const [current = null] = await store.get([{ kind: 'api_key', id: `acme:${record.id}` }])
    const stubborn: Store = { ...store, cas: () => ({ kind: 'conflict', current }) }
    await expect(someKeys({ store: stubborn }).keys.revoke(record.id)).rejects.toMatchObject({
      code: 'store_unavailable',
    })
  })

  test('a clock that does not say the time is an outage too', async () => {
    const { keys } = someKeys({ clock: { now: () => Date.now() } })
    expect((await keys.create({ applicationId: 'a', scopes: [] })).kind).toBe('unavailable')
    await expect(keys.revokeApplication('a')).rejects.toMatchObject({ code: 'store_unavailable' })
  })
})

describe('what a look-up costs', () => {
  function counted() {
    const memory = memoryStore()
    let questions = 0
    const store: Store = {
      ...memory,
      get: (keys) => {
        questions += 1
        return memory.get(keys)
      },
    }
    const asked = (): number => {
      const count = questions
      questions = 0
      return count
    }
    return { ...someKeys({ store }), asked }
  }

  test('one question to the store, once the process has seen the key', async () => {
    const { create, verdict, asked } = counted()
    const { text } = await create()
    asked()
    await verdict(text)
    expect(asked()).toBe(2)
    await verdict(text)
    expect(asked()).toBe(1)
  })

  test('the same for an id that nobody has', async () => {
    const { verdict, asked } = counted()
    const { text } = await someKeys().create()
    await verdict(text)
    expect(asked()).toBe(2)
    await verdict(text)
    expect(asked()).toBe(1)
  })
})

describe('events', () => {
  test('tell what became of keys, without their secrets', async () => {
    const events: ApiKeyEvent[] = []
    const { keys, create, rotate } = someKeys({ onEvent: (event) => events.push(event) })
    const old = await create()
    const { id } = old.record
    const { text } = await rotate(id)
    await keys.rotate(id)
    await keys.revokeLeaked(old.text)
    await keys.revokeLeaked(forged(id))
    await keys.revoke(id)
    await keys.revokeApplication('reports')
    const of = { at: NOW, id, applicationId: 'reports' }
    expect(events).toEqual([
      { kind: 'api_key_created', ...of },
      { kind: 'api_key_rotated', ...of },
      { kind: 'api_key_leaked', ...of },
      { kind: 'api_key_revoked', ...of },
      { kind: 'api_keys_revoked', at: NOW, applicationId: 'reports' },
    ])
    for (const key of [text, old.text]) {
      expect(JSON.stringify(events)).not.toContain(key.slice(-49, -6))
      expect(JSON.stringify(events)).not.toContain(hashApiKey(key))
    }
  })

  test('do no harm to who does not take them well', async () => {
    const { create, verdict } = someKeys({
      onEvent: () => {
        throw new Error('no')
      },
    })
    expect(await verdict((await create()).text)).toBe('verified')
  })
})

describe('createApiKeys', () => {
  test.each([
    ['no prefix', { prefix: undefined }],
    ['a prefix no key has', { prefix: 'Acme' }],
    ['no store', { store: undefined }],
    ['a store that cannot swap', { store: { ...memoryStore(), cas: undefined } }],
    ['an interval of less than a minute', { lastUsedEvery: '59s' }],
    ['an interval of more than a day', { lastUsedEvery: '25h' }],
    ['a timeout of nothing', { timeoutMilliseconds: 0 }],
    ['a misspelt option', { prefixes: 'acme' }],
  ])('refuses %s', (_, change) => {
    const options = { prefix: 'acme', store: memoryStore(), ...change }
    expect(() => createApiKeys(options as ApiKeysOptions)).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })

  test('makes what the verifier looks keys up in, say its types', () => {
    expectTypeOf<ApiKeys>().toExtend<ApiKeyStore>()
  })
})

function deadStore(): Store {
  const down = (): never => {
    throw new Error('connection lost')
  }
  return { get: down, insert: down, cas: down, incr: down, list: down, feed: down, sweep: down }
}

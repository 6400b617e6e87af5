import { beforeAll, describe, expect, it } from 'vitest'
import { checkedAlgorithms } from '../../src/jwt/algorithms.js'
import type { Jwk } from '../../src/jwt/jwk.js'
import { type JwkSet, type KeySource, staticKeys } from '../../src/jwt/jwk-set.js'
import type { KeyEvent } from '../../src/jwt/key-event.js'
import { createKeyLookup, type FoundKey, type KeyLookup } from '../../src/jwt/key-lookup.js'
import { generateSigningKey } from '../../src/jwt/sign-jwt.js'

const NOW = 1_767_225_600
const ALGORITHMS = checkedAlgorithms(['ES256'])
const [ES256] = ALGORITHMS
if (ES256 === undefined) throw new Error('there should be an algorithm')

let one: Jwk
let two: Jwk
beforeAll(async () => {
  one = (await generateSigningKey('ES256')).publicJwk
  two = (await generateSigningKey('ES256')).publicJwk
})

/** A source that holds its keys, and whose state a test sets. */
const sourceOf = (set: JwkSet) => {
  const state = { set, report: undefined as unknown }
  const source: KeySource = {
    name: 'https://id.example.com',
    current: (_now, report) => {
      state.report = report
      return { kind: 'set', set: state.set }
    },
    refreshed: () => ({ kind: 'set', set: state.set }),
  }
  return { source, state }
}
const findIn = (lookup: KeyLookup, { kid }: Jwk, report?: (event: KeyEvent) => void) =>
  lookup.find(kid ?? null, ES256, NOW, report)
const keyOf = (found: FoundKey | Promise<FoundKey>) => {
  if (found instanceof Promise || found.kind !== 'key') throw new Error('no key at once')
  return found.key
}

const offCurve = ({ x = '', ...rest }: Jwk): Jwk => ({ ...rest, x, y: x })

describe('a key lookup', () => {
  it.each([
    ['a set', (set: JwkSet) => set],
    ['static keys', (set: JwkSet) => staticKeys(set)],
    ['a source that holds its keys', (set: JwkSet) => sourceOf(set).source],
  ])('answers at once from %s, and serves what it found', (_, keys) => {
    const lookup = createKeyLookup(keys({ keys: [one, two] }), ALGORITHMS)
    const key = keyOf(findIn(lookup, one))
    expect(key.kid).toBe(one.kid)
    expect(lookup.serves(key, NOW)).toBe(true)
    expect(findIn(lookup, { kid: 'other' })).toEqual({ kind: 'unknown' })
  })

  it('serves a key no longer when the set has changed, and finds it anew if it is still there', () => {
    const { source, state } = sourceOf({ keys: [one] })
    const lookup = createKeyLookup(source, ALGORITHMS)
    const key = keyOf(findIn(lookup, one))
    state.set = { keys: [one, two] }
    expect(lookup.serves(key, NOW)).toBe(false)
    expect(lookup.serves(keyOf(findIn(lookup, one)), NOW)).toBe(true)
    state.set = { keys: [two] }
    expect(findIn(lookup, one)).toEqual({ kind: 'unknown' })
  })

  it.each<[string, KeySource['current']]>([
    ['cannot have keys', () => ({ kind: 'unavailable', retryAfterSeconds: 1, cause: null })],
    ['has to ask', () => new Promise(() => undefined)],
    ['rejects', () => Promise.reject(new Error('broken'))],
    [
      'throws',
      () => {
        throw new Error('broken')
      },
    ],
  ])('serves no key while its source %s', async (_, current) => {
    const { source } = sourceOf({ keys: [one] })
    const state = { current: source.current }
    const lookup = createKeyLookup(
      { ...source, current: (now, report) => state.current(now, report) },
      ALGORITHMS,
    )
    const key = keyOf(findIn(lookup, one))
    state.current = current
    expect(lookup.serves(key, NOW)).toBe(false)
  })

  it('tells of faulty keys once for each state of the set', async () => {
    const bad = offCurve(two)
    const { source, state } = sourceOf({ keys: [one, bad] })
    const lookup = createKeyLookup(source, ALGORITHMS)
    const events: KeyEvent[] = []
    const report = (event: KeyEvent) => events.push(event)
    await findIn(lookup, one, report)
    await findIn(lookup, bad, report)
    const expected = {
      kind: 'key_skipped',
      at: NOW,
      source: 'https://id.example.com',
      kid: two.kid,
      problem: 'point_invalid',
    }
    expect(events).toEqual([expected])
    state.set = { keys: [bad, one] }
    await findIn(lookup, one, report)
    expect(events).toEqual([expected, expected])
  })

  it('hands the listener to its source, and does not mind what the listener throws', () => {
    const { source, state } = sourceOf({ keys: [one, offCurve(two)] })
    const report = () => {
      throw new Error('listener')
    }
    expect(keyOf(findIn(createKeyLookup(source, ALGORITHMS), one, report)).kid).toBe(one.kid)
    expect(state.report).toBe(report)
  })
})

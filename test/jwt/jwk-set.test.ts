import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { parseJwkSet, staticKeys } from '../../src/jwt/jwk-set.js'

const parse = (document: unknown, maxBytes?: number) =>
  parseJwkSet(
    Buffer.from(typeof document === 'string' ? document : JSON.stringify(document)),
    maxBytes,
  )
const refused = { ok: false, reason: 'not_a_jwk_set' }
const KEY = { kty: 'EC', kid: 'k' }

describe('parseJwkSet', () => {
  it('reads the keys and leaves out what else is there', () => {
    expect(parse({ keys: [KEY], issuer: 'x' })).toEqual({ ok: true, value: { keys: [KEY] } })
    expect(parse({ keys: [null, 1, 'k', [KEY], KEY] })).toEqual({
      ok: true,
      value: { keys: [KEY] },
    })
    expect(parse({ keys: [] })).toEqual({ ok: true, value: { keys: [] } })
  })

  it.each([
    '',
    'null',
    '[]',
    '{}',
    '{"keys":{}}',
    '{"keys":null}',
    '<html>',
    '{"keys":[],"keys":[]}',
    '\ufeff{"keys":[]}',
    '{"keys":[{"kid":"a","kid":"b"}]}',
    `{"keys":[${'['.repeat(20)}${']'.repeat(20)}]}`,
  ])('refuses %j', (document) => {
    expect(parse(document)).toEqual(refused)
  })

  it('reads 100 keys and refuses 101', () => {
    const many = (count: number) => ({ keys: Array.from({ length: count }, () => KEY) })
    const parsed = parse(many(100))
    expect(parsed.ok && parsed.value.keys).toHaveLength(100)
    expect(parse(many(101))).toEqual(refused)
  })

  it('reads as many bytes as it is told to', () => {
    const text = JSON.stringify({ keys: [] })
    expect(parse(text, text.length).ok).toBe(true)
    expect(parse(`${text} `, text.length)).toEqual(refused)
    expect(parse(text.padEnd(262_144)).ok).toBe(true)
    expect(parse(text.padEnd(262_145))).toEqual(refused)
    expect(parse(text.padEnd(262_145), 300_000).ok).toBe(true)
  })
})

describe('staticKeys', () => {
  it('has nothing newer than the set that it was given', async () => {
    const set = { keys: [KEY] }
    const source = staticKeys(set)
    expect(await source.current(0)).toEqual({ kind: 'set', set })
    expect(await source.refreshed(1, set)).toEqual({ kind: 'set', set })
    expect(source.set).toBe(set)
  })
})

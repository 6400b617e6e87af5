import { Buffer } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { isJsonObject, parseStrictJson } from '../../src/shared/json.js'

const parse = (text: string, limits = {}) => parseStrictJson(Buffer.from(text), limits)
const refused = { ok: false, reason: 'not_json' }

describe('parseStrictJson', () => {
  it('reads what JSON.parse reads', () => {
    const text = ' {"a":[1,-2.5e3,true,null],"b":{"a":"\\u0061\\n"},"":0} '
    expect(parse(text)).toEqual({ ok: true, value: JSON.parse(text) })
  })

  it.each([
    ['twice in plain sight', '{"alg":"none","alg":"HS"}'],
    ['the second by an escape', '{"alg":1,"\\u0061lg":2}'],
    ['both by escapes of either case', '{"\\u006A":1,"\\u006a":2}'],
    ['in an inner object', '{"a":{"b":1,"b":1}}'],
    ['in an object of a list', '[0,{"b":[],"c":"}","b":{}}]'],
    ['with other members between', '{"a":1,"b":{"a":2},"c":[{"a":3}],"a":4}'],
    ['the empty name', '{"":1,"":2}'],
    ['the name of a prototype', '{"__proto__":1,"__proto__":2}'],
  ])('refuses a member name that occurs twice: %s', (_, text) => {
    expect(JSON.parse(text)).toBeDefined()
    expect(parse(text)).toEqual(refused)
  })

  it.each([
    ['in different objects', '[{"a":1},{"a":1}]'],
    ['as a name and as a value', '{"a":"a","b":"a"}'],
    ['as strings of a list', '["a","a"]'],
    ['as strings behind a comma in a list', '{"x":[1,"a","a"],"a":1}'],
    ['inside and outside', '{"a":{"a":{"a":1}}}'],
    ['in another case', '{"a":1,"A":2}'],
    ['as text that looks like members', '{"a":"\\"b\\":1,\\"b\\":2"}'],
  ])('takes equal strings %s', (_, text) => {
    expect(parse(text)).toEqual({ ok: true, value: JSON.parse(text) })
  })

  it('makes `__proto__` an own member and leaves prototypes alone', () => {
    const parsed = parse('{"__proto__":{"admin":true},"constructor":{"prototype":{"admin":true}}}')
    expect(parsed.ok && isJsonObject(parsed.value) && Object.keys(parsed.value)).toEqual([
      '__proto__',
      'constructor',
    ])
    expect(Reflect.get({}, 'admin')).toBeUndefined()
  })

  it.each(['1e400', '-1e400', '[1e309]', '{"exp":9e999}', `1${'0'.repeat(400)}`])(
    'refuses the number %s, which is not finite',
    (text) => {
      expect(JSON.stringify(JSON.parse(text))).toContain('null')
      expect(parse(text)).toEqual(refused)
    },
  )

  it.each(['1e308', '-0', '0.1', '1e-400', '1E+2'])('takes the number %s', (text) => {
    expect(parse(text)).toEqual({ ok: true, value: JSON.parse(text) })
  })

  it('refuses a byte order mark, UTF-16 and bytes that are not UTF-8', () => {
    expect(parseStrictJson(Uint8Array.of(0xef, 0xbb, 0xbf, 0x7b, 0x7d))).toEqual(refused)
    expect(parseStrictJson(Buffer.from('{}', 'utf16le'))).toEqual(refused)
    expect(parseStrictJson(Uint8Array.of(0x22, 0xff, 0x22))).toEqual(refused)
    expect(parseStrictJson(Uint8Array.of(0x22, 0xc0, 0x80, 0x22))).toEqual(refused)
  })

  it.each([
    '',
    ' ',
    '{',
    '"',
    '"\\',
    '{"a":1,}',
    '[1,]',
    "{'a':1}",
    'NaN',
    '{"\\x":1}',
    '-',
    '{}{}',
  ])('refuses %j, which is not JSON', (text) => {
    expect(parse(text)).toEqual(refused)
  })

  it('takes 16 levels and refuses 17, if not told otherwise', () => {
    const nested = (levels: number) => '['.repeat(levels) + ']'.repeat(levels)
    const objects = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
    expect(parse(nested(16)).ok && parse(objects(16)).ok).toBe(true)
    expect(parse(nested(17))).toEqual(refused)
    expect(parse(objects(17))).toEqual(refused)
    expect(parse(nested(2), { maxDepth: 2 }).ok).toBe(true)
    expect(parse(nested(3), { maxDepth: 2 })).toEqual(refused)
    expect(parse('[[],[],[[]],[]]', { maxDepth: 3 }).ok).toBe(true)
  })

  it('takes 262,144 bytes and refuses one more, if not told otherwise', () => {
    const spaced = (bytes: number) => '[]'.padEnd(bytes)
    expect(parse(spaced(262_144)).ok).toBe(true)
    expect(parse(spaced(262_145))).toEqual(refused)
    expect(parse('[1]', { maxBytes: 3 }).ok).toBe(true)
    expect(parse('[1] ', { maxBytes: 3 })).toEqual(refused)
  })

  it('survives what would overflow a stack or square the time', () => {
    const limits = { maxBytes: 8_000_000, maxDepth: 4_000_000 }
    expect(parse('['.repeat(2_000_000), limits)).toEqual(refused)
    expect(parse(`"${'\\'.repeat(2_000_000)}`, limits)).toEqual(refused)
    expect(parse(`[${'"",'.repeat(500_000)}""]`, limits).ok).toBe(true)
    expect(parse('9'.repeat(2_000_000), limits)).toEqual(refused)
  })
})

interface Case {
  readonly name: string
  readonly expect: 'accept' | 'reject' | 'either'
  readonly base64?: string
  readonly generator?: unknown
}

const cases = JSON.parse(
  readFileSync(new URL('../vectors/json-parsing/cases.json', import.meta.url), 'utf8'),
) as readonly Case[]

/** Valid by RFC 8259, which leaves the meaning open; refused here because readers differ. */
const AMBIGUOUS = new Set([
  'y_object_duplicated_key.json',
  'y_object_duplicated_key_and_value.json',
])

describe('the JSON test suite', () => {
  const given = cases.flatMap(({ name, expect: verdict, base64 }) =>
    base64 === undefined
      ? []
      : [{ name, verdict, result: parseStrictJson(Buffer.from(base64, 'base64')) }],
  )
  const taken = given.filter(({ result }) => result.ok)

  it('has none of its bad documents accepted', () => {
    expect(given.filter(({ verdict }) => verdict === 'reject').length).toBe(186)
    expect(taken.filter(({ verdict }) => verdict === 'reject')).toEqual([])
  })

  it('has all of its good documents accepted, but for the two with duplicate names', () => {
    const refusedGood = given.filter(({ verdict, result }) => verdict === 'accept' && !result.ok)
    expect(new Set(refusedGood.map(({ name }) => name))).toEqual(AMBIGUOUS)
    expect(taken.filter(({ verdict }) => verdict === 'accept')).toHaveLength(93)
  })

  it('has no number accepted that is not finite', () => {
    const finite = (value: unknown): boolean =>
      typeof value === 'object' && value !== null
        ? Object.values(value).every(finite)
        : typeof value !== 'number' || Number.isFinite(value)
    expect(taken.filter(({ result }) => result.ok && !finite(result.value))).toEqual([])
  })

  it('has its two generated documents refused, at any depth', () => {
    const limits = { maxDepth: 1_000_000, maxBytes: 1_000_000 }
    expect(parse('['.repeat(100_000), limits)).toEqual(refused)
    expect(parse('[{"":'.repeat(50_000), limits)).toEqual(refused)
  })
})

import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseStrictJson } from '../../src/shared/json.js'

const parse = (text: string) => parseStrictJson(Buffer.from(text))

/** Any JSON value up to 8 deep, as text. */
const jsonText = fc.json({ maxDepth: 8 })

describe('parseStrictJson', () => {
  it('agrees with JSON.parse on everything that JSON.stringify writes', () => {
    fc.assert(
      fc.property(jsonText, (text) => {
        expect(parse(text)).toEqual({ ok: true, value: JSON.parse(text) })
      }),
      { numRuns: 1000 },
    )
  })

  it('never accepts what JSON.parse refuses, and never throws', () => {
    const noise = fc.array(
      fc.constantFrom(
        '{',
        '}',
        '[',
        ']',
        '"',
        '\\',
        ',',
        ':',
        '1',
        '-',
        'e',
        '.',
        'a',
        ' ',
        '\u{1f600}',
      ),
      { maxLength: 24 },
    )
    fc.assert(
      fc.property(
        fc.oneof(
          noise.map((parts) => parts.join('')),
          fc.string({ unit: 'binary' }),
        ),
        (text) => {
          const strict = parse(text)
          if (strict.ok) expect(strict.value).toEqual(JSON.parse(text))
        },
      ),
      { numRuns: 1000 },
    )
  })

  it('takes any bytes without throwing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        expect(typeof parseStrictJson(bytes).ok).toBe('boolean')
      }),
      { numRuns: 500 },
    )
  })

  it('refuses a duplicate name planted at any depth, however it is escaped', () => {
    const level = fc.record({ inArray: fc.boolean(), name: fc.string({ maxLength: 4 }) })
    const planted = fc.record({
      name: fc.string({ unit: 'binary', maxLength: 6 }),
      escaped: fc.tuple(fc.boolean(), fc.boolean()),
      between: fc.dictionary(fc.string({ minLength: 7, maxLength: 9 }), fc.integer(), {
        maxKeys: 3,
      }),
      path: fc.array(level, { maxLength: 10 }),
    })
    fc.assert(
      fc.property(planted, ({ name, escaped, between, path }) => {
        const others = Object.entries(between).map(
          ([key, value]) => `${JSON.stringify(key)}:${value}`,
        )
        const members = [
          `${spelled(name, escaped[0])}:1`,
          ...others,
          `${spelled(name, escaped[1])}:2`,
        ]
        const wrapped = path.reduce(
          (inner, step) =>
            step.inArray ? `[${inner}]` : `{${JSON.stringify(step.name)}:${inner}}`,
          `{${members.join(',')}}`,
        )
        expect(JSON.parse(wrapped)).toBeDefined()
        expect(parse(wrapped)).toEqual({ ok: false, reason: 'not_json' })
      }),
      { numRuns: 500 },
    )
  })
})

/** One of the two usual spellings of a string in JSON. */
function spelled(name: string, escaped: boolean): string {
  if (!escaped) return JSON.stringify(name)
  const units = Array.from({ length: name.length }, (_, at) => name.charCodeAt(at))
  return `"${units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('')}"`
}

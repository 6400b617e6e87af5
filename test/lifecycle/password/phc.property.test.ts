import fc from 'fast-check'
import { expect, test } from 'vitest'
import { argon2id } from '../../../src/lifecycle/password/argon2id.js'
import { formatPhc, type PasswordHash, parsePhc } from '../../../src/lifecycle/password/phc.js'
import { scrypt } from '../../../src/lifecycle/password/scrypt.js'

const costs = fc.oneof(
  fc
    .tuple(fc.integer({ min: 128, max: 65_536 }), fc.integer({ min: 1, max: 16 }), lanes(16))
    .map((chosen) => ({ algorithm: argon2id, costs: chosen })),
  fc
    .tuple(fc.integer({ min: 1, max: 14 }), fc.integer({ min: 1, max: 32 }), lanes(8))
    .map((chosen) => ({ algorithm: scrypt, costs: chosen })),
)
const hashes: fc.Arbitrary<PasswordHash> = fc
  .tuple(
    costs,
    fc.uint8Array({ minLength: 8, maxLength: 64 }),
    fc.uint8Array({ minLength: 16, maxLength: 64 }),
    fc.option(fc.stringMatching(/^[A-Za-z0-9_-]{1,8}$/)),
  )
  .map(([chosen, salt, hash, pepperId]) => ({ ...chosen, pepperId, salt, hash }))

function lanes(max: number): fc.Arbitrary<number> {
  return fc.integer({ min: 1, max })
}

test('what is written is read back', () => {
  fc.assert(
    fc.property(hashes, (hash) => {
      expect(parsePhc(formatPhc(hash))).toEqual({ ok: true, value: hash })
    }),
    { numRuns: 500 },
  )
})

test('what is read is written back letter for letter: there is one spelling', () => {
  const edits = fc.record({
    hash: hashes,
    at: fc.nat(),
    removed: fc.integer({ min: 0, max: 2 }),
    inserted: fc.string({ maxLength: 2 }),
  })
  fc.assert(
    fc.property(edits, ({ hash, at, removed, inserted }) => {
      const text = formatPhc(hash)
      const start = at % text.length
      const edited = text.slice(0, start) + inserted + text.slice(start + removed)
      const parsed = parsePhc(edited)
      if (parsed.ok) expect(formatPhc(parsed.value)).toBe(edited)
    }),
    { numRuns: 1000 },
  )
})

test('no text makes the parser throw, and what it reads is bearable', () => {
  const segments = fc.constantFrom(
    'argon2id',
    'scrypt',
    'v=19',
    'm=9,t=1,p=1',
    'm=9,t=1,p=1,keyid=cDE',
    'ln=99,r=8,p=1',
    'AA',
  )
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(segments).map((parts) => `$${parts.join('$')}`),
  )
  fc.assert(
    fc.property(texts, (text) => {
      const parsed = parsePhc(text)
      if (parsed.ok) expect(parsed.value.algorithm.isBearable(parsed.value.costs)).toBe(true)
    }),
    { numRuns: 1000 },
  )
})

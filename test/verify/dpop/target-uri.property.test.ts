import fc from 'fast-check'
import { expect, test } from 'vitest'
import { normalizedTargetUri } from '../../../src/verify/dpop/target-uri.js'

const uri = fc.webUrl({ withFragments: true, withQueryParameters: true, validSchemes: ['https'] })

test('normalising once is enough', () => {
  fc.assert(
    fc.property(uri, (text) => {
      const once = normalizedTargetUri(text)
      expect(once).not.toBeNull()
      expect(normalizedTargetUri(once ?? '')).toBe(once)
    }),
    { numRuns: 500 },
  )
})

test('what the platform spells is equal to what it was made from', () => {
  fc.assert(
    fc.property(uri, (text) => {
      expect(normalizedTargetUri(new URL(text).href)).toBe(normalizedTargetUri(text))
    }),
    { numRuns: 500 },
  )
})

test('any text gets an answer, and never one that another host would share', () => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.string({ unit: 'binary' })), (text) => {
      const normal = normalizedTargetUri(`https://a.example/${text}`)
      if (normal !== null) expect(normal.startsWith('https://a.example/')).toBe(true)
      const other = normalizedTargetUri(text)
      if (other !== null) expect(new URL(other).href).toBe(other)
    }),
    { numRuns: 1_000 },
  )
})

import { describe, expect, it } from 'vitest'
import { macVerifier, NOW } from '../jwt/tokens.js'
import { hostileFamily } from './hostile/family.js'
import { CONTROLS, KEYS } from './hostile/hostile-token.js'
import { tokenOfLength } from './hostile/spellings.js'

// With every default, so that each token is judged as a careless user would have it judged.
const verifier = macVerifier({ keys: KEYS })

describe('the family of hostile tokens', () => {
  const family = hostileFamily()

  it('is large, and each token has a name of its own', () => {
    expect(family.length).toBeGreaterThan(400)
    expect(new Set(family.map(({ name }) => name)).size).toBe(family.length)
    expect(new Set(family.map(({ token }) => token)).size).toBe(family.length)
  })

  it.each(family)('is refused: $name', async ({ token, reason, claim }) => {
    const verdict = claim === undefined ? { reason } : { reason, claim }
    expect(await verifier.verify(token, NOW)).toEqual({ kind: 'refused', ...verdict })
  })
})

describe('the controls beside it', () => {
  it.each([...CONTROLS, { name: 'of the longest text', token: tokenOfLength(8_192) }])(
    'are taken: $name',
    async ({ token }) => {
      expect(await verifier.verify(token, NOW)).toMatchObject({ kind: 'verified' })
    },
  )
})

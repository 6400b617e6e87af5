import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Jwk } from '../../src/jwt/jwk.js'
import { keyChanges } from '../../src/remote/key-changes.js'

const A: Jwk = { kty: 'EC', kid: 'a', x: '1', key_ops: ['verify'] }
const B: Jwk = { kty: 'EC', kid: 'b', x: '2' }
const changes = (before: Jwk[], after: Jwk[]) => keyChanges({ keys: before }, { keys: after })

describe('the changes of a key set', () => {
  it('are none if only order and spelling differ', () => {
    expect(changes([A, B], [B, { key_ops: ['verify'], x: '1', kid: 'a', kty: 'EC' }])).toBeNull()
    expect(changes([], [])).toBeNull()
  })

  it('name the keys that came and went', () => {
    expect(changes([A], [A, B])).toEqual({ added: ['b'], removed: [] })
    expect(changes([A, B], [B])).toEqual({ added: [], removed: ['a'] })
    expect(changes([A], [{ kty: 'EC', x: '3' }])).toEqual({ added: [null], removed: ['a'] })
  })

  it('show a key that was replaced under its kid', () => {
    expect(changes([A], [{ ...A, x: '9' }])).toEqual({ added: ['a'], removed: ['a'] })
  })

  it('are some if a key is there twice, for then it is not used', () => {
    expect(changes([A, B], [A, A, B])).toEqual({ added: [], removed: [] })
  })

  it('do not name what cannot be a kid', () => {
    const odd = { kid: 'k'.repeat(257) }
    expect(changes([], [odd])).toEqual({ added: [null], removed: [] })
  })

  it('are none exactly if the lists are equal without their order', () => {
    const key = fc.record({ kid: fc.constantFrom('a', 'b'), x: fc.constantFrom('1', '2') })
    fc.assert(
      fc.property(fc.array(key), fc.array(key), (before, after) => {
        const sorted = (keys: Jwk[]) => keys.map(({ kid, x }) => `${kid}${x}`).sort()
        const isSame = sorted(before).join() === sorted(after).join()
        expect(changes(before, after) === null).toBe(isSame)
      }),
    )
  })
})

import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../../src/errors.js'
import type { PrivateJwk } from '../../../src/jwt/jwk.js'
import { generateSigningKey } from '../../../src/jwt/sign-jwt.js'
import { staticSigningKey } from '../../../src/lifecycle/signing-keys/signing-key-source.js'

const { privateJwk, publicJwk } = await generateSigningKey('ES256')

describe('staticSigningKey', () => {
  it('answers at once with one object for every moment', () => {
    const source = staticSigningKey(privateJwk)
    const first = source.current(0)
    expect(first).toEqual({ kind: 'key', key: privateJwk })
    expect(source.current(4_000_000_000)).toBe(first)
  })

  it('keeps a copy that nobody can write to', () => {
    const given = { ...privateJwk }
    const source = staticSigningKey(given)
    given.kid = 'another'
    const lookup = source.current(0)
    expect(lookup).toEqual({ kind: 'key', key: privateJwk })
    expect('key' in lookup && Object.isFrozen(lookup.key)).toBe(true)
  })

  it('takes a shared secret too', () => {
    const key = { kty: 'oct', kid: 'a', alg: 'HS256', k: 'A'.repeat(43) } as const
    expect(staticSigningKey(key).current(0)).toEqual({ kind: 'key', key })
  })

  it('does not start with a key that cannot sign', () => {
    const notPrivate = publicJwk as PrivateJwk // what a caller without types may do
    const nameless: Partial<PrivateJwk> = { ...privateJwk }
    delete (nameless as { kid?: string }).kid
    for (const key of [notPrivate, nameless as PrivateJwk]) {
      expect(() => staticSigningKey(key)).toThrow(
        expect.objectContaining({ code: 'key_invalid', name: ConfigurationError.name }),
      )
    }
    expect(() => staticSigningKey({ ...privateJwk, alg: 'none' })).toThrow(
      expect.objectContaining({ code: 'algorithm_unknown' }),
    )
  })

  it('shows nothing of the key when it is printed', () => {
    expect(JSON.stringify(staticSigningKey(privateJwk))).toBe('{}')
  })
})

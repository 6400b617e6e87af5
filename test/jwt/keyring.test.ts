import { randomBytes } from 'node:crypto'
import { beforeAll, describe, expect, it } from 'vitest'
import { type Algorithm, algorithm, checkedAlgorithms } from '../../src/jwt/algorithms.js'
import type { Jwk } from '../../src/jwt/jwk.js'
import { keyring } from '../../src/jwt/keyring.js'
import { generateSigningKey } from '../../src/jwt/sign-jwt.js'

const ring = (
  origin: 'static' | 'remote',
  keys: readonly unknown[],
  names: Algorithm[] = ['ES256'],
) => keyring({ keys: keys as Jwk[] }, checkedAlgorithms(names), { origin })
const find = (rings: ReturnType<typeof ring>, kid: string | null, name: Algorithm = 'ES256') => {
  const entry = algorithm(name)
  return entry && rings.find(kid, entry)
}

let one: Jwk
let two: Jwk
let es384: Jwk
const secret = { kty: 'oct', kid: 's', alg: 'HS256', k: randomBytes(32).toString('base64url') }

beforeAll(async () => {
  one = (await generateSigningKey('ES256')).publicJwk
  two = (await generateSigningKey('ES256')).publicJwk
  es384 = (await generateSigningKey('ES384')).publicJwk
})

describe('a keyring', () => {
  it.each(['static', 'remote'] as const)('finds a key by its exact kid (%s)', (origin) => {
    const keys = ring(origin, [
      { ...one, kid: 'one' },
      { ...two, kid: 'two' },
    ])
    expect(find(keys, 'one')?.kid).toBe('one')
    expect(find(keys, 'two')?.kid).toBe('two')
    for (const kid of [
      'One',
      'one ',
      'three',
      '',
      '../one',
      "' or 1=1",
      '__proto__',
      'constructor',
    ]) {
      expect(find(keys, kid)).toBeNull()
    }
  })

  it('finds a key only for the algorithm that it is bound to', () => {
    const keys = ring('static', [one, es384], ['ES256', 'ES384'])
    expect(find(keys, one.kid ?? '', 'ES256')).not.toBeNull()
    expect(find(keys, one.kid ?? '', 'ES384')).toBeNull()
  })

  it('without a kid finds the only key for the algorithm, and none if there are two', () => {
    expect(find(ring('static', [one]), null)?.kid).toBe(one.kid)
    expect(find(ring('static', [one, es384], ['ES256', 'ES384']), null)?.kid).toBe(one.kid)
    expect(find(ring('static', [one, two]), null)).toBeNull()
    expect(find(ring('remote', []), null)).toBeNull()
  })

  it('finds a key without a kid only for a token without one', () => {
    const { kid: _, ...nameless } = one
    const keys = ring('static', [nameless])
    expect(find(keys, null)).not.toBeNull()
    expect(find(keys, 'undefined')).toBeNull()
    expect(find(keys, 'null')).toBeNull()
  })

  it('takes one kid for two algorithms', () => {
    const keys = ring(
      'static',
      [
        { ...one, kid: 'k' },
        { ...es384, kid: 'k' },
      ],
      ['ES256', 'ES384'],
    )
    expect(find(keys, 'k', 'ES256')?.algorithm.name).toBe('ES256')
    expect(find(keys, 'k', 'ES384')?.algorithm.name).toBe('ES384')
  })

  it('imports a key once', async () => {
    const key = find(ring('static', [one]), null)
    expect(await key?.imported()).not.toBeNull()
    expect(key?.imported()).toBe(key?.imported())
    const hmac = find(ring('static', [secret], ['HS256']), 's', 'HS256')
    expect((await hmac?.imported())?.extractable).toBe(false)
  })
})

describe('a keyring of the configuration', () => {
  it.each([
    ['Key 1 of the set', () => [{ ...one, kid: undefined, y: one.x }], 'point of its curve'],
    [
      'Key 2 of the set (kid "bad")',
      () => [one, { ...two, kid: 'bad', d: two.x }],
      'private members',
    ],
    ['Key 2 of the set', () => [one, null], 'missing'],
    [
      'Key 2 of the set',
      () => [
        { ...one, kid: 'k' },
        { ...two, kid: 'k' },
      ],
      'same kid',
    ],
    ['Key 1 of the set', () => [secret], 'none of the algorithms'],
  ])('does not start with a bad key: %s', (place, keys, problem) => {
    const attempt = () => ring('static', keys())
    expect(attempt).toThrow(expect.objectContaining({ code: 'key_invalid' }))
    expect(attempt).toThrow(place)
    expect(attempt).toThrow(problem)
  })

  it('says nothing of the key itself', () => {
    const weak = { kty: 'oct', alg: 'HS256', kid: 'weak', k: 'aHVudGVyMg' }
    expect(() => ring('static', [weak], ['HS256'])).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('aHVudGVyMg') }),
    )
  })

  it('holds 1 to 100 keys', () => {
    const many = (count: number) =>
      Array.from({ length: count }, (_, at) => ({ ...one, kid: `${at}` }))
    expect(() => ring('static', [])).toThrow(expect.objectContaining({ code: 'key_invalid' }))
    expect(() => ring('static', many(100))).not.toThrow()
    expect(() => ring('static', many(101))).toThrow(
      expect.objectContaining({ code: 'key_invalid' }),
    )
  })
})

describe('a keyring from the network', () => {
  it('names the keys that are faulty, and none that is only meant for others', () => {
    const { skipped, size } = ring('remote', [
      one,
      { ...two, kid: 'point', y: two.x },
      { ...two, kid: 'private', d: 'AQAB' },
      { ...two, kid: 7 },
      { ...two, kid: 'twin' },
      { ...one, kid: 'twin' },
      { kty: 'EC', crv: 'P-256', kid: 'torn' },
      secret,
      es384,
      { ...two, use: 'enc' },
      { ...two, alg: 'ES999' },
      { kty: 'AKP', kid: 'future' },
    ])
    expect(size).toBe(1)
    expect(skipped).toEqual([
      { kid: 'point', problem: 'point_invalid' },
      { kid: 'private', problem: 'private_member' },
      { kid: null, problem: 'kid_malformed' },
      { kid: 'torn', problem: 'malformed' },
      { kid: 's', problem: 'shared_secret' },
      { kid: 'twin', problem: 'kid_duplicate' },
      { kid: 'twin', problem: 'kid_duplicate' },
    ])
  })

  it('holds its own keys, and no others of the same text', () => {
    const ours = ring('remote', [one])
    const key = find(ours, one.kid ?? '')
    expect(key && ours.holds(key)).toBe(true)
    expect(key && ring('remote', [one]).holds(key)).toBe(false)
  })

  it('leaves out what it cannot use and serves the rest', () => {
    const bad = [{ ...two, y: two.x }, { ...two, use: 'enc' }, { kty: 'AKP', pub: 'AA' }, es384]
    const keys = ring('remote', [...bad, one])
    expect(find(keys, one.kid ?? '')).not.toBeNull()
    expect(find(keys, two.kid ?? '')).toBeNull()
  })

  it('leaves out a private key that should not have been published', () => {
    expect(find(ring('remote', [{ ...one, d: one.x }]), one.kid ?? '')).toBeNull()
  })

  it('leaves out shared secrets', () => {
    expect(find(ring('remote', [secret], ['HS256']), 's', 'HS256')).toBeNull()
    expect(find(ring('static', [secret], ['HS256']), 's', 'HS256')).not.toBeNull()
  })

  it('leaves out both of two keys with one kid, whatever their order', () => {
    const same = [
      { ...one, kid: 'k' },
      { ...two, kid: 'k' },
    ]
    expect(find(ring('remote', same), 'k')).toBeNull()
    expect(find(ring('remote', same.toReversed()), 'k')).toBeNull()
  })

  it('looks at no more than 100 keys', () => {
    const many = Array.from({ length: 100 }, (_, at) => ({ ...two, kid: `${at}` }))
    const keys = ring('remote', [...many, { ...one, kid: 'last' }])
    expect(find(keys, '99')).not.toBeNull()
    expect(find(keys, 'last')).toBeNull()
  })
})

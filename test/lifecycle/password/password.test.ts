import { describe, expect, test } from 'vitest'
import { argon2id } from '../../../src/lifecycle/password/argon2id.js'
import {
  decoyHash,
  hashPassword,
  type PasswordHashing,
  passwordHasher,
  verifyPassword,
} from '../../../src/lifecycle/password/password.js'
import { hasherOf, MAX_PASSWORD_LENGTH } from '../../../src/lifecycle/password/password-hasher.js'
import { parsePhc } from '../../../src/lifecycle/password/phc.js'
import { scrypt } from '../../../src/lifecycle/password/scrypt.js'

const cheap = hasherOf(argon2id, [8, 1, 1])

describe('the defaults', () => {
  test('a hash is argon2id with 19 MiB and two passes, and matches only its password', async () => {
    const phc = await hashPassword('correct horse')
    expect(phc.startsWith('$argon2id$v=19$m=19456,t=2,p=1$')).toBe(true)
    const stored = parsePhc(phc)
    expect(stored.ok && [stored.value.salt.length, stored.value.hash.length]).toEqual([16, 32])
    expect(await verifyPassword('correct horse', phc)).toEqual({ kind: 'match', rehash: false })
    expect(await verifyPassword('correct house', phc)).toEqual({ kind: 'mismatch' })
  })

  test('scrypt has N=2^17, r=8, p=1', () => {
    expect(decoyHash({ algorithm: 'scrypt' }).startsWith('$scrypt$ln=17,r=8,p=1$')).toBe(true)
  })

  test('scrypt with other costs makes hashes of them', async () => {
    const hashing = { algorithm: 'scrypt', ln: 14, p: 5 } as const
    const phc = await hashPassword('correct horse', hashing)
    expect(phc.startsWith('$scrypt$ln=14,r=8,p=5$')).toBe(true)
    expect(await verifyPassword('correct horse', phc, hashing)).toEqual({
      kind: 'match',
      rehash: false,
    })
    expect(await verifyPassword('correct horse', phc)).toEqual({ kind: 'match', rehash: true })
  })
})

describe('passwordHasher', () => {
  const weakest: readonly PasswordHashing[] = [
    { algorithm: 'argon2id', m: 7_168, t: 5 },
    { algorithm: 'argon2id', m: 47_104, t: 1 },
    { algorithm: 'argon2id', p: 4 },
    { algorithm: 'scrypt', ln: 14, p: 5 },
    { algorithm: 'scrypt', ln: 13, p: 10 },
    { algorithm: 'scrypt', ln: 18 },
  ]
  test.each(weakest)('takes %j', (hashing) => {
    expect(parsePhc(passwordHasher(hashing).decoyHash()).ok).toBe(true)
  })

  const tooWeak: readonly PasswordHashing[] = [
    { algorithm: 'argon2id', m: 7_167, t: 6 },
    { algorithm: 'argon2id', m: 7_168, t: 4 },
    { algorithm: 'argon2id', t: 1 },
    { algorithm: 'scrypt', ln: 14, p: 4 },
    { algorithm: 'scrypt', ln: 12, p: 64 },
    { algorithm: 'scrypt', r: 7, p: 2 },
  ]
  test.each(tooWeak)('refuses %j as too weak', (hashing) => {
    expect(() => passwordHasher(hashing)).toThrow(
      expect.objectContaining({
        code: 'option_invalid',
        message: expect.stringContaining('too low'),
      }),
    )
  })

  const unbearable: readonly PasswordHashing[] = [
    { algorithm: 'argon2id', m: 262_145 },
    { algorithm: 'argon2id', t: 1_000_000 },
    { algorithm: 'scrypt', ln: 19 },
    { algorithm: 'scrypt', ln: 1_000_000 },
  ]
  test.each(unbearable)('refuses %j as more than a server can bear', (hashing) => {
    expect(() => passwordHasher(hashing)).toThrow(
      expect.objectContaining({
        code: 'option_invalid',
        message: expect.stringContaining('can bear'),
      }),
    )
  })

  test.each([
    [{ algorithm: 'bcrypt' }],
    [{ algorithm: 'argon2id', N: 1 }],
    [{ algorithm: 'scrypt', m: 19_456 }],
    [{ algorithm: 'argon2id', m: 19_456.5 }],
    [{ algorithm: 'argon2id', m: '19456' }],
    [{ algorithm: 'argon2id', t: 0 }],
    [{ algorithm: 'argon2id', t: Number.NaN }],
    [{}],
    [null],
  ])('refuses %j from untyped code', async (hashing) => {
    const untyped = hashing as PasswordHashing // the wrong shape is what is tested
    const refusal = expect.objectContaining({ code: 'option_invalid' })
    expect(() => passwordHasher(untyped)).toThrow(refusal)
    await expect(hashPassword('x', untyped)).rejects.toEqual(refusal)
    await expect(verifyPassword('x', 'y', untyped)).rejects.toEqual(refusal)
  })
})

describe('hash', () => {
  test('has a salt of its own each time', async () => {
    expect(await cheap.hash('correct horse')).not.toBe(await cheap.hash('correct horse'))
  })

  test('takes passwords up to the limit, and refuses to hash what could not log in', async () => {
    const longest = 'a'.repeat(MAX_PASSWORD_LENGTH)
    const phc = await cheap.hash(longest)
    expect(await cheap.verify(longest, phc)).toEqual({ kind: 'match', rehash: false })
    for (const password of ['', `${longest}a`]) {
      await expect(cheap.hash(password)).rejects.toMatchObject({ code: 'option_invalid' })
    }
  })

  test('does not repeat the password in its refusal', async () => {
    const password = 'hunter2'.repeat(1_000)
    const error = await cheap.hash(password).catch((thrown: unknown) => thrown)
    expect(String(error)).not.toContain('hunter2')
  })
})

describe('verify', () => {
  test('is a mismatch, not an error, for what cannot be a password', async () => {
    const phc = await cheap.hash('correct horse')
    for (const password of ['', 'a'.repeat(MAX_PASSWORD_LENGTH + 1)]) {
      expect(await cheap.verify(password, phc)).toEqual({ kind: 'mismatch' })
    }
  })

  test('an empty password is a mismatch even for the hash of the empty text', async () => {
    const phc = '$argon2id$v=19$m=8,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$'
    const hash = await argon2id.derive([8, 1, 1], new Uint8Array(), new Uint8Array(16), 32)
    const stored = phc + Buffer.from(hash).toString('base64').replace('=', '')
    expect(parsePhc(stored).ok).toBe(true)
    expect(await cheap.verify('', stored)).toEqual({ kind: 'mismatch' })
  })

  test('one password typed composed or decomposed is one password', async () => {
    const phc = await cheap.hash('caf\u00e9')
    expect(await cheap.verify('cafe\u0301', phc)).toEqual({ kind: 'match', rehash: false })
    expect(await cheap.verify('cafe', phc)).toEqual({ kind: 'mismatch' })
  })

  test('case, spaces and compatibility characters count', async () => {
    const phc = await cheap.hash('file 2')
    for (const other of ['File 2', 'file 2 ', ' file 2', '\ufb01le 2', 'file \u00b2']) {
      expect(await cheap.verify(other, phc)).toEqual({ kind: 'mismatch' })
    }
  })

  test.each([
    '',
    'correct horse',
    '$argon2id$',
    '$2b$12$x',
    '$argon2id$v=19$m=999999,t=99,p=1$AAAA$AAAA',
  ])('a stored %j is unusable', async (stored) => {
    expect(await cheap.verify('correct horse', stored)).toEqual({ kind: 'unusable' })
  })

  test.each([
    ['another algorithm', hasherOf(scrypt, [4, 1, 1])],
    ['other memory', hasherOf(argon2id, [16, 1, 1])],
    ['other passes', hasherOf(argon2id, [8, 2, 1])],
    ['other lanes', hasherOf(argon2id, [16, 1, 2])],
  ])('a match against a hash of %s asks for a new hash', async (_, other) => {
    const phc = await other.hash('correct horse')
    expect(await cheap.verify('correct horse', phc)).toEqual({ kind: 'match', rehash: true })
  })

  test('so does one against a short salt or a short hash', async () => {
    for (const [saltBytes, hashBytes] of [
      [15, 32],
      [16, 31],
    ] as const) {
      const salt = new Uint8Array(saltBytes)
      const hash = await argon2id.derive([8, 1, 1], Buffer.from('abc'), salt, hashBytes)
      const phc = `$argon2id$v=19$m=8,t=1,p=1$${unpadded(salt)}$${unpadded(hash)}`
      expect(await cheap.verify('abc', phc)).toEqual({ kind: 'match', rehash: true })
    }
  })
})

describe('decoyHash', () => {
  test('costs as much to judge as a real hash, and differs each time', async () => {
    const real = parsePhc(await cheap.hash('correct horse'))
    const decoys = [cheap.decoyHash(), cheap.decoyHash()]
    expect(decoys[0]).not.toBe(decoys[1])
    for (const text of decoys) {
      const decoy = parsePhc(text)
      if (!decoy.ok || !real.ok) throw new Error('unreadable')
      expect(decoy.value.algorithm).toBe(real.value.algorithm)
      expect(decoy.value.costs).toEqual(real.value.costs)
      expect(decoy.value.salt.length).toBe(real.value.salt.length)
      expect(decoy.value.hash.length).toBe(real.value.hash.length)
    }
  })
})

function unpadded(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64').replaceAll('=', '')
}

import { describe, expect, test } from 'vitest'
import { argon2id } from '../../../src/lifecycle/password/argon2id.js'
import { verifyPassword } from '../../../src/lifecycle/password/password.js'
import type { Costs } from '../../../src/lifecycle/password/password-algorithm.js'
import { deriveScrypt, scrypt } from '../../../src/lifecycle/password/scrypt.js'
import { nodeCrypto } from '../../../src/runtime/node-crypto.js'
import { hex, utf8Bytes } from '../../../src/shared/bytes.js'

describe('argon2id', () => {
  // From the test suite of the reference implementation (phc-winner-argon2, src/test.c).
  test.each([
    '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
    '$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc',
  ])('the reference implementation made %s', async (phc) => {
    expect(await verifyPassword('password', phc)).toEqual({ kind: 'match', rehash: true })
    expect(await verifyPassword('passwore', phc)).toEqual({ kind: 'mismatch' })
  })

  test('the costs, the password and the salt all matter', async () => {
    const base = await argonHex([16, 1, 1], 'password', 'somesalt')
    for (const other of [
      await argonHex([17, 1, 1], 'password', 'somesalt'),
      await argonHex([16, 2, 1], 'password', 'somesalt'),
      await argonHex([16, 1, 2], 'password', 'somesalt'),
      await argonHex([16, 1, 1], 'password2', 'somesalt'),
      await argonHex([16, 1, 1], 'password', 'othersalt'),
    ]) {
      expect(other).not.toBe(base)
    }
  })
})

describe('scrypt', () => {
  // RFC 7914 section 12. The fourth vector takes a gigabyte.
  const vectors: readonly (readonly [string, string, Costs, string])[] = [
    [
      '',
      '',
      [4, 1, 1],
      '77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906',
    ],
    [
      'password',
      'NaCl',
      [10, 8, 16],
      'fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b3731622eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640',
    ],
    [
      'pleaseletmein',
      'SodiumChloride',
      [14, 8, 1],
      '7023bdcb3afd7348461c06cd81fd38ebfda8fbba904f8e3ea9b543f6545da1f2d5432955613f0fcf62d49705242a9af9e61e85dc0d651e40dfcf017b45575887',
    ],
  ]

  test.each(vectors)('RFC 7914: %j with %j and %j', async (password, salt, costs, expected) => {
    expect(hex(await scrypt.derive(costs, utf8Bytes(password), utf8Bytes(salt), 64))).toBe(expected)
  })

  test('with and without node:crypto the bytes are the same', async () => {
    const engine = nodeCrypto()
    expect(engine).not.toBeNull()
    for (const [password, salt, costs, expected] of vectors) {
      const inputs = [costs, utf8Bytes(password), utf8Bytes(salt), 64] as const
      expect(hex(await deriveScrypt(engine, ...inputs))).toBe(expected)
      expect(hex(await deriveScrypt(null, ...inputs))).toBe(expected)
    }
  })

  test("an engine's failure is a rejection", async () => {
    const broken = {
      scrypt: (
        ...[, , , , callback]: Parameters<NonNullable<ReturnType<typeof nodeCrypto>>['scrypt']>
      ) => callback(new Error('out of memory'), new Uint8Array()),
    }
    const hash = deriveScrypt(broken, [4, 1, 1], new Uint8Array(), new Uint8Array(16), 32)
    await expect(hash).rejects.toThrow('out of memory')
  })
})

async function argonHex(costs: Costs, password: string, salt: string): Promise<string> {
  return hex(await argon2id.derive(costs, utf8Bytes(password), utf8Bytes(salt), 32))
}

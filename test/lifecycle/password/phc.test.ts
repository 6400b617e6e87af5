import { describe, expect, test } from 'vitest'
import { argon2id } from '../../../src/lifecycle/password/argon2id.js'
import { formatPhc, parsePhc } from '../../../src/lifecycle/password/phc.js'
import { scrypt } from '../../../src/lifecycle/password/scrypt.js'

const SALT = 'AAAAAAAAAAAAAAAAAAAAAA'
const HASH = 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA'
const ARGON2ID = `$argon2id$v=19$m=19456,t=2,p=1$${SALT}$${HASH}`
const SCRYPT = `$scrypt$ln=17,r=8,p=1$${SALT}$${HASH}`

function argon2idWith(costs: string): string {
  return `$argon2id$v=19$${costs}$${SALT}$${HASH}`
}

function scryptWith(costs: string): string {
  return `$scrypt$${costs}$${SALT}$${HASH}`
}

describe('parsePhc', () => {
  test('reads argon2id', () => {
    expect(parsePhc(ARGON2ID)).toEqual({
      ok: true,
      value: {
        algorithm: argon2id,
        costs: [19_456, 2, 1],
        pepperId: null,
        salt: new Uint8Array(16),
        hash: new Uint8Array(32),
      },
    })
  })

  test('reads scrypt', () => {
    expect(parsePhc(SCRYPT)).toMatchObject({
      ok: true,
      value: { algorithm: scrypt, costs: [17, 8, 1] },
    })
  })

  test.each([
    ['argon2id', argon2idWith('m=19456,t=2,p=1,keyid=cDE')],
    ['scrypt', scryptWith('ln=17,r=8,p=1,keyid=cDE')],
  ])('reads the id of the pepper of %s', (_, text) => {
    expect(parsePhc(text)).toMatchObject({ ok: true, value: { pepperId: 'p1' } })
  })

  test.each([
    ['nothing', ''],
    ['only separators', '$$$$$$'],
    ['no separator in front', ARGON2ID.slice(1)],
    ['text in front', `x${ARGON2ID}`],
    ['an algorithm that is not in the table', ARGON2ID.replace('argon2id', 'argon2i')],
    ['another case', ARGON2ID.replace('argon2id', 'Argon2id')],
    ['a name from the prototype of objects', ARGON2ID.replace('argon2id', 'constructor')],
    ['bcrypt', '$2b$12$abcdefghijklmnopqrstuuJ8l2l0Y9GqZ9eZ0Tq8mQmT2p0c4bW6'],
    ['a missing version', ARGON2ID.replace('$v=19', '')],
    ['the old version', ARGON2ID.replace('v=19', 'v=16')],
    ['a version where there is none', SCRYPT.replace('$ln', '$v=1$ln')],
    ['costs in another order', argon2idWith('t=2,m=19456,p=1')],
    ['a missing cost', argon2idWith('m=19456,t=2')],
    ['a fourth cost', argon2idWith('m=19456,t=2,p=1,x=1')],
    ['data', argon2idWith('m=19456,t=2,p=1,data=cDE')],
    ['a keyid before the costs', argon2idWith('keyid=cDE,m=19456,t=2,p=1')],
    ['a keyid twice', argon2idWith('m=19456,t=2,p=1,keyid=cDE,keyid=cDE')],
    ['a keyid with data behind', argon2idWith('m=19456,t=2,p=1,keyid=cDE,data=cDE')],
    ['an empty keyid', argon2idWith('m=19456,t=2,p=1,keyid=')],
    ['a keyid in padded base64', argon2idWith('m=19456,t=2,p=1,keyid=cDE=')],
    ['a keyid with unused bits that are not zero', argon2idWith('m=19456,t=2,p=1,keyid=cDF')],
    ['a keyid that is no text', argon2idWith('m=19456,t=2,p=1,keyid=////')],
    ['a keyid with other characters', argon2idWith('m=19456,t=2,p=1,keyid=cC4x')],
    ['a keyid of nine bytes', argon2idWith('m=19456,t=2,p=1,keyid=cGVwcGVyMTIz')],
    ['a keyid in the place of a cost', argon2idWith('m=19456,t=2,keyid=cDE')],
    ['the same cost twice', argon2idWith('m=19456,m=19456,p=1')],
    ['a leading zero', argon2idWith('m=019456,t=2,p=1')],
    ['a cost of zero', argon2idWith('m=19456,t=0,p=1')],
    ['a negative cost', argon2idWith('m=-19456,t=2,p=1')],
    ['an exponent', argon2idWith('m=1e4,t=2,p=1')],
    ['a hexadecimal cost', argon2idWith('m=0x4c00,t=2,p=1')],
    ['digits of another script', argon2idWith('m=19456,t=٢,p=1')],
    ['an empty cost', argon2idWith('m=,t=2,p=1')],
    ['a cost of ten digits', argon2idWith('m=1000000000,t=2,p=1')],
    ['spaces', argon2idWith('m=19456, t=2, p=1')],
    ['padding', `${ARGON2ID}=`],
    ['unused bits that are not zero', `${ARGON2ID.slice(0, -1)}B`],
    ['base64url', ARGON2ID.replace('$AAAA', '$-AAA')],
    ['a missing hash', ARGON2ID.slice(0, ARGON2ID.lastIndexOf('$'))],
    ['a surplus segment', `${ARGON2ID}$`],
    ['a line feed behind', `${ARGON2ID}\n`],
    ['a salt of 7 bytes', ARGON2ID.replace(`$${SALT}$`, '$AAAAAAAAAA$')],
    ['a salt of 65 bytes', ARGON2ID.replace(`$${SALT}$`, `$${'A'.repeat(87)}$`)],
    ['a hash of 15 bytes', ARGON2ID.replace(HASH, 'A'.repeat(20))],
    ['a hash of 65 bytes', ARGON2ID.replace(HASH, 'A'.repeat(87))],
    ['a megabyte', `$argon2id$${'$'.repeat(1_000_000)}`],
  ])('refuses %s', (_, text) => {
    expect(parsePhc(text)).toEqual({ ok: false, reason: 'phc_malformed' })
  })

  test.each([
    ['a salt of 8 bytes', ARGON2ID.replace(`$${SALT}$`, '$AAAAAAAAAAA$')],
    ['a salt of 64 bytes', ARGON2ID.replace(`$${SALT}$`, `$${'A'.repeat(86)}$`)],
    ['a hash of 16 bytes', ARGON2ID.replace(HASH, 'A'.repeat(22))],
    ['a hash of 64 bytes', ARGON2ID.replace(HASH, 'A'.repeat(86))],
  ])('reads %s', (_, text) => {
    expect(parsePhc(text).ok).toBe(true)
  })

  test.each([
    ['argon2id in 256 MiB', argon2idWith('m=262144,t=8,p=1'), argon2idWith('m=262145,t=1,p=1')],
    ['argon2id of this work', argon2idWith('m=262144,t=8,p=1'), argon2idWith('m=262144,t=9,p=1')],
    ['argon2id in 8 KiB a lane', argon2idWith('m=32,t=1,p=4'), argon2idWith('m=31,t=1,p=4')],
    ['argon2id in 16 lanes', argon2idWith('m=256,t=1,p=16'), argon2idWith('m=256,t=1,p=17')],
    ['scrypt in 256 MiB', scryptWith('ln=18,r=8,p=1'), scryptWith('ln=19,r=8,p=1')],
    ['scrypt of this N', scryptWith('ln=20,r=2,p=1'), scryptWith('ln=21,r=1,p=1')],
    ['scrypt of this work', scryptWith('ln=18,r=8,p=4'), scryptWith('ln=18,r=8,p=5')],
    ['scrypt in 64 lanes', scryptWith('ln=10,r=8,p=64'), scryptWith('ln=10,r=8,p=65')],
    ['scrypt with N below 2^(16 r)', scryptWith('ln=15,r=1,p=1'), scryptWith('ln=16,r=1,p=1')],
  ])('bears %s, and not one step beyond', (_, bearable, beyond) => {
    expect(parsePhc(bearable).ok).toBe(true)
    expect(parsePhc(beyond)).toEqual({ ok: false, reason: 'phc_costs' })
  })
})

describe('formatPhc', () => {
  test('writes what parsePhc reads', () => {
    const peppered = argon2idWith('m=19456,t=2,p=1,keyid=cGVwcGVyLTI')
    for (const text of [ARGON2ID, SCRYPT, peppered]) {
      const parsed = parsePhc(text)
      expect(parsed.ok && formatPhc(parsed.value)).toBe(text)
    }
  })
})

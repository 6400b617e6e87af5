import { createHmac } from 'node:crypto'
import { inspect } from 'node:util'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { argon2id } from '../../../src/lifecycle/password/argon2id.js'
import { passwordHasher } from '../../../src/lifecycle/password/password.js'
import { hasherOf, type PasswordHasher } from '../../../src/lifecycle/password/password-hasher.js'
import { type Pepper, peppersOf } from '../../../src/lifecycle/password/pepper.js'
import { parsePhc } from '../../../src/lifecycle/password/phc.js'
import { scrypt } from '../../../src/lifecycle/password/scrypt.js'
import { utf8Bytes } from '../../../src/shared/bytes.js'
import { Redacted } from '../../../src/shared/redacted.js'

const P1: Pepper = { id: 'p1', secret: new Uint8Array(32).fill(1) }
const P2: Pepper = { id: 'p2', secret: new Redacted(new Uint8Array(32).fill(2)) }
const COSTS = [8, 1, 1] as const

function cheap(current?: Pepper, former: readonly Pepper[] = [], algorithm = argon2id) {
  const peppers = peppersOf(current, former)
  if (peppers === null) throw new Error('two of one id')
  return hasherOf(algorithm, algorithm === argon2id ? COSTS : [3, 1, 1], { peppers })
}

const plain = cheap()
const first = cheap(P1)
const second = cheap(P2, [P1])

describe('a peppered hash', () => {
  test.each([
    ['argon2id', argon2id, '$argon2id$v=19$m=8,t=1,p=1,keyid=cDE$'],
    ['scrypt', scrypt, '$scrypt$ln=3,r=1,p=1,keyid=cDE$'],
  ])('of %s names its pepper and matches its password', async (_, algorithm, start) => {
    const hasher = cheap(P1, [], algorithm)
    const phc = await hasher.hash('correct horse')
    expect(phc.startsWith(start)).toBe(true)
    expect(await hasher.verify('correct horse', phc)).toEqual({ kind: 'match', rehash: false })
    expect(await hasher.verify('correct house', phc)).toEqual({ kind: 'mismatch' })
  })

  test('is the hash of the HMAC of the password', async () => {
    const phc = await first.hash('correct ho\u0301rse')
    const parsed = parsePhc(phc)
    if (!parsed.ok) throw new Error(parsed.reason)
    const { costs, salt, hash } = parsed.value
    const input = createHmac('sha256', Buffer.alloc(32, 1))
      .update('sallyport password\0correct h\u00f3rse')
      .digest()
    expect(await argon2id.derive(costs, input, salt, 32)).toEqual(hash)
  })

  test('cannot be guessed from the table alone, not even with the right password at hand', async () => {
    const phc = await first.hash('correct horse')
    const withoutItsName = phc.replace(',keyid=cDE', '')
    expect(await plain.verify('correct horse', withoutItsName)).toEqual({ kind: 'mismatch' })
    const guess = cheap({ id: 'p1', secret: new Uint8Array(32) })
    expect(await guess.verify('correct horse', phc)).toEqual({ kind: 'mismatch' })
    const { value } = parsePhc(phc) as { value: { salt: Uint8Array; hash: Uint8Array } } // it is ours
    const raw = await argon2id.derive(COSTS, utf8Bytes('correct horse'), value.salt, 32)
    expect(raw).not.toEqual(value.hash)
  })

  test('of a pepper that is not known is no wrong password: it cannot be judged', async () => {
    const phc = await first.hash('correct horse')
    for (const hasher of [plain, cheap(P2)]) {
      expect(await hasher.verify('correct horse', phc)).toEqual({ kind: 'unusable' })
      expect(await hasher.verify('wrong horse', phc)).toEqual({ kind: 'unusable' })
    }
  })

  test('takes the longest password, and no longer one', async () => {
    const longest = 'ä'.repeat(4_096)
    const phc = await first.hash(longest)
    expect((await first.verify(longest, phc)).kind).toBe('match')
    expect((await first.verify(`${longest}x`, phc)).kind).toBe('mismatch')
    await expect(first.hash(`${longest}x`)).rejects.toMatchObject({ code: 'option_invalid' })
  })
})

describe('rotation', () => {
  const stages: readonly (readonly [string, PasswordHasher, PasswordHasher, boolean])[] = [
    ['without a pepper, and now with one', plain, first, true],
    ['with the former pepper', first, second, true],
    ['with the current pepper', second, second, false],
    ['without a pepper before two rotations', plain, second, true],
    ['with a pepper, and now without', first, cheap(undefined, [P1]), true],
  ]
  test.each(stages)(
    'a hash made %s matches, and says whether to replace it',
    async (_, maker, judge, rehash) => {
      const phc = await maker.hash('correct horse')
      expect(await judge.verify('correct horse', phc)).toEqual({ kind: 'match', rehash })
      expect(await judge.verify('wrong horse', phc)).toEqual({ kind: 'mismatch' })
    },
  )
})

describe('a decoy', () => {
  test('names the current pepper, so that it costs what a real hash costs', async () => {
    const decoy = parsePhc(second.decoyHash())
    const real = parsePhc(await second.hash('correct horse'))
    const shape = (parsed: typeof decoy) => {
      if (!parsed.ok) throw new Error(parsed.reason)
      const { salt, hash, ...rest } = parsed.value
      return { ...rest, salt: salt.length, hash: hash.length }
    }
    expect(shape(decoy)).toEqual(shape(real))
    expect(await second.verify('correct horse', second.decoyHash())).toEqual({ kind: 'mismatch' })
  })
})

describe('passwordHasher', () => {
  const accepted: readonly Pepper[] = [
    { id: 'a', secret: new Uint8Array(32) },
    { id: 'A9_-zZ00', secret: new Uint8Array(64) },
    { id: 'b', secret: Buffer.alloc(32) },
    { id: 'c', secret: new Redacted(new Uint8Array(32)) },
  ]
  test.each(accepted)('takes the pepper %j', (pepper) => {
    const parsed = parsePhc(passwordHasher({ algorithm: 'argon2id', pepper }).decoyHash())
    expect(parsed.ok && parsed.value.pepperId).toBe(pepper.id)
  })

  test('has a pepper for scrypt as well', () => {
    const parsed = parsePhc(passwordHasher({ algorithm: 'scrypt', pepper: P1 }).decoyHash())
    expect(parsed.ok && parsed.value.pepperId).toBe('p1')
  })

  test.each([
    ['a pepper of 31 bytes', { pepper: { id: 'p1', secret: new Uint8Array(31) } }],
    [
      'a redacted one of 31 bytes',
      { pepper: { id: 'p1', secret: new Redacted(new Uint8Array(31)) } },
    ],
    ['a pepper in text', { pepper: { id: 'p1', secret: 'x'.repeat(64) } }],
    ['a redacted text', { pepper: { id: 'p1', secret: new Redacted('x'.repeat(64)) } }],
    ['no id', { pepper: { secret: new Uint8Array(32) } }],
    ['an empty id', { pepper: { ...P1, id: '' } }],
    ['an id of nine characters', { pepper: { ...P1, id: 'pepper123' } }],
    ['an id with a comma', { pepper: { ...P1, id: 'a,b' } }],
    ['an id with a line feed', { pepper: { ...P1, id: 'a\n' } }],
    ['a misspelt member', { pepper: { ...P1, key: 1 } }],
    ['two of one id', { pepper: P1, formerPeppers: [{ ...P2, id: 'p1' }] }],
    ['two former ones of one id', { formerPeppers: [P1, P1] }],
    ['a weak former one', { pepper: P1, formerPeppers: [{ id: 'p0', secret: new Uint8Array(8) }] }],
  ])('refuses %s', (_, options) => {
    const untyped = { algorithm: 'argon2id', ...options } as { algorithm: 'argon2id' } // the wrong shape is what is tested
    expect(() => passwordHasher(untyped)).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })

  test('keeps a copy of the secret, and shows it nowhere', async () => {
    const secret = new Uint8Array(32).fill(77)
    const hasher = passwordHasher({
      algorithm: 'scrypt',
      ln: 14,
      p: 5,
      pepper: { id: 'p1', secret },
    })
    const phc = await hasher.hash('correct horse')
    secret.fill(0)
    expect(await hasher.verify('correct horse', phc)).toEqual({ kind: 'match', rehash: false })
    expect(inspect(hasher, { depth: 9, showHidden: true })).not.toContain('77')
  })
})

test('peppers part the hashes: one matches under its own pepper only', async () => {
  const peppers = fc.record({
    id: fc.constant('p'),
    secret: fc.uint8Array({ minLength: 32, maxLength: 40 }),
  })
  await fc.assert(
    fc.asyncProperty(
      peppers,
      peppers,
      fc.string({ minLength: 1 }),
      async (one, other, password) => {
        const phc = await cheap(one).hash(password)
        // HMAC pads its key with zeros, so those at the end do not count.
        const key = ({ secret }: { secret: Uint8Array }) =>
          Buffer.from(secret)
            .toString('hex')
            .replace(/(00)+$/, '')
        const kind = key(one) === key(other) ? 'match' : 'mismatch'
        expect((await cheap(other).verify(password, phc)).kind).toBe(kind)
      },
    ),
    { numRuns: 200 },
  )
})

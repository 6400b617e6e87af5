import fc from 'fast-check'
import { expect, test } from 'vitest'
import { argon2id } from '../../../src/lifecycle/password/argon2id.js'
import { hasherOf } from '../../../src/lifecycle/password/password-hasher.js'
import { scrypt } from '../../../src/lifecycle/password/scrypt.js'

const hashers = [hasherOf(argon2id, [8, 1, 1]), hasherOf(scrypt, [3, 1, 1])] as const
const hasher = fc.constantFrom(...hashers)
const passwords = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 })

test('a password matches its own hash, by whichever hasher it is judged', async () => {
  await fc.assert(
    fc.asyncProperty(hasher, hasher, passwords, async (maker, judge, password) => {
      const phc = await maker.hash(password)
      expect(await judge.verify(password, phc)).toEqual({ kind: 'match', rehash: maker !== judge })
    }),
    { numRuns: 200 },
  )
})

test('another password does not', async () => {
  await fc.assert(
    fc.asyncProperty(
      hasher,
      passwords,
      fc.string({ unit: 'binary' }),
      async (maker, one, other) => {
        fc.pre(one.normalize('NFC') !== other.normalize('NFC'))
        expect(await maker.verify(other, await maker.hash(one))).toEqual({ kind: 'mismatch' })
      },
    ),
    { numRuns: 200 },
  )
})

test('nothing matches a decoy', async () => {
  await fc.assert(
    fc.asyncProperty(hasher, fc.string({ unit: 'binary' }), async (maker, password) => {
      expect(await maker.verify(password, maker.decoyHash())).toEqual({ kind: 'mismatch' })
    }),
    { numRuns: 200 },
  )
})

test('a hash says nothing of its password', async () => {
  await fc.assert(
    fc.asyncProperty(hasher, fc.string({ minLength: 6 }), async (maker, password) => {
      fc.pre(!'$argon2id$v=19$m=8,t=1,p=1$$scrypt$ln=3,r=1,p=1$'.includes(password))
      expect(await maker.hash(password)).not.toContain(password)
    }),
    { numRuns: 200 },
  )
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  formatRefreshToken,
  isAuthentic,
  parseRefreshToken,
  type RefreshToken,
  refreshTokenOf,
  successorSecret,
} from '../../../src/lifecycle/family/refresh-token.js'

const base64url = (length: number) =>
  fc.string({
    unit: fc.constantFrom(...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'),
    minLength: length,
    maxLength: length,
  })
const keys = fc.record({
  familyKey: base64url(43),
  pepper: fc.option(fc.string({ minLength: 32, maxLength: 64 })),
})
const generation = fc.nat({ max: 999_999_999 })

describe('a refresh token', () => {
  test('is read back as it was written', () => {
    fc.assert(
      fc.property(base64url(22), generation, base64url(43), keys, (family, at, secret, made) => {
        const token = refreshTokenOf(family, at, secret, made)
        expect(parseRefreshToken(formatRefreshToken(token))).toEqual({ ok: true, value: token })
        expect(isAuthentic(token, made)).toBe(true)
      }),
    )
  })

  test('that was changed in any character is not authentic, or not read', () => {
    fc.assert(
      fc.property(
        base64url(22),
        generation,
        base64url(43),
        keys,
        fc.nat(),
        fc.string({ minLength: 1, maxLength: 1 }),
        (family, at, secret, made, where, character) => {
          const text = formatRefreshToken(refreshTokenOf(family, at, secret, made))
          const index = where % text.length
          const changed = text.slice(0, index) + character + text.slice(index + 1)
          fc.pre(changed !== text)
          const parsed = parseRefreshToken(changed)
          expect(parsed.ok && isAuthentic(parsed.value, made)).toBe(false)
        },
      ),
    )
  })

  test('of one family is not authentic in another, nor under another pepper', () => {
    fc.assert(
      fc.property(base64url(22), base64url(43), keys, keys, (family, secret, made, other) => {
        fc.pre(made.familyKey !== other.familyKey || made.pepper !== other.pepper)
        expect(isAuthentic(refreshTokenOf(family, 0, secret, made), other)).toBe(false)
      }),
    )
  })

  test('has one successor for each salt, and that does not give it away', () => {
    fc.assert(
      fc.property(
        base64url(22),
        generation,
        base64url(43),
        base64url(43),
        keys,
        (family, at, secret, salt, made) => {
          const token: RefreshToken = refreshTokenOf(family, at, secret, made)
          const successor = successorSecret(token, salt, made)
          expect(successor).toMatch(/^[\w-]{43}$/)
          expect(successorSecret({ ...token }, salt, made)).toBe(successor)
          for (const different of [
            successorSecret(token, `${salt}x`, made),
            successorSecret({ ...token, generation: at + 1 }, salt, made),
            successorSecret({ ...token, family: `${family}x` }, salt, made),
            successorSecret(token, salt, { ...made, pepper: `${made.pepper}x` }),
          ]) {
            expect(different).not.toBe(successor)
          }
        },
      ),
    )
  })

  test('no text makes the parser throw, however long', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.anything()), (text) => {
        expect(parseRefreshToken(text as string).ok).toBe(false)
      }),
    )
    expect(parseRefreshToken('rt_'.repeat(1_000_000)).ok).toBe(false)
  })
})

describe('the one spelling', () => {
  const good = formatRefreshToken(
    refreshTokenOf('f'.repeat(22), 7, 's'.repeat(43), { familyKey: 'k', pepper: null }),
  )
  test.each([
    ['a space before', ` ${good}`],
    ['a line break behind', `${good}\n`],
    ['a generation with a zero before', good.replace('.7.', '.07.')],
    ['a generation with a sign', good.replace('.7.', '.+7.')],
    ['a generation beyond nine digits', good.replace('.7.', '.1234567890.')],
    ['another prefix', good.replace('rt_', 'RT_')],
    ['padding', `${good}=`],
    ['full-width digits', good.replace('.7.', '.７.')],
  ])('has no %s', (_, text) => {
    expect(parseRefreshToken(good).ok).toBe(true)
    expect(parseRefreshToken(text).ok).toBe(false)
  })
})

import { format, inspect } from 'node:util'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Redacted } from '../../src/shared/redacted.js'

/** A secret that no placeholder, class name or stack trace contains by chance. */
const secret = fc.string({ maxLength: 40 }).map((text) => `s3cr3t:${text}`)

test('a redacted value prints as a placeholder wherever values get printed', () => {
  fc.assert(
    fc.property(secret, (text) => {
      const redacted = new Redacted(text)
      const prints = [
        String(redacted),
        `${redacted}`,
        JSON.stringify(redacted),
        inspect(redacted),
        format('%s', redacted),
        Object.prototype.toString.call(redacted),
        new Error(`refused: ${redacted}`).message,
      ]
      for (const print of prints) {
        expect(print).toContain('[redacted]')
        expect(print).not.toContain('s3cr3t')
      }
    }),
  )
})

test('it stays hidden inside objects, arrays, maps and causes', () => {
  fc.assert(
    fc.property(secret, (text) => {
      const redacted = new Redacted(text)
      const holders = [
        { redacted },
        [redacted],
        new Map([['redacted', redacted]]),
        new Error('refused', { cause: redacted }),
      ]
      for (const holder of holders) {
        expect(inspect(holder, { depth: 9, showHidden: true })).not.toContain('s3cr3t')
        expect(JSON.stringify(holder)).not.toContain('s3cr3t')
      }
      expect(Object.values(redacted)).toEqual([])
      expect(Reflect.ownKeys(redacted)).toEqual([])
    }),
  )
})

test('reveal gives back the very value', () => {
  const value = { pin: 1234 }
  expect(new Redacted(value).reveal()).toBe(value)
})

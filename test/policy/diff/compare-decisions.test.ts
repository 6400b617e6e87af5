import { expect, test } from 'vitest'
import { effectOf } from '../../../src/policy/diff/compare-decisions.js'
import type { ComparedDecision } from '../../../src/policy/diff/difference.js'

const permitted = (fields: readonly string[] | null): ComparedDecision => ({
  decision: { kind: 'permitted', rule: 'x', version: '1' },
  fields,
})

test('fields that could not be told and now can is a widening, even if they are none', () => {
  expect(effectOf(permitted(null), permitted([]))).toBe('widens')
  expect(effectOf(permitted([]), permitted(null))).toBe('narrows')
  expect(effectOf(permitted(null), permitted(['a']))).toBe('widens')
  expect(effectOf(permitted(['a']), permitted(['b']))).toBe('changes')
})

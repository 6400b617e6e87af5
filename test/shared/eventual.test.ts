import { describe, expect, test } from 'vitest'
import { isThenable, whenReady } from '../../src/shared/eventual.js'

describe('whenReady', () => {
  test('goes on at once with a value that is there', () => {
    expect(whenReady(2, (value) => value + 1)).toBe(3)
  })

  test('goes on later with a promised value, also one promised by another kind of promise', async () => {
    const later = whenReady(Promise.resolve(2), (value) => value + 1)
    expect(later).toBeInstanceOf(Promise)
    expect(await later).toBe(3)
    // biome-ignore lint/suspicious/noThenProperty: query builders are thenables
    const builder: PromiseLike<number> = { then: (resolve) => Promise.resolve(2).then(resolve) }
    expect(await whenReady(builder, (value) => value + 1)).toBe(3)
  })

  test('rejects as the promise does, and does not go on', async () => {
    const cause = new Error('no')
    await expect(whenReady(Promise.reject(cause), () => 'went on')).rejects.toBe(cause)
  })
})

test('isThenable asks for a method, not for a name', () => {
  // biome-ignore lint/suspicious/noThenProperty: a record may have such a column
  const record = { then: 1 }
  expect([null, undefined, 1, 'text', {}, record].map(isThenable)).toEqual(
    Array.from({ length: 6 }, () => false),
  )
  expect(isThenable(Promise.resolve())).toBe(true)
  expect(isThenable(() => 'a function')).toBe(false)
  // biome-ignore lint/suspicious/noThenProperty: query builders are thenables
  expect(isThenable(Object.assign(() => {}, { then: () => {} }))).toBe(true)
})

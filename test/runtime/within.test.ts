import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { within } from '../../src/runtime/within.js'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('within', () => {
  test('gives the value of work that settles in time', async () => {
    expect(await within(10, Promise.resolve('done'))).toEqual({ kind: 'settled', value: 'done' })
  })

  test('rejects as the work does', async () => {
    await expect(within(10, Promise.reject(new Error('broken')))).rejects.toThrow('broken')
  })

  test('is up at the very millisecond, and not one before', async () => {
    const results: string[] = []
    const wait = within(10, new Promise(() => {})).then(({ kind }) => results.push(kind))
    await vi.advanceTimersByTimeAsync(9)
    expect(results).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    await wait
    expect(results).toEqual(['timed_out'])
  })

  test('leaves no timer behind, whatever became of the work', async () => {
    await within(10, Promise.resolve())
    await within(10, Promise.reject(new Error('broken'))).catch(() => {})
    expect(vi.getTimerCount()).toBe(0)
  })

  test('drops how work ends that comes too late', async () => {
    const unhandled = vi.fn()
    process.on('unhandledRejection', unhandled)
    const late = new Promise((_, reject) => setTimeout(reject, 20, new Error('late')))
    const wait = within(10, late)
    await vi.advanceTimersByTimeAsync(30)
    expect(await wait).toEqual({ kind: 'timed_out' })
    vi.useRealTimers()
    await new Promise((resolve) => setTimeout(resolve, 1))
    process.off('unhandledRejection', unhandled)
    expect(unhandled).not.toHaveBeenCalled()
  })
})

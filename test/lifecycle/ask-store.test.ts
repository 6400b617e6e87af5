import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as z from 'zod/mini'
import { askStore, unusableRecord } from '../../src/lifecycle/ask-store.js'
import type { VerifierEvent } from '../../src/verify/verifier-event.js'
import { aContext, NOW } from '../verify/verifier-kit.js'

const SHAPE = z.object({ id: z.string(), scopes: z.array(z.string()) })
const RECORD = { id: 'one', scopes: ['jobs:run'] }

const events: VerifierEvent[] = []

const askFor = (answer: () => unknown) =>
  askStore(answer, SHAPE, 2_000, aContext({ report: (event) => events.push(event) }))

describe('askStore', () => {
  test.each([
    ['at once', () => RECORD],
    ['by a promise', () => Promise.resolve(RECORD)],
    // biome-ignore lint/suspicious/noThenProperty: query builders are thenables
    ['by a thenable', () => ({ then: (resolve: (value: unknown) => void) => resolve(RECORD) })],
  ])('finds a record that is given %s', async (_, answer) => {
    expect(await askFor(answer)).toEqual({ kind: 'found', record: RECORD })
  })

  test('the record is a copy without what nobody asked for', async () => {
    const stored = { ...RECORD, scopes: ['jobs:run'], note: 'secret' }
    const answer = await askFor(() => stored)
    stored.scopes.push('jobs:stop')
    expect(answer).toEqual({ kind: 'found', record: RECORD })
  })

  test('only null says that there is none', async () => {
    expect(await askFor(() => null)).toEqual({ kind: 'absent' })
    expect(await askFor(async () => null)).toEqual({ kind: 'absent' })
    for (const nothing of [undefined, 0, '', false, [], Number.NaN]) {
      expect(await askFor(() => nothing)).toMatchObject({ reason: 'store_unavailable' })
    }
  })

  test('a record to stand in is checked in place of none, and is not found all the same', () => {
    const checked: unknown[] = []
    const shape = z.custom((value) => checked.push(value) > 0)
    const context = aContext()
    const ask = (answer: unknown) => askStore(() => answer, shape, 2_000, context, 'nobody')
    expect(ask(null)).toEqual({ kind: 'absent' })
    expect(ask('somebody')).toEqual({ kind: 'found', record: 'somebody' })
    expect(checked).toEqual(['nobody', 'somebody'])
  })

  test('what the store threw is the cause', async () => {
    const cause = new Error('connection lost')
    expect(await askFor(() => Promise.reject(cause))).toEqual({
      kind: 'unavailable',
      reason: 'store_unavailable',
      cause,
    })
  })

  test('nonsense is named by its member and not repeated', async () => {
    const answer = await askFor(() => ({ id: 'one', scopes: ['jobs:run', 12345] }))
    expect(answer).toMatchObject({
      cause: new Error("The store answered with a record with an unusable 'scopes.1'."),
    })
    expect(await askFor(() => 'hunter2')).toMatchObject({
      cause: new Error('The store answered with neither null nor a record.'),
    })
  })
})

describe('a store that hangs', () => {
  beforeEach(() => {
    vi.useFakeTimers()
  })
  afterEach(() => {
    vi.useRealTimers()
  })

  test('may take as long as it is given and no longer', async () => {
    const slow = askFor(() => new Promise((resolve) => setTimeout(resolve, 1_999, RECORD)))
    const late = askFor(() => new Promise((resolve) => setTimeout(resolve, 2_001, RECORD)))
    await vi.advanceTimersByTimeAsync(2_001)
    expect(await slow).toEqual({ kind: 'found', record: RECORD })
    expect(await late).toMatchObject({ kind: 'unavailable', reason: 'store_unavailable' })
  })

  test('is reported once an answer takes more than half of the time', async () => {
    events.length = 0
    const answeredIn = (milliseconds: number) =>
      askFor(() => new Promise((resolve) => setTimeout(resolve, milliseconds, RECORD)))
    const answers = [answeredIn(1_000), answeredIn(1_001)]
    await vi.advanceTimersByTimeAsync(1_001)
    expect(await Promise.all(answers)).toMatchObject([{ kind: 'found' }, { kind: 'found' }])
    expect(events).toEqual([
      { kind: 'store_slow', at: NOW, milliseconds: 1_001, timeoutMilliseconds: 2_000 },
    ])
  })
})

test('unusableRecord is an outage', () => {
  expect(unusableRecord('id')).toMatchObject({ kind: 'unavailable', reason: 'store_unavailable' })
})

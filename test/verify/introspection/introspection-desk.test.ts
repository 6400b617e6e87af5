import { describe, expect, test, vi } from 'vitest'
import {
  IntrospectionDesk,
  type IntrospectionDeskSettings,
} from '../../../src/verify/introspection/introspection-desk.js'
import type { VerifierEvent } from '../../../src/verify/verifier-event.js'
import { NOW } from '../verifier-kit.js'
import { active, anAnswer, aPromise, aSource, down, inactive } from './introspection-kit.js'

const CACHE = { maxAgeSeconds: 30, negativeMaxAgeSeconds: 5, maxTokens: 100 }

/** A desk, its source, and what it reports. */
function aDesk(
  answer: Parameters<typeof aSource>[0] = () => active(),
  settings: Partial<IntrospectionDeskSettings> = {},
) {
  const source = aSource(answer)
  const events: VerifierEvent[] = []
  const desk = new IntrospectionDesk({
    source,
    cache: CACHE,
    timeoutMilliseconds: 3_000,
    concurrent: 4,
    queued: 8,
    ...settings,
  })
  const report = (event: VerifierEvent) => void events.push(event)
  return {
    asked: source.asked,
    underWay: source.underWay,
    events,
    ask: async (text: string, now = NOW) => desk.ask(text, { now, report }),
    askNow: (text: string, now = NOW) => desk.ask(text, { now, report }),
  }
}

async function kinds(answers: readonly Promise<{ readonly kind: string }>[]) {
  return (await Promise.all(answers)).map(({ kind }) => kind)
}

function times<Value>(count: number, make: (index: number) => Value): Value[] {
  return Array.from({ length: count }, (_, index) => make(index))
}

describe('an active token', () => {
  test('is asked about once for as long as the answer counts, to the second', async () => {
    const { ask, asked } = aDesk()
    await ask('a')
    await ask('a', NOW + 29)
    expect(asked).toHaveLength(1)
    await ask('a', NOW + 30)
    expect(asked).toHaveLength(2)
  })

  test('is known at once from the second request on', async () => {
    const { ask, askNow } = aDesk()
    expect(askNow('a')).toBeInstanceOf(Promise)
    await ask('a')
    expect(askNow('a')).toMatchObject({ kind: 'active' })
  })

  test('is never known from its expiry on, however long answers count', async () => {
    const { ask, asked } = aDesk(() => active({ exp: NOW + 10 }))
    await ask('a')
    await ask('a', NOW + 9)
    expect(asked).toHaveLength(1)
    await ask('a', NOW + 10)
    await ask('a', NOW + 11)
    expect(asked).toHaveLength(3)
  })

  test('is not known before it was asked about: a clock that is set back forgets', async () => {
    const { ask, asked } = aDesk()
    await ask('a')
    await ask('a', NOW - 1)
    expect(asked).toHaveLength(2)
  })

  test('that becomes inactive does not come back by a step of the clock', async () => {
    const answers = [active(), inactive, inactive]
    const { ask } = aDesk(() => answers.shift())
    expect((await ask('a')).kind).toBe('active')
    expect((await ask('a', NOW - 100)).kind).toBe('inactive')
    expect((await ask('a', NOW + 1)).kind).toBe('inactive')
  })

  test('is not found under a text that differs anywhere', async () => {
    const { ask, asked } = aDesk()
    for (const text of ['abc', 'abcd', 'abd', 'Abc']) await ask(text)
    expect(asked).toEqual(['abc', 'abcd', 'abd', 'Abc'])
  })
})

describe('an inactive token', () => {
  test('is asked about again after the short time for which that counts, to the second', async () => {
    const answers = [inactive, active()]
    const { ask, asked } = aDesk(() => answers.shift())
    await ask('a')
    expect((await ask('a', NOW + 4)).kind).toBe('inactive')
    expect(asked).toHaveLength(1)
    expect((await ask('a', NOW + 5)).kind).toBe('active')
  })

  test('can be asked about each time if the caller says so', async () => {
    const { ask, asked } = aDesk(() => inactive, { cache: { ...CACHE, negativeMaxAgeSeconds: 0 } })
    await ask('a')
    await ask('a')
    expect(asked).toHaveLength(2)
  })

  test('cannot push out active ones, however many there are', async () => {
    const { ask, asked } = aDesk(({ token }) =>
      token.reveal().startsWith('junk') ? inactive : active(),
    )
    await ask('good')
    for (let junk = 0; junk < 1_000; junk++) await ask(`junk${junk}`)
    expect(asked).toHaveLength(1_001)
    await ask('good')
    expect(asked).toHaveLength(1_001)
  })
})

describe('many who ask about one token at once', () => {
  test('share one question', async () => {
    const answer = aPromise<unknown>()
    const { ask, asked } = aDesk(() => answer.promise)
    const answers = times(100, () => ask('a'))
    answer.keep(active())
    expect(new Set(await kinds(answers))).toEqual(new Set(['active']))
    expect(asked).toHaveLength(1)
  })

  test('share one failure', async () => {
    const answer = aPromise<unknown>()
    const { ask, asked, events } = aDesk(() => answer.promise)
    const answers = times(100, () => ask('a'))
    answer.keep(down())
    expect(new Set(await kinds(answers))).toEqual(new Set(['unavailable']))
    expect(asked).toHaveLength(1)
    expect(events).toHaveLength(1)
  })

  test('share nothing without a cache: each is asked for', async () => {
    const { ask, asked } = aDesk(() => active(), { cache: null, concurrent: 100 })
    await Promise.all(times(20, () => ask('a')))
    await ask('a')
    expect(asked).toHaveLength(21)
  })
})

describe('a flood of made-up tokens', () => {
  test('keeps few questions under way and few waiting, and answers the others at once', async () => {
    const answer = aPromise<unknown>()
    const { ask, asked, underWay } = aDesk(() => answer.promise)
    const answers = times(1_000, (index) => ask(`junk${index}`))
    const last = await answers[999]
    expect(last).toEqual({
      kind: 'unavailable',
      reason: 'introspection_busy',
      retryAfterSeconds: 1,
    })
    expect([asked.length, underWay()]).toEqual([4, 4])
    answer.keep(inactive)
    const given = await kinds(answers)
    expect(given.filter((kind) => kind === 'inactive')).toHaveLength(12)
    expect(given.filter((kind) => kind === 'unavailable')).toHaveLength(988)
    expect(asked).toHaveLength(12)
  })

  test('leaves known tokens served meanwhile', async () => {
    const answer = aPromise<unknown>()
    const { ask } = aDesk(({ token }) => (token.reveal() === 'good' ? active() : answer.promise))
    await ask('good')
    const answers = times(50, (index) => ask(`junk${index}`))
    expect((await ask('good')).kind).toBe('active')
    answer.keep(inactive)
    await Promise.all(answers)
  })

  test('is over once the answers are there', async () => {
    const { ask } = aDesk(() => active())
    await Promise.all(times(12, (index) => ask(`a${index}`)))
    expect(await kinds(times(12, (index) => ask(`b${index}`)))).toEqual(times(12, () => 'active'))
  })
})

describe('a server that fails', () => {
  test('is left alone for a while, longer each time, and asked by one at a time', async () => {
    const { ask, asked } = aDesk(() => down())
    const retries: (number | undefined)[] = []
    let now = NOW
    for (let attempt = 0; attempt < 8; attempt++) {
      const answer = await ask(`a${attempt}`, now)
      const wait = 'retryAfterSeconds' in answer ? (answer.retryAfterSeconds ?? 0) : 0
      retries.push(wait)
      const before = asked.length
      await ask('b', now + wait - 1)
      expect(asked).toHaveLength(before)
      now += wait
    }
    expect(retries).toEqual([1, 2, 4, 8, 16, 32, 60, 60])
  })

  test('is trusted again as soon as it answers', async () => {
    const answers = [down(), active(), active(), active()]
    const { ask } = aDesk(() => answers.shift())
    await ask('a')
    expect((await ask('b', NOW)).kind).toBe('unavailable')
    expect(await kinds([ask('b', NOW + 1)])).toEqual(['active'])
    expect(await kinds([ask('c', NOW + 1), ask('d', NOW + 1)])).toEqual(['active', 'active'])
  })

  test('is tried by one caller after its rest; the others are told to come back', async () => {
    const answer = aPromise<unknown>()
    const answers = [down(), answer.promise]
    const { ask, asked } = aDesk(() => answers.shift())
    await ask('a')
    const [first, ...others] = times(4, (index) => ask(`b${index}`, NOW + 1))
    expect(await kinds(others)).toEqual(['unavailable', 'unavailable', 'unavailable'])
    expect(asked).toHaveLength(2)
    answer.keep(active())
    expect((await first)?.kind).toBe('active')
  })

  test('may say how long it wants to be left alone, up to a minute', async () => {
    for (const [asks, rest] of [
      [20, 20],
      [86_400, 60],
      [0, 1],
      [-5, 1],
    ] as const) {
      const failure = { ...down(), retryAfterSeconds: asks }
      const { ask, asked } = aDesk(() => failure)
      expect(await ask('a')).toMatchObject({ kind: 'unavailable', retryAfterSeconds: rest })
      await ask('b', NOW + rest - 1)
      expect(asked).toHaveLength(1)
      await ask('b', NOW + rest)
      expect(asked).toHaveLength(2)
    }
  })

  test('counts once for many who failed together', async () => {
    const answer = aPromise<unknown>()
    const { ask } = aDesk(() => answer.promise)
    const answers = times(4, (index) => ask(`a${index}`))
    answer.keep(down())
    for (const each of await Promise.all(answers))
      expect(each).toMatchObject({ retryAfterSeconds: 1 })
  })

  test('lets nobody wait who stood in the queue', async () => {
    const answer = aPromise<unknown>()
    const { ask, asked } = aDesk(() => answer.promise)
    const answers = times(12, (index) => ask(`a${index}`))
    answer.keep(down())
    expect(new Set(await kinds(answers))).toEqual(new Set(['unavailable']))
    expect(asked).toHaveLength(4)
  })

  test('does not end the service of tokens that are known, for as long as that counts', async () => {
    const answers = [active()]
    const { ask } = aDesk(() => answers.shift() ?? down())
    await ask('a')
    expect((await ask('b')).kind).toBe('unavailable')
    expect((await ask('a', NOW + 29)).kind).toBe('active')
    expect((await ask('a', NOW + 30)).kind).toBe('unavailable')
  })

  test('is not left alone for long by a clock that is set back', async () => {
    const { ask, asked } = aDesk(() => down())
    await ask('a')
    await ask('b', NOW - 86_400)
    expect(asked).toHaveLength(2)
  })

  test('by not answering is given up on in time, and its rest begins then', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      const { ask, asked } = aDesk(() => new Promise(() => {}))
      const answer = ask('a')
      await vi.advanceTimersByTimeAsync(2_999)
      expect(asked).toHaveLength(1)
      await vi.advanceTimersByTimeAsync(1)
      expect(await answer).toMatchObject({
        kind: 'unavailable',
        reason: 'introspection_unavailable',
        cause: { message: 'The authorization server did not answer in time.' },
      })
      await ask('b', NOW + 3)
      expect(asked).toHaveLength(1)
    } finally {
      vi.useRealTimers()
    }
  })

  test('is reported once for each question, and not for those who were not asked for', async () => {
    const cause = new Error('down')
    const { ask, events } = aDesk(() => down(cause))
    for (const text of ['a', 'b', 'c']) await ask(text)
    expect(events).toEqual([{ kind: 'introspection_failed', at: NOW, concerns: 'server', cause }])
  })
})

describe('an answer that cannot be used', () => {
  test('concerns its token alone, which is not asked about again for a short while', async () => {
    const { ask, asked, events } = aDesk(({ token }) =>
      token.reveal() === 'odd' ? active({ exp: 'soon' }) : active(),
    )
    expect((await ask('odd')).kind).toBe('unavailable')
    expect((await ask('odd', NOW + 4)).kind).toBe('unavailable')
    expect((await ask('good')).kind).toBe('active')
    expect(asked).toEqual(['odd', 'good'])
    expect(events).toMatchObject([{ kind: 'introspection_failed', concerns: 'token' }])
    await ask('odd', NOW + 5)
    expect(asked).toEqual(['odd', 'good', 'odd'])
  })
})

describe('a server that is slow', () => {
  test('is reported when it takes more than half of its time, and not at half', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      const after = (milliseconds: number) =>
        new Promise((resolve) => setTimeout(resolve, milliseconds, active()))
      const delays = [1_500, 1_501]
      const { ask, events } = aDesk(() => after(delays.shift() ?? 0))
      const half = ask('a')
      await vi.advanceTimersByTimeAsync(1_500)
      await half
      expect(events).toEqual([])
      const more = ask('b')
      await vi.advanceTimersByTimeAsync(1_501)
      expect((await more).kind).toBe('active')
      expect(events).toEqual([
        { kind: 'store_slow', at: NOW, milliseconds: 1_501, timeoutMilliseconds: 3_000 },
      ])
    } finally {
      vi.useRealTimers()
    }
  })

  test('is asked at the time at which the turn of a question comes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      const times: number[] = []
      const { ask } = aDesk(
        ({ now }) => {
          times.push(now)
          return new Promise((resolve) => setTimeout(resolve, 2_500, active()))
        },
        { concurrent: 1 },
      )
      const answers = [ask('a'), ask('b')]
      await vi.advanceTimersByTimeAsync(5_000)
      await Promise.all(answers)
      expect(times).toEqual([NOW, NOW + 2])
    } finally {
      vi.useRealTimers()
    }
  })

  test('keeps nobody in the queue for longer than a question may take', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
    try {
      const { ask, asked } = aDesk(
        () => new Promise((resolve) => setTimeout(resolve, 2_000, active())),
        { concurrent: 1 },
      )
      const answers = times(4, (index) => ask(`a${index}`))
      await vi.advanceTimersByTimeAsync(4_000)
      expect(await kinds(answers)).toEqual(['active', 'active', 'unavailable', 'unavailable'])
      expect(asked).toHaveLength(2)
    } finally {
      vi.useRealTimers()
    }
  })
})

test('nothing that the desk holds shows a token', async () => {
  const { inspect } = await import('node:util')
  const source = aSource(() => active(anAnswer()))
  const desk = new IntrospectionDesk({
    source: { issuer: source.issuer, introspect: async () => active() },
    cache: CACHE,
    timeoutMilliseconds: 3_000,
    concurrent: 1,
    queued: 1,
  })
  await desk.ask('very-secret-token', { now: NOW, report: () => {} })
  expect(inspect(desk, { depth: 9, showHidden: true })).not.toContain('very-secret')
})

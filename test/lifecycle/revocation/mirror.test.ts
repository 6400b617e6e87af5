import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import type { ConfigurationError } from '../../../src/errors.js'
import type { RevocationEvent } from '../../../src/lifecycle/revocation/event.js'
import {
  createRevocationMirror,
  type FeedMirror,
  type RevocationMirrorOptions,
} from '../../../src/lifecycle/revocation/mirror.js'
import type { FeedEntry, FeedPage } from '../../../src/lifecycle/store/store.js'
import { memoryStore } from '../../../src/stores/memory.js'
import { createTestClock } from '../../../src/testing/test-clock.js'
import { anEntry, aUser, ISSUER, NOW } from './revocation-kit.js'

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
})
afterEach(() => {
  vi.useRealTimers()
})

/** Time passes by every clock: timers, and what the mirror is told it is. */
async function pass(milliseconds: number, clock = world.clock): Promise<void> {
  for (let left = milliseconds; left > 0; left -= 500) {
    await vi.advanceTimersByTimeAsync(Math.min(left, 500))
    world.elapsed += Math.min(left, 500)
    if (world.elapsed % 1_000 === 0) clock.advance(1)
  }
}

let world: World
const mirrors: FeedMirror[] = []
afterEach(() => {
  for (const mirror of mirrors.splice(0)) mirror.stop()
})

class World {
  readonly clock = createTestClock(NOW)
  elapsed = 0
  readonly entries: FeedEntry[] = []
  /** What the store does instead of answering well. */
  fault: (() => unknown) | null = null
  asked = 0
  readonly events: RevocationEvent[] = []
  readonly store = {
    feed: ({ after, limit }: { after: string | null; limit: number }) => {
      this.asked += 1
      if (this.fault !== null) return this.fault() as FeedPage
      const start = after === null ? 0 : Number(after)
      const entries = this.entries.slice(start, start + limit)
      const end = start + entries.length
      return { entries, cursor: String(end), more: end < this.entries.length }
    },
  }

  mirror(options: Partial<RevocationMirrorOptions> = {}): FeedMirror {
    const { store, clock } = this
    const onEvent = (event: RevocationEvent) => void this.events.push(event)
    const mirror = createRevocationMirror({ store, issuer: ISSUER, clock, onEvent, ...options })
    mirrors.push(mirror)
    return mirror
  }

  revoke(...ids: readonly string[]): void {
    for (const id of ids) this.entries.push(anEntry({ kind: 'token', id }))
  }

  get kinds(): readonly string[] {
    return this.events.map(({ kind }) => kind)
  }
}

beforeEach(() => {
  world = new World()
})

const knows = (mirror: FeedMirror, id: string) => mirror.isRevoked(aUser({ credentialId: id }))

describe('a mirror at its start', () => {
  test('is empty until it has read the whole feed, and says so', async () => {
    world.revoke(...Array.from({ length: 2_500 }, (_, i) => `r${i}`))
    const mirror = world.mirror()
    expect([mirror.freshness(), mirror.lagMilliseconds()]).toEqual(['empty', Infinity])
    const started = mirror.start()
    expect([world.asked, mirror.freshness()]).toEqual([1, 'empty'])
    await vi.advanceTimersByTimeAsync(10)
    expect(await started).toBe(true)
    expect([world.asked, mirror.freshness()]).toEqual([3, 'current'])
    for (const id of ['r0', 'r999', 'r1000', 'r2499']) expect(knows(mirror, id)).toBe(true)
    expect(knows(mirror, 'r2500')).toBe(false)
  })

  test.each(['isRevoked', 'freshness'] as const)(
    'begins by itself when first asked: %s',
    async (what) => {
      world.revoke('t9')
      const mirror = world.mirror()
      await pass(3_000)
      expect(world.asked).toBe(0)
      what === 'isRevoked' ? knows(mirror, 't9') : mirror.freshness()
      await vi.advanceTimersByTimeAsync(10)
      expect([mirror.freshness(), knows(mirror, 't9')]).toEqual(['current', true])
    },
  )

  test('says that it could not read, and goes on trying', async () => {
    world.fault = () => Promise.reject(new Error('down'))
    const mirror = world.mirror()
    expect(await mirror.start()).toBe(false)
    expect(mirror.freshness()).toBe('empty')
    world.fault = null
    await pass(2_000)
    expect(mirror.freshness()).toBe('current')
  })

  test('is started once, however often', async () => {
    const mirror = world.mirror()
    await Promise.all([mirror.start(), mirror.start(), mirror.start()])
    expect(world.asked).toBe(1)
  })
})

describe('what is revoked elsewhere', () => {
  test('is known one interval later, and the lag never exceeds that', async () => {
    const mirror = world.mirror()
    await mirror.start()
    for (let round = 0; round < 5; round += 1) {
      await vi.advanceTimersByTimeAsync(300)
      world.revoke(`t${round}`)
      expect(knows(mirror, `t${round}`)).toBe(false)
      await vi.advanceTimersByTimeAsync(1_000)
      expect(knows(mirror, `t${round}`)).toBe(true)
      expect(mirror.lagMilliseconds()).toBeLessThanOrEqual(1_000)
    }
  })

  test('is looked for as often as the interval says', async () => {
    const mirror = world.mirror({ pollInterval: '3s' })
    await mirror.start()
    await vi.advanceTimersByTimeAsync(9_100)
    expect(world.asked).toBe(4)
  })

  test('is known at once by a hint, and many hints are one', async () => {
    const mirror = world.mirror()
    await mirror.start()
    world.revoke('t9')
    for (let hints = 0; hints < 1_000; hints += 1) mirror.wake()
    await vi.advanceTimersByTimeAsync(20)
    expect([knows(mirror, 't9'), world.asked]).toEqual([true, 2])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(world.asked).toBe(3)
  })

  test('is not missed by a hint that comes while the feed is being read', async () => {
    const mirror = world.mirror()
    await mirror.start()
    const page = world.store.feed({ after: null, limit: 1 })
    world.fault = () => new Promise((resolve) => setTimeout(resolve, 100, page))
    await vi.advanceTimersByTimeAsync(1_050)
    world.fault = null
    world.revoke('t9')
    mirror.wake()
    await vi.advanceTimersByTimeAsync(80)
    expect(knows(mirror, 't9')).toBe(true)
  })

  test('is read one reading at a time', async () => {
    let reading = 0
    world.fault = () => {
      reading += 1
      expect(reading).toBe(1)
      return new Promise((resolve) => {
        const answer = () => {
          reading -= 1
          resolve({ entries: [], cursor: '0', more: false })
        }
        setTimeout(answer, 1_700)
      })
    }
    const mirror = world.mirror()
    void mirror.start()
    for (let step = 0; step < 100; step += 1) {
      mirror.wake()
      void mirror.start()
      await vi.advanceTimersByTimeAsync(100)
    }
    expect(world.asked).toBeGreaterThan(4)
  })
})

describe('what this process revokes', () => {
  test('counts at once, also before the feed was read, and again changes nothing', async () => {
    const mirror = world.mirror()
    const entry = anEntry({ kind: 'token', id: 't9' })
    mirror.apply(entry)
    expect(knows(mirror, 't9')).toBe(true)
    world.entries.push(entry, entry)
    await mirror.start()
    mirror.apply(entry)
    expect(knows(mirror, 't9')).toBe(true)
  })
})

describe('a feed that cannot be read', () => {
  const faults: Readonly<Record<string, () => unknown>> = {
    throws: () => {
      throw new Error('down')
    },
    rejects: () => Promise.reject(new Error('down')),
    hangs: () => new Promise(() => {}),
    'answers nothing': () => undefined,
    'answers with no page': () => ({ entries: 'all', cursor: 3 }),
    'has an entry without an end': () => ({
      entries: [{ text: '{}', version: 1 }],
      cursor: '1',
      more: false,
    }),
    'has an entry of no version': () => ({
      entries: [{ ...anEntry({ kind: 'token', id: 't1' }), version: Number.NaN }],
      cursor: '1',
      more: false,
    }),
    'does not move on': () => ({ entries: [], cursor: '0', more: true }),
  }

  test.each(Object.entries(faults))(
    '%s: what is known stays known, and it lags',
    async (_, fault) => {
      world.revoke('t9')
      const mirror = world.mirror()
      await mirror.start()
      world.fault = fault
      await pass(9_500)
      expect(mirror.freshness()).toBe('current')
      await pass(4_000)
      expect([mirror.freshness(), knows(mirror, 't9'), knows(mirror, 't1')]).toEqual([
        'lagging',
        true,
        false,
      ])
      expect(world.kinds[0]).toBe('revocation_feed_failed')
      world.fault = null
      world.revoke('t10')
      await pass(9_000)
      expect([mirror.freshness(), knows(mirror, 't10')]).toEqual(['current', true])
      expect(world.kinds.at(-1)).toBe('revocation_feed_recovered')
    },
  )

  test('is asked less and less often, but every few seconds', async () => {
    const mirror = world.mirror()
    await mirror.start()
    world.fault = () => Promise.reject(new Error('down'))
    world.asked = 0
    await pass(60_000)
    expect(world.asked).toBeGreaterThanOrEqual(60_000 / 6_250)
    expect(world.asked).toBeLessThan(17)
    for (let hints = 0; hints < 100; hints += 1) mirror.wake()
    await vi.advanceTimersByTimeAsync(100)
    expect(world.asked).toBeLessThan(17)
  })

  test('that has lost its entries takes nothing back', async () => {
    world.revoke('t9')
    const mirror = world.mirror()
    await mirror.start()
    world.entries.length = 0
    await pass(5_000)
    expect([mirror.freshness(), knows(mirror, 't9')]).toEqual(['current', true])
  })

  test('whose listener throws or rejects changes nothing', async () => {
    const listeners = [
      () => {
        throw new Error('listener')
      },
      () => Promise.reject(new Error('listener')),
    ]
    for (const onEvent of listeners) {
      const mirror = world.mirror({ onEvent })
      world.fault = () => Promise.reject(new Error('down'))
      expect(await mirror.start()).toBe(false)
      world.fault = null
      await pass(3_000)
      expect(mirror.freshness()).toBe('current')
    }
  })
})

describe('entries that come strangely', () => {
  test('again, out of order and late all count', async () => {
    const subject = (version: number) => anEntry({ kind: 'subject', id: 'alice' }, { version })
    world.entries.push(subject(3), subject(1), subject(3))
    const mirror = world.mirror()
    await mirror.start()
    const at = (count: number) =>
      mirror.isRevoked(
        aUser({}, { epochs: { everything: 0, tenant: 0, client: 0, subject: count, session: 0 } }),
      )
    expect([at(2), at(3)]).toEqual([true, false])
    world.entries.push(subject(2), subject(5), subject(4))
    await pass(1_500)
    expect([at(4), at(5)]).toEqual([true, false])
  })

  test('a million forged ids are none of it', async () => {
    world.revoke('t9')
    const mirror = world.mirror()
    await mirror.start()
    for (let i = 0; i < 1_000_000; i += 1) {
      if (knows(mirror, `forged${i}`)) throw new Error(`forged${i} is revoked`)
    }
    expect(knows(mirror, 't9')).toBe(true)
  })

  const unreadable = (until: number): FeedEntry => ({
    text: '{"kind":"planet","id":"earth"}',
    version: 1,
    until,
  })

  test.each([
    '{"kind":"planet","id":"earth"}',
    '{"kind":"token"}',
    '{"kind":"token","id":7}',
    '{"kind":"subject","id":"alice","keep":[["phone"]]}',
    '[]',
    'not JSON',
    '',
  ])('one that cannot be read may be a revocation: %s', async (text) => {
    world.entries.push({ text, version: 1, until: NOW + 20 }, anEntry({ kind: 'token', id: 't9' }))
    const mirror = world.mirror()
    expect(await mirror.start()).toBe(true)
    expect([mirror.freshness(), knows(mirror, 't9')]).toEqual(['lagging', true])
    expect(world.events).toEqual([{ kind: 'revocation_unreadable', at: NOW, until: NOW + 20 }])
    await pass(21_500)
    expect(mirror.freshness()).toBe('current')
  })

  test('one that cannot be read makes a mirror lag that was current, after maxLag', async () => {
    const mirror = world.mirror()
    await mirror.start()
    world.entries.push(unreadable(NOW + 900), unreadable(NOW + 900))
    await pass(9_000)
    expect(mirror.freshness()).toBe('current')
    await pass(3_000)
    expect(mirror.freshness()).toBe('lagging')
    expect(world.kinds).toEqual(['revocation_unreadable'])
  })

  test('one that cannot be read is passed over if that is asked for by name', async () => {
    world.entries.push(unreadable(NOW + 900))
    const mirror = world.mirror({ dangerouslyIgnoreUnreadable: true })
    await mirror.start()
    expect([mirror.freshness(), world.kinds]).toEqual(['current', ['revocation_unreadable']])
  })
})

describe('memory', () => {
  test('holds a revocation for five minutes beyond its end, and not much longer', async () => {
    for (let i = 0; i < 300; i += 1) {
      world.entries.push(anEntry({ kind: 'token', id: `t${i}` }, { until: NOW + 60 }))
    }
    const mirror = world.mirror()
    await mirror.start()
    world.clock.advance(359)
    await pass(4_000)
    expect(knows(mirror, 't7')).toBe(false)
  })

  test('does not take what had ended before', async () => {
    const old = (age: number, id: string) => anEntry({ kind: 'token', id }, { until: NOW - age })
    world.entries.push(old(299, 'a'), old(300, 'b'), old(9_999, 'c'))
    const mirror = world.mirror({ maxEntries: 1 })
    expect(await mirror.start()).toBe(true)
    expect(['a', 'b', 'c'].map((id) => knows(mirror, id))).toEqual([true, false, false])
  })

  test('is bounded: beyond that it reads no more, lags, and goes on when there is room', async () => {
    for (let i = 0; i < 3_500; i += 1) {
      world.entries.push(anEntry({ kind: 'token', id: `t${i}` }, { until: NOW + 60 }))
    }
    const mirror = world.mirror({ maxEntries: 1_000 })
    void mirror.start()
    await vi.advanceTimersByTimeAsync(10)
    expect(world.kinds).toEqual(['revocation_feed_failed'])
    expect([mirror.freshness(), knows(mirror, 't1999'), knows(mirror, 't2000')]).toEqual([
      'empty',
      true,
      false,
    ])
    mirror.apply(anEntry({ kind: 'token', id: 'own' }))
    expect(knows(mirror, 'own')).toBe(false)
    world.clock.advance(400)
    await pass(20_000)
    expect(mirror.freshness()).toBe('current')
    mirror.apply(anEntry({ kind: 'token', id: 'own' }, { until: NOW + 9_000 }))
    expect(knows(mirror, 'own')).toBe(true)
  })
})

describe('a clock', () => {
  test('that is set forward and back makes it read all again, and know nothing meanwhile', async () => {
    world.revoke('t9')
    const mirror = world.mirror()
    await mirror.start()
    world.clock.advance(86_400)
    await pass(2_000)
    expect(knows(mirror, 't9')).toBe(false)
    world.clock.advance(-86_400)
    expect(mirror.freshness()).toBe('empty')
    await pass(1_500)
    expect([mirror.freshness(), knows(mirror, 't9')]).toEqual(['current', true])
  })

  test('that is set back by less changes nothing', async () => {
    world.revoke('t9')
    const mirror = world.mirror()
    await mirror.start()
    world.clock.advance(-290)
    expect([mirror.freshness(), knows(mirror, 't9')]).toEqual(['current', true])
    await pass(2_000)
    expect([mirror.freshness(), knows(mirror, 't9')]).toEqual(['current', true])
  })

  test('that fails makes it lag, not forget', async () => {
    let broken = false
    const clock = { now: () => (broken ? Number.NaN : NOW) }
    world.revoke('t9')
    const mirror = world.mirror({ clock })
    await mirror.start()
    broken = true
    expect([mirror.freshness(), knows(mirror, 't9')]).toEqual(['lagging', true])
    await vi.advanceTimersByTimeAsync(2_000)
    expect([mirror.freshness(), knows(mirror, 't9')]).toEqual(['lagging', true])
    broken = false
    await vi.advanceTimersByTimeAsync(1_000)
    expect(mirror.freshness()).toBe('current')
  })
})

describe('a process that was paused', () => {
  test('lags from its first request on, whichever clock has stood still', async () => {
    const asleep = world.mirror()
    await asleep.start()
    world.clock.advance(12)
    expect(asleep.freshness()).toBe('lagging')

    const paused = world.mirror()
    await paused.start()
    vi.setSystemTime(0)
    vi.advanceTimersByTime(0)
    const now = performance.now()
    vi.spyOn(performance, 'now').mockReturnValue(now + 10_001)
    expect(paused.freshness()).toBe('lagging')
    vi.restoreAllMocks()
  })

  test('is told apart from one that is only slow: up to maxLag it is current', async () => {
    const mirror = world.mirror({ maxLag: '10s' })
    await mirror.start()
    world.clock.advance(11) // of which up to one second is rounding
    expect(mirror.freshness()).toBe('current')
    world.clock.advance(1)
    expect(mirror.freshness()).toBe('lagging')
  })
})

describe('freshness for the same second', () => {
  test('is found once, until something was read', async () => {
    const mirror = world.mirror()
    expect(mirror.freshness(NOW)).toBe('empty')
    await mirror.start()
    expect(mirror.freshness(NOW)).toBe('current')
    world.clock.advance(60)
    expect([mirror.freshness(NOW), mirror.freshness(NOW + 1)]).toEqual(['current', 'lagging'])
    await vi.advanceTimersByTimeAsync(1_100)
    expect(mirror.freshness(NOW + 1)).toBe('current')
  })
})

describe('a mirror that is stopped', () => {
  test('asks no more, lags, stays so when it is asked, and can be started again', async () => {
    const mirror = world.mirror()
    await mirror.start()
    mirror.stop()
    await pass(30_000)
    expect([world.asked, mirror.freshness()]).toEqual([1, 'lagging'])
    await pass(2_000)
    expect(world.asked).toBe(1)
    world.revoke('t9')
    expect(await mirror.start()).toBe(true)
    expect([mirror.freshness(), knows(mirror, 't9')]).toEqual(['current', true])
  })

  test('in the middle of a reading does not go on with it', async () => {
    world.revoke(...Array.from({ length: 5_000 }, (_, i) => `r${i}`))
    const mirror = world.mirror()
    const started = mirror.start()
    mirror.stop()
    await vi.advanceTimersByTimeAsync(5_000)
    expect([await started, world.asked, mirror.freshness()]).toEqual([false, 1, 'empty'])
  })
})

test('follows the store that it is written for', async () => {
  const store = memoryStore()
  const mirror = world.mirror({ store })
  await mirror.start()
  const notice = { text: anEntry({ kind: 'subject', id: 'alice' }).text, until: NOW + 900 }
  await store.incr({ kind: 'epoch', id: 'subject:alice' }, '{}', {
    now: NOW,
    expiresAt: null,
    notice,
  })
  await pass(1_500)
  expect(mirror.isRevoked(aUser())).toBe(true)
})

describe('options that cannot be right', () => {
  test.each<[string, object]>([
    ['no store', { store: undefined }],
    ['a store without a feed', { store: {} }],
    ['no issuer', { issuer: undefined }],
    ['no issuer in the list', { issuer: [] }],
    ['an empty issuer', { issuer: '' }],
    ['an interval of nothing', { pollInterval: 0 }],
    ['an interval of more than a minute', { pollInterval: 61, maxLag: '1h' }],
    ['a lag that every reading exceeds', { pollInterval: 5, maxLag: 9 }],
    ['a lag of more than an hour', { maxLag: 3_601 }],
    ['room for nothing', { maxEntries: 0 }],
    ['no time', { timeoutMilliseconds: 0 }],
    ['a name that is not one', { polling: true }],
    ['a half-hearted name', { dangerouslyIgnoreUnreadable: false }],
  ])('%s', (_, wrong) => {
    expect(() =>
      createRevocationMirror({ store: memoryStore(), issuer: ISSUER, ...wrong }),
    ).toThrow(
      expect.objectContaining({ code: 'option_invalid' } satisfies Partial<ConfigurationError>),
    )
  })

  test('and those at the bounds are', () => {
    const most = { pollInterval: 60, maxLag: '1h', maxEntries: 10_000_000 } as const
    for (const right of [{ pollInterval: 1, maxLag: 2, maxEntries: 1 }, most]) {
      expect(() => world.mirror(right)).not.toThrow()
    }
  })
})

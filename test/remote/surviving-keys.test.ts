import { describe, expect, it } from 'vitest'
import type { JwkSet, KeySetLookup } from '../../src/jwt/jwk-set.js'
import type { KeyEvent } from '../../src/jwt/key-event.js'
import type { Fetched } from '../../src/remote/fetch-document.js'
import { type SurvivalSettings, SurvivingKeys } from '../../src/remote/surviving-keys.js'

const NOW = 1_767_225_600
const COOLDOWN = 10
const AGE = 600
const STALE = 3_600
const DOWN = new Error('down')

const setOf = (...kids: string[]): JwkSet => ({ keys: kids.map((kid) => ({ kid })) })
const failing = (retryAfterSeconds: number | null = null): Fetched<JwkSet> => ({
  kind: 'failed',
  isAbsent: false,
  retryAfterSeconds,
  cause: DOWN,
})

/** Keys of an issuer whose answer a test sets, or holds back. */
function keysOf(answer: Fetched<JwkSet>, settings: Partial<SurvivalSettings> = {}) {
  const asked: number[] = []
  const events: KeyEvent[] = []
  let held: (() => void)[] | null = null
  const keys = new SurvivingKeys({
    name: 'issuer',
    cooldownSeconds: COOLDOWN,
    staleSeconds: STALE,
    timeoutMilliseconds: 3_000,
    ...settings,
    async fetch(now) {
      asked.push(now)
      if (held !== null) await new Promise<void>((resolve) => held?.push(resolve))
      return issuer.answer
    },
  })
  const report = (event: KeyEvent) => events.push(event)
  const issuer = {
    answer,
    asked,
    events,
    kinds: () => events.map(({ kind }) => kind),
    hold() {
      held = []
    },
    async release() {
      const waiting = held ?? []
      held = null
      for (const go of waiting) go()
      await settled()
    },
    current: (now: number) => keys.current(now, report),
    refreshed: (now: number, seen: JwkSet) => keys.refreshed(now, seen, report),
  }
  return issuer
}

const publishing = (...kids: string[]): Fetched<JwkSet> => ({
  kind: 'fetched',
  document: setOf(...kids),
  freshSeconds: AGE,
})
const settled = () => new Promise((resolve) => setImmediate(resolve))
const kidsOf = (lookup: KeySetLookup) =>
  lookup.kind === 'set' ? lookup.set.keys.map(({ kid }) => kid).join() : lookup.kind
const atOnce = (lookup: KeySetLookup | Promise<KeySetLookup>): KeySetLookup => {
  if (lookup instanceof Promise) throw new Error('this should not have to wait')
  return lookup
}
const seenIn = (lookup: KeySetLookup): JwkSet => {
  if (lookup.kind !== 'set') throw new Error('there should be a set')
  return lookup.set
}

describe('keys that are held', () => {
  it('are handed out at once, as one object for as long as they are the same', async () => {
    const issuer = keysOf(publishing('a', 'b'))
    const first = await issuer.current(NOW)
    expect(atOnce(issuer.current(NOW + 1))).toBe(first)
    issuer.answer = publishing('b', 'a')
    expect(await issuer.current(NOW + AGE)).toBe(first)
    expect(issuer.asked).toEqual([NOW, NOW + AGE])
    expect(issuer.events).toEqual([])
  })

  it('are renewed in the background between 75 and 85 % of their age, and no request waits', async () => {
    for (let run = 0; run < 20; run += 1) {
      const issuer = keysOf(publishing('a'))
      await issuer.current(NOW)
      atOnce(issuer.current(NOW + AGE * 0.75 - 1))
      expect(issuer.asked).toHaveLength(1)
      issuer.hold()
      for (let at = 0; at < 10; at += 1) atOnce(issuer.current(NOW + AGE * 0.85 + at))
      expect(issuer.asked).toHaveLength(2)
      issuer.answer = publishing('b')
      await issuer.release()
      expect(kidsOf(atOnce(issuer.current(NOW + AGE * 0.85 + 10)))).toBe('b')
    }
  })

  it('are not all renewed at the same moment by many processes', async () => {
    const moments = new Set<number>()
    for (let process = 0; process < 50; process += 1) {
      const issuer = keysOf(publishing('a'))
      await issuer.current(NOW)
      let at = NOW
      while (issuer.asked.length === 1) {
        at += 1
        await issuer.current(at)
      }
      moments.add(at)
    }
    expect(moments.size).toBeGreaterThan(5)
  })

  it('keep serving if their renewal fails before they are old, and the operator is told', async () => {
    const issuer = keysOf(publishing('a'))
    await issuer.current(NOW)
    issuer.answer = failing()
    expect(kidsOf(atOnce(issuer.current(NOW + 550)))).toBe('a')
    await settled()
    expect(issuer.events).toEqual([
      {
        kind: 'keys_stale',
        at: NOW + 550,
        source: 'issuer',
        ageSeconds: 550,
        servedUntil: NOW + AGE + STALE,
        cause: DOWN,
      },
    ])
    expect(kidsOf(await issuer.current(NOW + AGE))).toBe('a')
  })

  it('are asked about again before the first use after a pause, and that request waits', async () => {
    const issuer = keysOf(publishing('a'))
    await issuer.current(NOW)
    issuer.answer = publishing('b')
    const lookup = issuer.current(NOW + AGE)
    expect(lookup).toBeInstanceOf(Promise)
    expect(kidsOf(await lookup)).toBe('b')
  })
})

describe('while the issuer is down', () => {
  it('the last good keys serve to the last second of their stale time, and not beyond', async () => {
    const issuer = keysOf(publishing('a'))
    await issuer.current(NOW)
    issuer.answer = failing()
    for (let at = AGE; at < AGE + STALE; at += 1) {
      expect(kidsOf(await issuer.current(NOW + at))).toBe('a')
    }
    const after = await issuer.current(NOW + AGE + STALE)
    expect(after.kind).toBe('unavailable')
    expect(after.kind === 'unavailable' && after.retryAfterSeconds).toBeGreaterThanOrEqual(1)
    expect(after.kind === 'unavailable' && after.cause).toBe(DOWN)
  })

  it('they do not serve beyond their age if that is forbidden', async () => {
    const issuer = keysOf(publishing('a'), { staleSeconds: 0 })
    await issuer.current(NOW)
    issuer.answer = failing()
    expect(kidsOf(await issuer.current(NOW + AGE - 1))).toBe('a')
    await settled()
    expect((await issuer.current(NOW + AGE)).kind).toBe('unavailable')
  })

  it('only the request that finds out waits, while requests come', async () => {
    const issuer = keysOf(publishing('a'))
    await issuer.current(NOW)
    issuer.answer = failing()
    await issuer.current(NOW + AGE)
    for (let at = 1; at < 600; at += 1) {
      atOnce(issuer.current(NOW + AGE + at))
      await settled()
    }
  })

  it('it is left alone for longer and longer, up to a minute and a quarter', async () => {
    const issuer = keysOf(failing())
    for (let at = 0; at < 1_000; at += 1) await issuer.current(NOW + at)
    const gaps = issuer.asked.slice(1).map((at, index) => at - (issuer.asked[index] ?? 0))
    expect(gaps[0]).toBe(COOLDOWN)
    expect(gaps.every((gap) => gap >= COOLDOWN && gap <= 75)).toBe(true)
    expect(Math.min(...gaps.slice(3))).toBeGreaterThanOrEqual(60)
  })

  it('its Retry-After is heeded, and told to who waits', async () => {
    const issuer = keysOf(failing(100))
    expect(await issuer.current(NOW)).toMatchObject({ retryAfterSeconds: 100 })
    expect(atOnce(issuer.current(NOW + 99))).toMatchObject({ retryAfterSeconds: 1 })
    expect(issuer.asked).toEqual([NOW])
    await issuer.current(NOW + 100)
    expect(issuer.asked).toEqual([NOW, NOW + 100])
  })

  it('nobody is told that a key is unknown: it may be new', async () => {
    const issuer = keysOf(publishing('a'))
    const seen = seenIn(await issuer.current(NOW))
    issuer.answer = failing()
    expect((await issuer.refreshed(NOW + COOLDOWN, seen)).kind).toBe('unavailable')
    expect(atOnce(issuer.refreshed(NOW + COOLDOWN + 1, seen)).kind).toBe('unavailable')
    expect(kidsOf(atOnce(issuer.current(NOW + COOLDOWN + 1)))).toBe('a')
  })

  it('each failed attempt is an event, with whether there are keys to serve with', async () => {
    const issuer = keysOf(failing())
    for (let at = 0; at <= 40; at += 1) await issuer.current(NOW + at)
    expect(issuer.kinds()).toEqual(['keys_unavailable', 'keys_unavailable', 'keys_unavailable'])
    expect(issuer.events[0]).toMatchObject({ retryAfterSeconds: COOLDOWN, cause: DOWN })
    issuer.answer = publishing('a')
    await issuer.current(NOW + 1_000)
    expect(issuer.events.at(-1)).toEqual({
      kind: 'keys_recovered',
      at: NOW + 1_000,
      source: 'issuer',
      failedAttempts: 3,
    })
  })

  it('a listener that throws changes nothing', async () => {
    const keys = new SurvivingKeys({
      name: 'issuer',
      cooldownSeconds: COOLDOWN,
      staleSeconds: STALE,
      timeoutMilliseconds: 3_000,
      fetch: async () => failing(),
    })
    const lookup = keys.current(NOW, () => {
      throw new Error('listener')
    })
    expect((await lookup).kind).toBe('unavailable')
  })
})

describe('a key that is withdrawn', () => {
  it('is gone with the next document, and its going is an event', async () => {
    const issuer = keysOf(publishing('a', 'b'))
    await issuer.current(NOW)
    issuer.answer = publishing('b', 'c')
    expect(kidsOf(await issuer.current(NOW + AGE))).toBe('b,c')
    expect(issuer.events).toEqual([
      { kind: 'keys_changed', at: NOW + AGE, source: 'issuer', added: ['c'], removed: ['a'] },
    ])
  })

  it('stays gone when the issuer goes down right after', async () => {
    const issuer = keysOf(publishing('a', 'b'))
    await issuer.current(NOW)
    issuer.answer = publishing('b')
    await issuer.current(NOW + AGE)
    issuer.answer = failing()
    for (let at = AGE; at < 2 * AGE + STALE; at += 50) {
      expect(kidsOf(await issuer.current(NOW + at))).toBe('b')
    }
  })

  it('is gone at once when an issuer comes back that was down', async () => {
    const issuer = keysOf(publishing('a', 'b'))
    await issuer.current(NOW)
    issuer.answer = failing()
    await issuer.current(NOW + AGE)
    issuer.answer = publishing('b')
    atOnce(issuer.current(NOW + AGE + COOLDOWN))
    await settled()
    expect(kidsOf(atOnce(issuer.current(NOW + AGE + COOLDOWN)))).toBe('b')
    expect(issuer.kinds()).toEqual(['keys_stale', 'keys_recovered', 'keys_changed'])
  })
})

describe('tokens with unknown keys', () => {
  it('cause at most one attempt per cooldown, however many come and whenever', async () => {
    const issuer = keysOf(publishing('a'))
    const seen = seenIn(await issuer.current(NOW))
    for (let at = 0; at < 400; at += 1) {
      const storm = Array.from({ length: 25 }, () => issuer.refreshed(NOW + at, seen))
      for (const lookup of await Promise.all(storm)) expect(kidsOf(lookup)).toBe('a')
    }
    expect(issuer.asked).toEqual(Array.from({ length: 40 }, (_, at) => NOW + at * COOLDOWN))
  })

  it('cause less while the issuer is down', async () => {
    const issuer = keysOf(publishing('a'))
    const seen = seenIn(await issuer.current(NOW))
    issuer.answer = failing()
    for (let at = 0; at < 400; at += 1) await issuer.refreshed(NOW + at, seen)
    expect(issuer.asked.length).toBeLessThan(12)
  })

  it('see a new key at most one cooldown late, whatever was forged before', async () => {
    const issuer = keysOf(publishing('a'))
    const seen = seenIn(await issuer.current(NOW))
    await issuer.refreshed(NOW + 100, seen) // forged, just before the rotation
    issuer.answer = publishing('a', 'b')
    expect(kidsOf(await issuer.refreshed(NOW + 100 + COOLDOWN - 1, seen))).toBe('a')
    expect(kidsOf(await issuer.refreshed(NOW + 100 + COOLDOWN, seen))).toBe('a,b')
  })

  it('wait for an attempt that is under way, and cause none of their own', async () => {
    const issuer = keysOf(publishing('a'))
    const seen = seenIn(await issuer.current(NOW))
    issuer.hold()
    const waiting = [0, 1, 2].map((at) => issuer.refreshed(NOW + 20 + at, seen))
    issuer.answer = publishing('a', 'b')
    await issuer.release()
    expect((await Promise.all(waiting)).map(kidsOf)).toEqual(['a,b', 'a,b', 'a,b'])
    expect(issuer.asked).toEqual([NOW, NOW + 20])
  })

  it('cause none if they come from before the last attempt', async () => {
    const issuer = keysOf(publishing('a'))
    const seen = seenIn(await issuer.current(NOW))
    await issuer.refreshed(NOW + 60, seen)
    await issuer.refreshed(NOW + 1, seen)
    expect(issuer.asked).toEqual([NOW, NOW + 60])
  })
})

describe('an attempt that dies without a word, as on an edge runtime', () => {
  it('holds up those who wait for it for a bounded time only', async () => {
    const issuer = keysOf(publishing('a'), { timeoutMilliseconds: 1 })
    issuer.hold()
    const lookups = await Promise.all([issuer.current(NOW), issuer.current(NOW + 1)])
    expect(lookups).toMatchObject([{ retryAfterSeconds: 1 }, { retryAfterSeconds: 1 }])
    expect(lookups.map(kidsOf)).toEqual(['unavailable', 'unavailable'])
    expect(issuer.asked).toEqual([NOW])
  })

  it('is given up on, and what it brings after that is dropped', async () => {
    const issuer = keysOf(publishing('a'))
    await issuer.current(NOW)
    issuer.hold()
    const lost = issuer.current(NOW + AGE)
    const joined = issuer.current(NOW + AGE + 8)
    expect(issuer.asked).toEqual([NOW, NOW + AGE])
    const again = issuer.current(NOW + AGE + 9)
    expect(issuer.asked).toEqual([NOW, NOW + AGE, NOW + AGE + 9])
    issuer.answer = publishing('b')
    await issuer.release()
    expect((await Promise.all([lost, joined, again])).map(kidsOf)).toEqual(['b', 'b', 'b'])
    expect(kidsOf(atOnce(issuer.current(NOW + 2 * AGE)))).toBe('b')
  })
})

describe('a clock that is set back', () => {
  it.each([6, 60, 3_600, 1e9])('by %i s does not make keys serve for longer', async (back) => {
    const issuer = keysOf(publishing('a'))
    await issuer.current(NOW)
    issuer.answer = failing()
    await issuer.current(NOW + AGE)
    await issuer.current(NOW + AGE + 1_000)
    // 2,600 s of the stale time are left.
    const now = NOW + AGE + 1_000 - back
    expect(kidsOf(await issuer.current(now))).toBe('a')
    expect(kidsOf(await issuer.current(now + 2_599))).toBe('a')
    expect((await issuer.current(now + 2_600)).kind).toBe('unavailable')
  })

  it.each([6, 60, 3_600, 1e9])('by %i s does not put off the next attempt', async (back) => {
    const issuer = keysOf(failing())
    await issuer.current(NOW)
    await issuer.current(NOW + 4)
    await issuer.current(NOW + 4 - back)
    expect(issuer.asked).toHaveLength(1)
    await issuer.current(NOW + 9 - back)
    expect(issuer.asked).toHaveLength(1)
    await issuer.current(NOW + 10 - back)
    expect(issuer.asked).toHaveLength(2)
  })

  it('makes keys be asked about again as soon as the cooldown allows', async () => {
    const issuer = keysOf(publishing('a'))
    await issuer.current(NOW)
    await issuer.current(NOW + 5)
    expect(kidsOf(atOnce(issuer.current(NOW - 995)))).toBe('a')
    expect(kidsOf(atOnce(issuer.current(NOW - 991)))).toBe('a')
    issuer.answer = publishing('b')
    expect(kidsOf(await issuer.current(NOW - 990))).toBe('b')
  })

  it('is not what two clocks show that are a few seconds apart', async () => {
    const issuer = keysOf(publishing('a'))
    for (let at = 0; at < 400; at += 1) await issuer.current(NOW + at - (at % 2) * 5)
    expect(issuer.asked).toEqual([NOW])
  })

  it('while an attempt is under way dates the answer by the new time', async () => {
    const issuer = keysOf(publishing('a'))
    issuer.hold()
    const first = issuer.current(NOW)
    const second = issuer.current(NOW - 1_000)
    await issuer.release()
    await Promise.all([first, second])
    issuer.answer = publishing('b')
    expect(kidsOf(await issuer.current(NOW - 1_000 + AGE))).toBe('b')
  })

  it('is not what requests show that are a few seconds late', async () => {
    const issuer = keysOf(publishing('a'))
    await issuer.current(NOW)
    await issuer.current(NOW + 60)
    for (const late of [1, 5]) atOnce(issuer.current(NOW + 60 - late))
    expect(issuer.asked).toEqual([NOW])
  })
})

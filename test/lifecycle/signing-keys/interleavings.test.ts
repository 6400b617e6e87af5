/** Processes that turn one ring and take keys out of it, in every order of their calls, and stopped at any of them. */
import { describe, expect, it } from 'vitest'
import {
  type KeyRing,
  publishedKeysOf,
  type SpareKeys,
  signingKeyOf,
} from '../../../src/lifecycle/signing-keys/key-ring.js'
import {
  compromiseKey,
  type StoredRing,
  turnRing,
} from '../../../src/lifecycle/signing-keys/key-ring-steps.js'
import { parseRing, ringText } from '../../../src/lifecycle/signing-keys/key-ring-text.js'
import { ask, type Steps } from '../../../src/lifecycle/store/steps.js'
import type { Store } from '../../../src/lifecycle/store/store.js'
import { type Eventual, isThenable } from '../../../src/shared/eventual.js'
import { memoryStore } from '../../../src/stores/memory.js'
import { NOW, spareKeys, TIMES, usedKids } from './rings.js'

type Process = (spares: () => SpareKeys) => Steps<StoredRing | null>

const NAME = 'default'
const DUE = NOW + TIMES.rotation
/** The ring that the histories begin with. */
const [first] = spareKeys()()
const standby = spareKeys()()[1]
const [firstKid, standbyKid] = [first.publicKey.kid, standby.publicKey.kid]
const START: KeyRing = {
  active: { ...first, publishedAt: NOW, activateAt: NOW },
  next: { ...standby, publishedAt: NOW, activateAt: DUE },
  retired: [],
  compromised: [],
}

const turning =
  (now: number): Process =>
  (spares) =>
    turnRing(NAME, now, TIMES, spares())
const compromising =
  (kid: string, now: number): Process =>
  (spares) =>
    compromiseKey(kid, NAME, now, TIMES, spares())

describe('whatever the order, and whoever stops for good', { timeout: 60_000 }, () => {
  it.each<[string, KeyRing | null, Process[], { crashes: number }]>([
    ['two make the first keys', null, [turning(NOW), turning(NOW)], { crashes: 2 }],
    ['three make the first keys', null, [turning(NOW), turning(NOW), turning(NOW)], { crashes: 1 }],
    ['two rotate', START, [turning(DUE), turning(DUE)], { crashes: 2 }],
    ['three rotate', START, [turning(DUE), turning(DUE), turning(DUE)], { crashes: 1 }],
    [
      'clocks that differ rotate',
      START,
      [turning(DUE - 60), turning(DUE + 60), turning(DUE)],
      { crashes: 1 },
    ],
    [
      'two compromise the same key',
      START,
      [compromising(firstKid, NOW + 9), compromising(firstKid, NOW + 9)],
      { crashes: 2 },
    ],
    [
      'two compromise both keys',
      START,
      [compromising(firstKid, NOW + 9), compromising(standbyKid, NOW + 9)],
      { crashes: 2 },
    ],
    [
      'one rotates while the old key is compromised',
      START,
      [turning(DUE), compromising(firstKid, DUE)],
      { crashes: 2 },
    ],
    [
      'one rotates while the new key is compromised',
      START,
      [turning(DUE), compromising(standbyKid, DUE)],
      { crashes: 2 },
    ],
    [
      'two rotate while both keys are compromised',
      START,
      [turning(DUE), compromising(firstKid, DUE), compromising(standbyKid, DUE - 60)],
      { crashes: 1 },
    ],
  ])('they end up with one ring: %s', (_what, start, processes, { crashes }) => {
    let histories = 0
    explore(start, processes, crashes, (history) => {
      histories++
      judge(history)
    })
    expect(histories).toBeGreaterThan(5)
  })
})

describe('the judgement of a history notices', () => {
  it('a store that lets two writes of one version through', () => {
    const processes = [turning(DUE), turning(DUE)]
    const wrong = () => {
      explore(START, processes, 0, judge, (store) => ({
        ...store,
        cas: (key, _version, value, options) => {
          const [held] = atOnce(store.get([key]))
          return store.cas(key, held?.version ?? 0, value, options)
        },
      }))
    }
    expect(wrong).toThrow()
  })
})

/** What became of one order of calls. */
interface History {
  /** Every ring that the store has held, and how it was written. */
  readonly rings: readonly KeyRing[]
  readonly texts: readonly string[]
  /** What each process was told; undefined for one that was stopped. */
  readonly results: readonly (StoredRing | null | undefined)[]
  readonly notices: readonly string[]
  readonly wasNew: boolean
}

function judge({ rings, texts, results, notices, wasNew }: History): void {
  const gone = new Set<string>()
  for (const [index, ring] of rings.entries()) {
    const kids = usedKids(ring)
    expect(new Set(kids).size).toBe(kids.length)
    for (const kid of kids) expect(gone.has(kid), 'a key came back').toBe(false)
    const before = rings[index - 1]
    if (before !== undefined) {
      for (const kid of usedKids(before)) if (!kids.includes(kid)) gone.add(kid)
      judgeChange(before, ring)
    }
    for (const { kid } of ring.compromised) {
      expect(kids).not.toContain(kid)
      expect(notices).toContain(JSON.stringify({ kind: 'key', id: kid }))
    }
  }
  // Nothing else is told to the feed, and nothing twice.
  expect(notices).toHaveLength(rings.at(-1)?.compromised.length ?? 0)
  // Rotating needs one write, however many do it; a new ring as well.
  const compromised = rings.at(-1)?.compromised.length ?? 0
  expect(rings.length - (wasNew ? 0 : 1)).toBeLessThanOrEqual(1 + compromised)
  for (const result of results) {
    if (result) expect(texts).toContain(result.text)
  }
}

function judgeChange(before: KeyRing, after: KeyRing): void {
  const kids = [before.active, before.next].map(({ publicKey }) => publicKey.kid)
  for (const place of [after.active, after.next]) {
    if (!kids.includes(place.publicKey.kid)) {
      const isEmergency = after.compromised.length > before.compromised.length
      const least = isEmergency && place === after.active ? 0 : TIMES.lead
      expect(place.activateAt - place.publishedAt).toBeGreaterThanOrEqual(least)
    }
  }
  // Only a compromise stops a key from verifying before its time.
  const now = after.next.publishedAt
  const shown = publishedKeysOf(after, now, TIMES).map(({ kid }) => kid)
  const lost = publishedKeysOf(before, now, TIMES).filter(({ kid }) => !shown.includes(kid))
  const marked = after.compromised.map(({ kid }) => kid)
  expect(marked).toEqual(expect.arrayContaining(lost.map(({ kid }) => kid)))
  expect(JSON.stringify(after.retired)).not.toContain('private ')
  expect(shown).toContain(signingKeyOf(after, now).publicKey.kid)
}

/** Every order of the calls of all processes, with up to so many of them stopped. */
function explore(
  start: KeyRing | null,
  processes: readonly Process[],
  crashes: number,
  visit: (history: History) => void,
  alter: (store: Store) => Store = (store) => store,
): void {
  const choices: number[] = []
  do visit(run(start, processes, crashes, choices, alter))
  while (next(choices))
}

/** Odometer of choices: the last one that can be raised is; those after it are taken anew. */
function next(choices: number[]): boolean {
  for (;;) {
    const last = choices.pop()
    if (last === undefined) return false
    const [choice, of] = [Math.floor(last / 100), last % 100]
    if (choice + 1 < of) {
      choices.push((choice + 1) * 100 + of)
      return true
    }
  }
}

function run(
  start: KeyRing | null,
  processes: readonly Process[],
  crashes: number,
  choices: number[],
  alter: (store: Store) => Store,
): History {
  const store = alter(memoryStore())
  const key = { kind: 'signing_key', id: NAME } as const
  if (start !== null) atOnce(store.insert(key, ringText(start), { now: NOW, expiresAt: null }))
  const texts: string[] = start === null ? [] : [ringText(start)]
  const spares = unusedSpares()
  const running = processes.map((process) => {
    const steps = process(spares)
    return { steps, step: steps.next(), result: undefined as StoredRing | null | undefined }
  })
  let position = 0
  const choose = (of: number): number => {
    const known = choices[position]
    if (known === undefined) choices.push(of)
    position++
    return known === undefined ? 0 : Math.floor(known / 100)
  }
  let left = crashes
  const alive = new Set(running)
  while (alive.size > 0) {
    const able = [...alive]
    const choice = choose(able.length * (left > 0 ? 2 : 1))
    const process = able[choice % able.length]
    if (process === undefined) throw new Error('no such process')
    if (choice >= able.length) {
      left--
      alive.delete(process)
      continue
    }
    if (process.step.done) throw new Error('it has ended')
    const answer = ask(store, process.step.value)
    const [record = null] = atOnce(store.get([key]))
    if (record !== null && record.value !== texts.at(-1)) texts.push(record.value)
    process.step = process.steps.next(answer)
    if (process.step.done) {
      process.result = process.step.value
      alive.delete(process)
    }
  }
  const feed = atOnce(store.feed({ after: null, limit: 100 }))
  return {
    texts,
    rings: texts.map(parseRing),
    results: running.map(({ result }) => result),
    notices: feed.entries.map(({ text }) => text),
    wasNew: start === null,
  }
}

/** What the reference in memory answers. */
function atOnce<Answer>(answer: Eventual<Answer>): Answer {
  if (isThenable<Answer>(answer)) throw new Error('the reference answers at once')
  return answer
}

function unusedSpares(): () => SpareKeys {
  const spares = spareKeys()
  spares()
  return spares
}

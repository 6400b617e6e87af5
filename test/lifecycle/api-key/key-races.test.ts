import { describe, expect, test } from 'vitest'
import { hashApiKey } from '../../../src/lifecycle/api-key/api-key.js'
import { createKey } from '../../../src/lifecycle/api-key/create-key.js'
import { listKeys } from '../../../src/lifecycle/api-key/list-keys.js'
import { noteUse } from '../../../src/lifecycle/api-key/note-use.js'
import { readKey } from '../../../src/lifecycle/api-key/read-key.js'
import {
  revokeApplicationKeys,
  revokeKey,
  revokeLeakedKey,
} from '../../../src/lifecycle/api-key/revoke-key.js'
import { type ApiKeyRotation, rotateKey } from '../../../src/lifecycle/api-key/rotate-key.js'
import { perform, type Steps } from '../../../src/lifecycle/store/steps.js'
import type { Store } from '../../../src/lifecycle/store/store.js'
import { timingSafeEqualTexts } from '../../../src/runtime/timing-safe.js'
import { memoryStore } from '../../../src/stores/memory.js'
import {
  type Actor,
  type Choose,
  everySchedule,
  interleave,
  seededChoice,
} from '../../support/schedules.js'

const NOW = 1_800_000_000
const ROTATION = { overlap: 86_400, drop: null, lifetime: undefined } as const

/** What is done to one key, by name. */
type Deed = 'rotate' | 'rotate at once' | 'retry' | 'revoke' | 'leak' | 'use' | 'revoke all'

/**
 * One key with the secret that is deployed everywhere, deeds that race for it, and what must hold whenever anything has
 * happened: the ten lines that the lifecycle is compared with.
 */
function race(deeds: readonly Deed[], crashes: number, choose: Choose): void {
  const store = memoryStore()
  const created = now(store, createKey('acme', WISH, NOW))
  const deployed = created.key.reveal()
  const { id } = created.record
  /** The secrets that somebody was told, and that no later rotation was told to drop. */
  const told = new Set([deployed])
  let isRevoked = false
  let isTombstone = false

  const actorOf = (deed: Deed): Actor => {
    switch (deed) {
      case 'rotate':
      case 'rotate at once':
      case 'retry': {
        const overlap = deed === 'rotate at once' ? 0 : ROTATION.overlap
        const drop = deed === 'retry' ? 'current' : null
        return {
          steps: rotateKey('acme', id, { ...ROTATION, overlap, drop }, NOW),
          done: (result) => {
            const rotation = result as ApiKeyRotation // what `rotateKey` returns
            if (rotation.kind === 'rotated') told.add(rotation.key.reveal())
          },
        }
      }
      case 'use': {
        const use = { id, applicationId: 'reports', secret: 'current', at: NOW + 1 } as const
        return { steps: noteUse('acme', use, 900) }
      }
      case 'leak':
        return {
          steps: revokeLeakedKey('acme', id, hashApiKey(deployed), NOW),
          done: (result) => {
            // Either the key has ended, or, after a rotation, this secret of it.
            expect(['revoked', 'overlap_ended', 'not_working', 'unknown']).toContain(
              (result as { kind: string }).kind,
            )
            expect(works(store, id, deployed)).toBe(false)
          },
        }
      case 'revoke':
      case 'revoke all':
        return {
          steps:
            deed === 'revoke' ? revokeKey('acme', id, NOW) : revokeApplicationKeys('reports', NOW),
          done: () => {
            isRevoked = true
          },
        }
    }
  }

  interleave(store, deeds.map(actorOf), {
    choose,
    crashes,
    after() {
      const held = now(store, readKey('acme', id))
      if (held === null) throw new Error('the key is gone')
      const working = [...told].filter((text) => works(store, id, text))
      // What has ended never works again.
      if (isTombstone || isRevoked) expect(held.isRevoked).toBe(true)
      isTombstone = held.isRevoked
      if (held.isRevoked) expect(working).toEqual([])
      expect(working.length).toBeLessThanOrEqual(2)
      // A rotation with an overlap takes nothing from who has the deployed secret.
      const isGentle = !deeds.includes('rotate at once') && !deeds.includes('leak')
      if (isGentle && !held.isRevoked) expect(working).toContain(deployed)
      // Use is noted of what there is, and of nothing else.
      const listed = now(store, listKeys('acme', 'reports', { after: null, limit: 100 }, NOW))
      expect(listed.records.map((record) => record.id)).toEqual([id])
    },
  })
  const held = now(store, readKey('acme', id))
  if (held?.isRevoked === false && crashes === 0 && !deeds.includes('leak')) {
    expect([...told].some((text) => works(store, id, text))).toBe(true)
  }
}

describe('whatever the order, and wherever one of them dies:', { timeout: 120_000 }, () => {
  test.each<[readonly Deed[], number]>([
    [['revoke', 'use'], 2],
    [['rotate', 'use'], 2],
    [['rotate', 'revoke'], 2],
    [['rotate', 'revoke all'], 2],
    [['rotate', 'leak'], 1],
    [['rotate at once', 'leak'], 1],
    [['rotate', 'rotate'], 0],
    [['leak', 'revoke'], 2],
    [['leak', 'use'], 2],
  ])('%j', (deeds, crashes) => {
    expect(everySchedule((choose) => race(deeds, crashes, choose))).toBeGreaterThan(30)
  })

  test.each<[readonly Deed[]]>([
    [['rotate', 'rotate', 'revoke', 'use']],
    [['rotate', 'retry', 'use', 'leak']],
    [['rotate', 'rotate at once', 'retry', 'revoke all', 'use']],
    [['rotate', 'rotate', 'rotate', 'leak', 'revoke', 'use']],
  ])('%j, in five hundred orders', (deeds) => {
    for (let seed = 1; seed <= 500; seed++) race(deeds, 2, seededChoice(seed * 2_654_435_761))
  })
})

describe('two rotations at once', () => {
  test('tell no more than one secret, and that one works', () => {
    everySchedule((choose) => {
      const store = memoryStore()
      const { record } = now(store, createKey('acme', WISH, NOW))
      const rotations: ApiKeyRotation[] = []
      const actor = (): Actor => ({
        steps: rotateKey('acme', record.id, { ...ROTATION, overlap: 0 }, NOW),
        done: (result) => rotations.push(result as ApiKeyRotation),
      })
      interleave(store, [actor(), actor()], { choose, crashes: 0, after() {} })
      const texts = rotations.flatMap((each) =>
        each.kind === 'rotated' ? [each.key.reveal()] : [],
      )
      // One after the other, both; at the same moment, one, and the other is told.
      const [last = ''] = texts.slice(-1)
      expect(works(store, record.id, last)).toBe(true)
      if (texts.length === 1) expect(rotations.map(({ kind }) => kind)).toContain('raced')
    })
  })
})

test('a key that is created while its application is revoked is revoked, or made afterwards', () => {
  everySchedule((choose) => {
    const store = memoryStore()
    let isDone = false
    let text = ''
    let madeAfter = false
    const creating = createKey('acme', WISH, NOW)
    interleave(
      store,
      [
        {
          steps: (function* () {
            madeAfter = isDone
            const created = yield* creating
            text = created.key.reveal()
          })(),
        },
        {
          steps: revokeApplicationKeys('reports', NOW),
          done: () => {
            isDone = true
          },
        },
      ],
      { choose, crashes: 0, after() {} },
    )
    expect(madeAfter).toBe(false) // it began before
    const id = text.slice(5, 21)
    const held = now(store, readKey('acme', id))
    expect(held?.key.epochs.client === 1 || held?.isRevoked === true).toBe(true)
  })
})

test('nothing that the store was ever given can be used as a key, or holds a secret', () => {
  const given: string[] = []
  const memory = memoryStore()
  const store: Store = {
    ...memory,
    get: (keys) => {
      given.push(JSON.stringify(keys))
      return memory.get(keys)
    },
    insert: (...args) => {
      given.push(JSON.stringify(args))
      return memory.insert(...args)
    },
    cas: (...args) => {
      given.push(JSON.stringify(args))
      return memory.cas(...args)
    },
    incr: (...args) => {
      given.push(JSON.stringify(args))
      return memory.incr(...args)
    },
  }
  const created = now(store, createKey('acme', WISH, NOW))
  const { id } = created.record
  const rotated = now(store, rotateKey('acme', id, ROTATION, NOW))
  if (rotated.kind !== 'rotated') throw new Error(rotated.kind)
  const texts = [created.key.reveal(), rotated.key.reveal()]
  now(store, revokeLeakedKey('acme', id, hashApiKey(texts[0] ?? ''), NOW))
  now(store, revokeKey('acme', id, NOW))
  now(store, revokeApplicationKeys('reports', NOW))
  const dump = given.join('\n')
  expect(given.length).toBeGreaterThan(10)
  for (const text of texts) expect(dump).not.toContain(text.slice(22, 65))
  expect(dump).not.toMatch(/acme_/)
})

/** Whether this text is a secret of the key and would be taken now. */
function works(store: Store, id: string, text: string): boolean {
  const held = now(store, readKey('acme', id))
  if (held === null || held.isRevoked) return false
  const { secretHash, previous, expiresAt } = held.key
  const hash = hashApiKey(text)
  if (timingSafeEqualTexts(hash, secretHash)) return expiresAt === null || NOW < expiresAt
  return previous !== null && hash === previous.secretHash && NOW < previous.until
}

/** Performs it alone, on a store that answers at once. */
function now<Result>(store: Store, steps: Steps<Result>): Result {
  const performed = perform(store, steps, 1_000)
  if (performed instanceof Promise) throw new Error('the store does not answer at once')
  if (performed.kind === 'unavailable') throw performed.cause
  return performed.result
}

const WISH = { applicationId: 'reports', name: null, scopes: [], lifetime: 7_776_000 }

/** Whatever processes do, and however far their clocks differ: whoever asks as often as told never misses a key. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  createSigningKeys,
  type SigningKeys,
} from '../../../src/lifecycle/signing-keys/signing-keys.js'
import type { Store } from '../../../src/lifecycle/store/store.js'
import { memoryStore } from '../../../src/stores/memory.js'
import { NOW } from './rings.js'

const [MAX_AGE, REFRESH, STALE, CLOCK_STEP] = [60, 10, 50, 60]
const LEAD = MAX_AGE + REFRESH + STALE + 3 * CLOCK_STEP
const LIFETIME = 120
/** How long the store is left alone after a failure. */
const PAUSE = 5
/** As often as it may be: the next key is published no longer than it has to be. */
const ROTATION = LEAD

type Action =
  | { readonly kind: 'wait'; readonly seconds: number }
  | {
      readonly kind: 'sign' | 'show' | 'tick' | 'restart' | 'outage' | 'read_only' | 'compromise'
      readonly process: number
    }

const aProcess = fc.nat(2)
const anAction = (...kinds: readonly Exclude<Action['kind'], 'wait'>[]): fc.Arbitrary<Action> =>
  fc.record({ kind: fc.constantFrom(...kinds), process: aProcess })
const aWait: fc.Arbitrary<Action> = fc.record({
  kind: fc.constant('wait' as const),
  seconds: fc.oneof(
    fc.integer({ min: 1, max: 12 }),
    fc.constantFrom(MAX_AGE, LIFETIME, ROTATION - 1, ROTATION),
    fc.integer({ min: 1, max: 2 * ROTATION }),
  ),
})
const offsets = fc.tuple(...[0, 1, 2].map(() => fc.constantFrom(-CLOCK_STEP, 0, 7, CLOCK_STEP)))
const everydayActions = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: aWait },
    { weight: 5, arbitrary: anAction('sign', 'show', 'show') },
    { weight: 1, arbitrary: anAction('tick', 'restart', 'outage', 'read_only') },
  ),
  { minLength: 20, maxLength: 60 },
)
const worseActions = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: aWait },
    { weight: 5, arbitrary: anAction('sign', 'show', 'show') },
    { weight: 1, arbitrary: anAction('tick', 'restart', 'outage', 'compromise') },
  ),
  { minLength: 20, maxLength: 60 },
)

describe('in any history', { timeout: 60_000 }, () => {
  it('each token verifies by what was published as long ago as anybody may keep it', async () => {
    await fc.assert(
      fc.asyncProperty(offsets, everydayActions, async (clocks, actions) => {
        const history = await live(clocks, actions)
        for (const token of history.tokens) {
          for (const shown of history.shown.filter((each) => concerns(each, token))) {
            expect(shown.kids).toContain(token.kid)
          }
        }
      }),
      { numRuns: 100 },
    )
  })

  it('a compromised key is gone at once where that was done, and elsewhere within a refresh', async () => {
    await fc.assert(
      fc.asyncProperty(offsets, worseActions, async (clocks, actions) => {
        const { tokens, shown, compromised } = await live(clocks, actions)
        for (const { kid, at, order, process } of compromised) {
          const knows = (other: Seen): boolean =>
            other.process === process
              ? other.order > order
              : other.at >= at + REFRESH && other.isWell
          expect(tokens.filter(knows).map((token) => token.kid)).not.toContain(kid)
          expect(shown.filter(knows).flatMap(({ kids }) => kids)).not.toContain(kid)
        }
        for (const token of tokens) {
          const lateEnough = compromised.every(({ at }) => at > token.at || at + LEAD <= token.at)
          const isGood = compromised.every(({ kid }) => kid !== token.kid)
          if (!lateEnough || !isGood) continue
          for (const each of shown) {
            if (concerns(each, token)) expect(each.kids).toContain(token.kid)
          }
        }
      }),
      { numRuns: 100 },
    )
  })
})

interface Seen {
  /** By a clock that is right. */
  readonly at: number
  readonly order: number
  readonly process: number
  /** Whether the process could ask the store, for as long as it goes by an answer or minds a failure. */
  readonly isWell: boolean
}

interface Token extends Seen {
  readonly kid: string
  readonly expiresAt: number
}

interface Shown extends Seen {
  readonly kids: readonly string[]
}

interface Lived {
  readonly tokens: readonly Token[]
  readonly shown: readonly Shown[]
  readonly compromised: readonly (Seen & { readonly kid: string })[]
}

/**
 * Whether a token may be judged by this: somebody may still keep it when the token is made, or get it before the token has
 * ended, by a clock that is behind and with the largest leeway.
 */
function concerns(shown: Shown, token: Token): boolean {
  return shown.at > token.at - MAX_AGE && shown.at < token.expiresAt + 2 * CLOCK_STEP
}

async function live(clocks: readonly number[], actions: readonly Action[]): Promise<Lived> {
  const store = memoryStore()
  let now = NOW
  const tokens: Token[] = []
  const shown: Shown[] = []
  const compromised: (Seen & { readonly kid: string })[] = []
  const processes = clocks.map((offset) => aServer(store, () => now + offset))
  for (const [order, action] of actions.entries()) {
    if (action.kind === 'wait') {
      now += action.seconds
      continue
    }
    const server = processes[action.process]
    if (server === undefined) throw new Error('no such process')
    const isWell = !server.isInTrouble && now - server.troubledAt >= REFRESH + PAUSE
    const seen: Seen = { at: now, order, process: action.process, isWell }
    switch (action.kind) {
      case 'sign': {
        const lookup = await server.keys.current(server.clock.now())
        if (lookup.kind !== 'key') break
        const expiresAt = server.clock.now() + LIFETIME
        tokens.push({ ...seen, kid: lookup.key.kid, expiresAt })
        break
      }
      case 'show': {
        const answer = await server.keys.jwks()
        if (answer.kind !== 'document') break
        const { keys } = JSON.parse(answer.document.body) as { keys: { kid: string }[] }
        shown.push({ ...seen, kids: keys.map(({ kid }) => kid) })
        break
      }
      case 'compromise': {
        const lookup = await server.keys.current(server.clock.now())
        if (lookup.kind !== 'key') break
        const { kid } = lookup.key
        const result = await server.keys.compromise(kid).catch(() => null)
        if (result?.kind === 'compromised') {
          compromised.push({ ...seen, kid })
        }
        break
      }
      case 'tick':
        await server.keys.tick()
        break
      default:
        server.suffer(action.kind)
    }
    if (action.kind === 'outage') server.troubledAt = now
  }
  return { tokens, shown, compromised }
}

function aServer(store: Store, now: () => number) {
  const trouble = { outage: false, readOnly: false }
  const guard = (isWrite: boolean): void => {
    if (trouble.outage || (isWrite && trouble.readOnly)) throw new Error('not now')
  }
  const reached: Pick<Store, 'get' | 'insert' | 'cas'> = {
    get(keys) {
      guard(false)
      return store.get(keys)
    },
    insert(...given) {
      guard(true)
      return store.insert(...given)
    },
    cas(...given) {
      guard(true)
      return store.cas(...given)
    },
  }
  const clock = { now }
  const start = (): SigningKeys =>
    createSigningKeys({
      store: reached,
      algorithm: 'ES256',
      dangerouslyStoreKeysInClear: true,
      clock,
      longestTokenLifetime: LIFETIME,
      rotation: ROTATION,
      lead: LEAD,
      jwksMaxAge: MAX_AGE,
      refresh: REFRESH,
      staleIfError: STALE,
    })
  return {
    clock,
    keys: start(),
    troubledAt: Number.NEGATIVE_INFINITY,
    get isInTrouble() {
      return trouble.outage
    },
    suffer(kind: 'restart' | 'outage' | 'read_only') {
      if (kind === 'restart') this.keys = start()
      if (kind === 'outage') trouble.outage = !trouble.outage
      if (kind === 'read_only') trouble.readOnly = !trouble.readOnly
    },
  }
}

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { JwkSet, KeySetLookup } from '../../src/jwt/jwk-set.js'
import type { Fetched } from '../../src/remote/fetch-document.js'
import { SurvivingKeys } from '../../src/remote/surviving-keys.js'

const NOW = 1_767_225_600

/** One request, some seconds after the one before: by a token whose key is known, or by one whose key is not. */
const request = fc.record({
  after: fc.oneof(fc.integer({ min: 0, max: 5 }), fc.integer({ min: 6, max: 2_000 })),
  isKnown: fc.boolean(),
  /** What the issuer would say now: which keys, for how long; or nothing, and when to come back. */
  issuer: fc.oneof(
    fc.record({
      kid: fc.constantFrom('a', 'b'),
      freshSeconds: fc.integer({ min: 20, max: 600 }),
    }),
    fc.record({ retryAfterSeconds: fc.option(fc.integer({ min: 0, max: 1_000 })) }),
  ),
})
const settings = fc.record({
  cooldownSeconds: fc.integer({ min: 1, max: 120 }),
  staleSeconds: fc.integer({ min: 0, max: 4_000 }),
})

describe('keys that survive, whatever the issuer does', () => {
  it('are the last that it published, for a bounded time, and it is asked at most once per cooldown', async () => {
    await fc.assert(
      fc.asyncProperty(settings, fc.array(request, { maxLength: 60 }), async (given, requests) => {
        const { cooldownSeconds, staleSeconds } = given
        let now = NOW
        let says: Fetched<JwkSet> = failed(null)
        /** The model: the last good document and the attempts, and nothing else. */
        let good: { readonly kid: string; readonly at: number; readonly fresh: number } | null =
          null
        const attempts: { readonly at: number; readonly hadAgedOut: boolean }[] = []
        const keys = new SurvivingKeys({
          name: 'issuer',
          timeoutMilliseconds: 1_000,
          ...given,
          async fetch(at) {
            attempts.push({ at, hadAgedOut: good === null || at >= good.at + good.fresh })
            if (says.kind === 'fetched') {
              good = { kid: kidOf(says.document), at, fresh: says.freshSeconds }
            }
            return says
          },
        })
        for (const { after, isKnown, issuer } of requests) {
          now += after
          says =
            'kid' in issuer
              ? {
                  kind: 'fetched',
                  document: { keys: [{ kid: issuer.kid }] },
                  freshSeconds: issuer.freshSeconds,
                }
              : failed(issuer.retryAfterSeconds)
          let lookup: KeySetLookup = await keys.current(now)
          if (!isKnown && lookup.kind === 'set') lookup = await keys.refreshed(now, lookup.set)
          await new Promise((resolve) => setImmediate(resolve))

          // TypeScript does not see that `fetch` sets it.
          const last = good as { kid: string; at: number; fresh: number } | null
          if (lookup.kind === 'unavailable') {
            expect(lookup.retryAfterSeconds).toBeGreaterThanOrEqual(1)
            const isServable = last !== null && now < last.at + last.fresh + staleSeconds
            if (isServable) expect(isKnown).toBe(false)
          } else {
            expect(last).not.toBeNull()
            if (last !== null) expect(now).toBeLessThan(last.at + last.fresh + staleSeconds)
            expect((await keys.current(now)).kind).toBe('set')
          }
          const then = await keys.current(now)
          if (then.kind === 'set') expect(kidOf(then.set)).toBe(last?.kid)
        }
        for (const [index, { at, hadAgedOut }] of attempts.entries()) {
          const before = attempts[index - 1]
          if (before === undefined || hadAgedOut) continue
          expect(at - before.at).toBeGreaterThanOrEqual(cooldownSeconds)
        }
      }),
      { numRuns: 300 },
    )
  })
})

function failed(retryAfterSeconds: number | null): Fetched<JwkSet> {
  return { kind: 'failed', isAbsent: false, retryAfterSeconds, cause: new Error('down') }
}

function kidOf({ keys }: JwkSet): string {
  return keys[0]?.kid ?? ''
}

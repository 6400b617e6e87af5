import fc from 'fast-check'
import { expect, test } from 'vitest'
import { IntrospectionDesk } from '../../../src/verify/introspection/introspection-desk.js'
import type { IntrospectionAnswer } from '../../../src/verify/introspection/introspection-source.js'
import { NOW } from '../verifier-kit.js'
import { active, down, inactive } from './introspection-kit.js'

const MAX_AGE = 30
const NEGATIVE_MAX_AGE = 5

/** What the server says from some moment on, and when a request comes; the clock may be set back. */
const history = fc.array(
  fc.record({
    says: fc.oneof(
      fc.record({ kind: fc.constant('active' as const), exp: fc.integer({ min: -5, max: 90 }) }),
      fc.record({ kind: fc.constant('inactive' as const) }),
      fc.record({ kind: fc.constant('down' as const) }),
    ),
    passes: fc.integer({ min: -20, max: 20 }),
    text: fc.constantFrom('a', 'b', 'c'),
  }),
  { minLength: 1, maxLength: 60 },
)

/** A question as the server saw it. */
interface Asked {
  readonly at: number
  readonly kind: 'active' | 'inactive' | 'down'
  readonly exp: number
}

test('whatever the answers and times, a served answer is the last one, in its time, and before its expiry', async () => {
  await fc.assert(
    fc.asyncProperty(history, fc.integer({ min: 1, max: 5 }), async (steps, maxTokens) => {
      const asked = new Map<string, Asked>()
      let now = NOW
      let step = steps[0]
      const desk = new IntrospectionDesk({
        source: {
          issuer: 'https://id.example.com',
          async introspect({ token, now: at }): Promise<IntrospectionAnswer> {
            const exp = step?.says.kind === 'active' ? at + step.says.exp : 0
            const kind = step?.says.kind ?? 'down'
            if (kind !== 'down') asked.set(token.reveal(), { at, kind, exp })
            if (kind === 'down') return down()
            return kind === 'inactive' ? inactive : active({ exp, iat: undefined })
          },
        },
        cache: { maxAgeSeconds: MAX_AGE, negativeMaxAgeSeconds: NEGATIVE_MAX_AGE, maxTokens },
        timeoutMilliseconds: 3_000,
        concurrent: 4,
        queued: 4,
      })
      for (step of steps) {
        now += step.passes
        const before = asked.get(step.text)
        const answer = await desk.ask(step.text, { now, report: () => {} })
        const last = asked.get(step.text)
        if (answer.kind === 'unavailable') continue
        expect(answer.kind).toBe(last?.kind)
        if (last !== before || last === undefined) continue
        // Remembered: no older than it may be, not from the future, and not beyond the token's own end.
        const age = now - last.at
        expect(age).toBeGreaterThanOrEqual(0)
        expect(age).toBeLessThan(last.kind === 'active' ? MAX_AGE : NEGATIVE_MAX_AGE)
        if (last.kind === 'active') expect(now).toBeLessThan(last.exp)
      }
    }),
    { numRuns: 500 },
  )
})

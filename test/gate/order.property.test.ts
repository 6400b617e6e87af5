import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createGate } from '../../src/gate.js'
import { respond } from '../../src/http/respond.js'
import { STEPS as ALL_STEPS, type Outcome } from '../../src/outcome/outcome.js'
import { definePolicy } from '../../src/policy/define-policy.js'
import { defineScopes } from '../../src/scope/define-scopes.js'
import { stubCookie } from '../support/stub-verifiers.js'
import { aView } from '../support/views.js'

/** What is wrong with a request, one flag for each step of the gate, in the order of the steps. */
const STEPS = [
  ['ambiguity', 'invalid_request'],
  ['verify', 'invalid_token'],
  ['revocation', 'invalid_token'],
  ['csrf', 'denied'],
  ['scopes', 'insufficient_scope'],
  ['login', 'insufficient_user_authentication'],
  ['facts', 'unavailable'],
  ['load', 'absent'],
  ['policy', 'denied'],
  ['allow', 'denied'],
] as const

type Step = (typeof STEPS)[number][0]

async function decideWith(
  faults: ReadonlySet<Step>,
): Promise<{ outcome: Outcome; asked: string[] }> {
  const asked: string[] = []
  const scopes = defineScopes({ resources: { things: ['read'] } })
  const policy = definePolicy(scopes, {
    types: { thing: { attributes: { id: 'number' } } },
    predicates: {
      agreed: () => {
        asked.push('policy')
        return !faults.has('policy')
      },
    },
    rules: ({ on, predicate }) => [on('thing').allow('agreed', 'things:read', predicate('agreed'))],
  })
  const gate = createGate({
    resource: 'https://api.example.com',
    clock: { now: () => 1000 },
    scopes,
    verifiers: { session: stubCookie('sid') },
    policy: {
      policy,
      principal: () => {
        asked.push('facts')
        if (faults.has('facts')) throw new Error('down')
        return {}
      },
    },
    revocation: {
      isRevoked: () => {
        asked.push('revocation')
        return faults.has('revocation')
      },
    },
  })
  const guard = gate.guard({
    action: 'things:read',
    type: 'thing',
    login: { maxAge: 60 },
    load: () => {
      asked.push('load')
      return faults.has('load') ? null : { id: 1 }
    },
    allow: () => {
      asked.push('allow')
      return !faults.has('allow')
    },
  })
  const scope = faults.has('scopes') ? 'other' : 'things.read'
  const cookie = `sid=${faults.has('verify') ? 'junk' : 'user'}~alice~${scope}~${faults.has('login') ? 1 : 999}`
  const request = aView({
    method: 'POST',
    fields: {
      cookie,
      'sec-fetch-site': faults.has('csrf') ? 'cross-site' : 'same-origin',
      ...(faults.has('ambiguity') ? { authorization: 'Bearer user~alice' } : {}),
    },
  })
  return { outcome: await guard.decide(request, undefined), asked }
}

const faults = fc.subarray(STEPS.map(([step]) => step)).map((steps) => new Set<Step>(steps))

describe('the order of the steps', () => {
  test('whatever is wrong, the outcome is that of the earliest step that fails', async () => {
    await fc.assert(
      fc.asyncProperty(faults, async (wrong) => {
        const { outcome } = await decideWith(wrong)
        const first = STEPS.find(([step]) => wrong.has(step))
        expect(outcome.kind).toBe(first === undefined ? 'granted' : first[1])
        expect(outcome.trace.at(-1)?.step).toBe(first === undefined ? 'allow' : first[0])
      }),
      { numRuns: 400 },
    )
  })

  test('no step runs after one that failed: nothing is looked up or loaded for those who lack the scope', async () => {
    await fc.assert(
      fc.asyncProperty(faults, async (wrong) => {
        const { asked } = await decideWith(wrong)
        const failedAt = STEPS.findIndex(([step]) => wrong.has(step))
        const reached = STEPS.slice(0, failedAt < 0 ? STEPS.length : failedAt + 1).map(
          ([step]) => step,
        )
        expect(asked).toEqual(
          reached.filter((step) =>
            ['revocation', 'facts', 'load', 'policy', 'allow'].includes(step),
          ),
        )
      }),
      { numRuns: 400 },
    )
  })

  test('every step of the gate that can refuse is among those that are broken here', () => {
    const broken: readonly string[] = STEPS.map(([step]) => step)
    expect(ALL_STEPS.filter((step) => !broken.includes(step))).toEqual(['collect', 'choose'])
  })

  test('removing a fault never makes the answer worse: the failing step only moves on', async () => {
    const rank = (outcome: Outcome) =>
      STEPS.findIndex(([step]) => outcome.trace.at(-1)?.step === step)
    await fc.assert(
      fc.asyncProperty(
        faults,
        fc.constantFrom(...STEPS.map(([step]) => step)),
        async (wrong, mended) => {
          const before = await decideWith(wrong)
          const after = await decideWith(new Set([...wrong].filter((step) => step !== mended)))
          expect(rank(after.outcome)).toBeGreaterThanOrEqual(rank(before.outcome))
        },
      ),
      { numRuns: 400 },
    )
  })

  test('the trace of a refusal names every earlier step as passed', async () => {
    await fc.assert(
      fc.asyncProperty(faults, async (wrong) => {
        const { outcome } = await decideWith(wrong)
        const codes = outcome.trace.slice(0, -1).map(({ code }) => code)
        expect(codes.every((code) => code === 'passed')).toBe(true)
        expect(outcome.trace[0]?.step).toBe('collect')
      }),
      { numRuns: 200 },
    )
  })
})

describe('what leaves through an answer', () => {
  const secret = fc.stringMatching(/^[A-Za-z0-9_-]{16,40}$/)

  test('an outcome and its answer never hold the secret that was presented, wherever it was', async () => {
    const gate = createGate({
      resource: 'https://api.example.com',
      verifiers: { session: stubCookie('sid') },
    })
    const guard = gate.guard({
      accept: 'session',
      scopes: gate.scopes.requirement({ kind: 'authenticated' }),
    })
    await fc.assert(
      fc.asyncProperty(
        secret,
        fc.constantFrom('junk', 'throw', 'down', 'user'),
        fc.constantFrom('cookie', 'url', 'authorization', 'both', 'cleartext'),
        async (text, what, place) => {
          const fields = {
            ...(place === 'authorization' || place === 'both'
              ? { authorization: `Bearer ${text}` }
              : {}),
            ...(place === 'authorization' ? {} : { cookie: `sid=${what}~${text}` }),
            'sec-fetch-site': 'cross-site',
          }
          const url = place === 'url' ? `/?access_token=${text}` : '/'
          const view = aView({ method: 'POST', url, fields, encrypted: place !== 'cleartext' })
          const outcome = await guard.decide(view, undefined)
          expect(outcome.kind).not.toBe('granted')
          if (outcome.kind === 'granted') return
          expect(JSON.stringify(outcome)).not.toContain(text)
          expect(JSON.stringify(respond(outcome))).not.toContain(text)
        },
      ),
      { numRuns: 400 },
    )
  })
})

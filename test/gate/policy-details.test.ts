import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { createGate } from '../../src/gate.js'
import { definePolicy } from '../../src/policy/define-policy.js'
import { defineDetail } from '../../src/policy/detail/define-detail.js'
import { defineDetails } from '../../src/policy/detail/details.js'
import { defineScopes } from '../../src/scope/define-scopes.js'
import type { StandardSchema } from '../../src/shared/standard-schema.js'
import { createTestClock } from '../../src/testing/test-clock.js'
import { createTestIssuer } from '../../src/testing/test-issuer.js'
import { jwtBearer } from '../../src/verify/jwt-bearer.js'
import { aView } from '../support/views.js'

const clock = createTestClock()
const issuer = await createTestIssuer({ clock })
const scopes = defineScopes({ resources: { payments: ['create'] } })
const details = defineDetails(
  defineDetail('upto', {
    fields: ['max'],
    schema: z.object({ max: z.number() }),
    asks: { amount: 'number' },
    covers: ({ max }, { amount }) => amount <= max,
  }),
  defineDetail('blocked', {
    fields: ['from'],
    schema: z.object({ from: z.number() }),
    asks: { amount: 'number' },
    covers: ({ from }, { amount }) => amount >= from,
  }),
)
const types = { payment: { attributes: { amount: 'number' } } } as const
const allowing = definePolicy(scopes, {
  details,
  types,
  rules: ({ on, detail }) => [
    on('payment').allow('as consented', 'payments:create', ({ amount }) =>
      detail('upto', { amount }),
    ),
  ],
})
const denying = definePolicy(scopes, {
  details,
  types,
  rules: ({ on, detail }) => [
    on('payment').allow('all', 'payments:create'),
    on('payment').deny('blocked', 'payments:create', ({ amount }) => detail('blocked', { amount })),
  ],
})

async function ask(
  policy: typeof allowing | typeof denying,
  amount: number,
  claims: Readonly<Record<string, unknown>>,
  schema?: StandardSchema,
): Promise<string> {
  const verifier = jwtBearer({
    ...issuer.trust,
    ...(schema === undefined ? {} : { claims: schema }),
  })
  const gate = createGate({
    resource: issuer.audience,
    clock,
    scopes,
    verifiers: { user: verifier },
    policy: { policy, principal: () => ({}), anonymous: () => ({}) },
  })
  const guard = gate.guard({ action: 'payments:create', type: 'payment', load: () => ({ amount }) })
  const token = await issuer.token({ subject: 'alice', scope: 'payments:create', claims })
  const view = aView({ fields: { authorization: `Bearer ${token}` } })
  const outcome = await guard.decide(view, null)
  return outcome.kind === 'denied' ? outcome.reason : outcome.kind
}

describe('a policy with details, asked by a gate', () => {
  const consented = { authorization_details: [{ type: 'upto', max: 5 }] }
  const blocked = { authorization_details: [{ type: 'blocked', from: 5 }] }

  test('allows what the claim of the token covers, and no more', async () => {
    expect(await ask(allowing, 5, consented)).toBe('granted')
    expect(await ask(allowing, 6, consented)).toBe('no_rule_allows')
    expect(await ask(allowing, 5, {})).toBe('no_rule_allows')
  })

  test('denies what the claim of the token names, and permits what it does not', async () => {
    expect(await ask(denying, 4, blocked)).toBe('granted')
    expect(await ask(denying, 5, blocked)).toBe('rule_denies')
  })

  test('lifts no denial by a claim that is not there, or that is none', async () => {
    expect(await ask(denying, 4, {})).toBe('rule_denies')
    expect(await ask(denying, 4, { authorization_details: 'none' })).toBe('rule_denies')
  })

  test('sees the claim as the schema of the verifier has left it: left out, it is unknown', async () => {
    const keeping = z.looseObject({ sub: z.string() })
    const leaving = z.object({ sub: z.string() })
    expect(await ask(allowing, 5, consented, keeping)).toBe('granted')
    expect(await ask(allowing, 5, consented, leaving)).toBe('no_rule_allows')
    expect(await ask(denying, 5, blocked, keeping)).toBe('rule_denies')
    expect(await ask(denying, 5, blocked, leaving)).toBe('rule_denies')
  })
})

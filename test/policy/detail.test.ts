import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { definePolicy } from '../../src/policy/define-policy.js'
import { defineDetail } from '../../src/policy/detail/define-detail.js'
import { defineDetails, type GrantedDetails } from '../../src/policy/detail/details.js'
import { defineScopes } from '../../src/scope/define-scopes.js'

const payment = defineDetail('payment_initiation', {
  fields: ['instructedAmount', 'creditorAccount', 'locations'],
  schema: z.object({
    instructedAmount: z.object({ currency: z.string(), amount: z.number() }),
    creditorAccount: z.string().optional(),
    locations: z.array(z.string()).optional(),
  }),
  asks: { amount: 'number', currency: ['EUR', 'USD'], creditor: 'string' },
  covers: ({ instructedAmount, creditorAccount }, { amount, currency, creditor }) => {
    if (creditor === 'throws') throw new Error('compared')
    return (
      instructedAmount.currency === currency &&
      amount <= instructedAmount.amount &&
      (creditorAccount === undefined || creditorAccount === creditor)
    )
  },
})
const account = defineDetail('account_information', {
  fields: ['actions'],
  schema: z.object({ actions: z.array(z.string()) }),
  asks: { action: 'string' },
  covers: ({ actions }, { action }) => actions.includes(action),
})
const details = defineDetails(payment, account)
const upTo = (amount: number, more: object = {}) => ({
  type: 'payment_initiation',
  instructedAmount: { currency: 'EUR', amount },
  ...more,
})
const claim = (...list: unknown[]) => details.fromClaims({ authorization_details: list })
const fifty = { amount: 50, currency: 'EUR', creditor: 'DE1' } as const

describe('a granted detail', () => {
  test('covers what the comparison of its type says, on the bound and beyond', () => {
    const granted = claim(upTo(50))
    expect(details.covers(granted, 'payment_initiation', fifty)).toEqual({ kind: 'covered' })
    for (const change of [{ amount: 50.01 }, { currency: 'USD' as const }]) {
      const asked = { ...fifty, ...change }
      expect(details.covers(granted, 'payment_initiation', asked)).toEqual({ kind: 'not_covered' })
    }
  })

  test('covers alone: two that would together do not', () => {
    const granted = claim(upTo(30), upTo(30), { type: 'account_information', actions: ['read'] })
    expect(details.covers(granted, 'payment_initiation', fifty).kind).toBe('not_covered')
    expect(details.covers(granted, 'account_information', { action: 'read' }).kind).toBe('covered')
    expect(details.covers(granted, 'account_information', { action: 'write' }).kind).toBe(
      'not_covered',
    )
  })

  test.each<[string, unknown, string]>([
    ['a type that is not known', { type: 'constructor' }, 'type_unknown'],
    [
      'a field that is not known, and may restrict it',
      upTo(50, { onlyOnMondays: true }),
      'field_unknown',
    ],
    [
      'a field of the prototype',
      JSON.parse('{"type":"payment_initiation","__proto__":{}}'),
      'field_unknown',
    ],
    ['a value that the schema refuses', upTo('50' as never), 'malformed'],
    ['no type', { instructedAmount: {} }, 'malformed'],
    ['a type that is no text', { type: ['payment_initiation'] }, 'malformed'],
    ['a text', 'payment_initiation', 'malformed'],
    ['null', null, 'malformed'],
  ])('with %s grants nothing, and takes nothing away', (_what, one, reason) => {
    const granted = claim(one, upTo(50))
    expect(granted.ignored).toEqual([{ index: 0, reason }])
    expect(details.covers(granted, 'payment_initiation', fifty).kind).toBe('covered')
    expect(details.covers(claim(one), 'payment_initiation', fifty).kind).toBe('not_covered')
  })

  test.each<[string, unknown, GrantedDetails['problem']]>([
    ['absent', undefined, null],
    ['an object', upTo(50), 'details_malformed'],
    ['a text', JSON.stringify([upTo(50)]), 'details_malformed'],
    ['null', null, 'details_malformed'],
    ['of 65 details', Array.from({ length: 65 }, () => upTo(50)), 'details_limit'],
    ['nested without end', [nested(40)], 'details_malformed'],
  ])('of a claim that is %s grants nothing', (_what, value, problem) => {
    const granted = details.fromClaims(value === undefined ? {} : { authorization_details: value })
    expect(granted).toMatchObject({ details: [], problem })
    expect(details.covers(granted, 'payment_initiation', fifty).kind).toBe('not_covered')
  })

  test('is read from own members only', () => {
    const claims = Object.create({ authorization_details: [upTo(50)] })
    expect(details.fromClaims(claims).details).toEqual([])
  })

  test('is not asked about what is not of its kind', () => {
    for (const [attribute, value] of [
      ['amount', '50'],
      ['amount', Number.NaN],
      ['currency', 'GBP'],
      ['creditor', undefined],
    ] as const) {
      const asked = { ...fifty, [attribute]: value } as typeof fifty
      expect(details.covers(claim(upTo(50)), 'payment_initiation', asked)).toEqual({
        kind: 'malformed',
        attribute,
      })
    }
  })

  test('whose comparison throws is not told', () => {
    const asked = { ...fifty, creditor: 'throws' }
    expect(details.covers(claim(upTo(50)), 'payment_initiation', asked)).toEqual({
      kind: 'failed',
      cause: new Error('compared'),
    })
  })
})

describe('a request for details', () => {
  test('is valid if all of it is understood', () => {
    expect(details.request([upTo(50)])).toMatchObject({ kind: 'valid' })
  })

  test.each<[string, unknown]>([
    ['one that is not known', [upTo(50), { type: 'x' }]],
    ['one with an unknown field', [upTo(50, { x: 1 })]],
    ['none', []],
    ['no list', upTo(50)],
    ['nothing', undefined],
  ])('is refused as a whole for %s', (_what, value) => {
    expect(details.request(value)).toMatchObject({
      kind: 'refused',
      error: 'invalid_authorization_details',
    })
  })
})

describe('a rule about a detail', () => {
  const scopes = defineScopes({ resources: { payments: ['create'] } })
  const policy = definePolicy(scopes, {
    details,
    context: { amount: 'number', currency: ['EUR', 'USD'] },
    types: { account: { attributes: { iban: 'string', locked: 'boolean?' } } },
    rules: ({ on, context, detail }) => [
      on('account').allow('as consented', 'payments:create', (one) =>
        detail('payment_initiation', {
          amount: context.amount,
          currency: context.currency,
          creditor: one.iban,
        }),
      ),
    ],
  })
  const ask = (granted: GrantedDetails | undefined, amount: unknown = 50, iban = 'DE1') =>
    policy.decide({
      principal: {},
      grant: 'undelegated',
      ...(granted === undefined ? {} : { details: granted }),
      context: { amount: amount as number, currency: 'EUR' },
      action: 'payments:create',
      type: 'account',
      resource: { iban },
    })

  test('permits what is covered, and nothing else', () => {
    expect(ask(claim(upTo(50)))).toMatchObject({ kind: 'permitted', rule: 'as consented' })
    expect(ask(claim(upTo(50)), 51)).toMatchObject({ reason: 'no_rule_allows' })
    expect(ask(claim(upTo(50, { creditorAccount: 'DE2' })))).toMatchObject({
      reason: 'no_rule_allows',
    })
  })

  test('permits nobody who was granted none, also if he acts for himself', () => {
    expect(ask(undefined)).toMatchObject({ reason: 'no_rule_allows' })
    expect(ask(claim())).toMatchObject({ reason: 'no_rule_allows' })
  })

  test('that denies is not lifted by a claim that nobody has read, or could read', () => {
    const denying = definePolicy(scopes, {
      details,
      types: { account: { attributes: { action: 'string' } } },
      rules: ({ on, detail, not }) => [
        on('account').allow('all', 'payments:create'),
        on('account').deny('over', 'payments:create', ({ action }) =>
          detail('account_information', { action }),
        ),
        on('account').deny('never', 'payments:create', ({ action }) =>
          not(detail('account_information', { action: action })),
        ),
      ],
    })
    const { rules } = denying.model
    const only = (name: string) =>
      definePolicy(scopes, {
        details,
        types: { account: { attributes: { action: 'string' } } },
        rules: rules.filter((rule) => rule.name === name || rule.effect === 'allow'),
      })
    const unread: readonly (GrantedDetails | undefined)[] = [
      undefined,
      details.fromClaims({ authorization_details: 'text' }),
      details.fromClaims({ authorization_details: Array(65).fill(upTo(5)) }),
      claim({ type: 'account_information', restricted: 'nobody knows how' }),
      claim({ type: 'account_information', actions: 7 }),
      claim('text'),
    ]
    const kinds = (name: string) =>
      [...unread, claim(), claim({ type: 'of another API' })].map((granted) => {
        const decision = only(name).decide({
          principal: {},
          grant: 'undelegated',
          ...(granted === undefined ? {} : { details: granted }),
          action: 'payments:create',
          type: 'account',
          resource: { action: 'read' },
        })
        return 'kind' in decision && decision.kind
      })
    expect(kinds('over')).toEqual([...unread.map(() => 'permission'), 'permitted', 'permitted'])
    expect(kinds('never')).toEqual(Array(unread.length + 2).fill('permission'))
  })

  test('does not apply to what is missing, and cannot be told if the comparison throws', () => {
    expect(ask(claim(upTo(50)), '50')).toMatchObject({ reason: 'no_rule_allows' })
    expect(ask(claim(upTo(50)), 50, 'throws')).toMatchObject({
      kind: 'unavailable',
      cause: new Error('compared'),
    })
  })

  test('is data, and comes back from a file', () => {
    const text = JSON.stringify(policy)
    const again = definePolicy(scopes, { ...JSON.parse(text), details })
    expect(again.version).toBe(policy.version)
    expect(JSON.stringify(again)).toBe(text)
  })

  test('is compared by a function, so that no list can be made with it', async () => {
    const listing = policy.filter({
      principal: {},
      grant: 'undelegated',
      action: 'payments:create',
      type: 'account',
    })
    await expect(listing).rejects.toMatchObject({ code: 'policy_not_listable' })
  })

  test('is explained with what it asked', async () => {
    const { trace } = await policy.explain({
      principal: {},
      grant: 'undelegated',
      details: claim(upTo(10)),
      context: { amount: 50, currency: 'EUR' },
      action: 'payments:create',
      type: 'account',
      resource: { iban: 'DE1' },
    })
    expect(trace.rules[0]).toMatchObject({ truth: 'false', when: { kind: 'atom' } })
  })

  test.each<[string, string, object, string]>([
    ['a type of nowhere', 'payment', {}, 'there is no detail "payment"'],
    ['a member of nowhere', 'account_information', { acton: 'x' }, "asks no 'acton'"],
    ['a member that is left out', 'account_information', {}, "asks for 'action'"],
    ['a value of another kind', 'account_information', { action: 1 }, 'is of kind string'],
  ])('is refused when it is defined, for %s', (_what, name, asked, message) => {
    expect(() =>
      definePolicy(scopes, {
        details,
        types: { account: { attributes: { iban: 'string' } } },
        rules: ({ on, detail }) => [
          on('account').allow('one', 'payments:create', detail(name, asked as { action: string })),
        ],
      }),
    ).toThrow(message)
  })
})

describe('a type of detail', () => {
  const right = { fields: ['a'], schema: z.object({}), asks: {}, covers: () => true }

  test.each<[string, object]>([
    ['a schema that is none', { schema: {} }],
    ['fields that are none', { fields: 'a' }],
    ['its type among its fields', { fields: ['type'] }],
    ['a comparison that is none', { covers: true }],
    ['a kind of nowhere', { asks: { a: 'text' } }],
    ['a member that nobody reads', { compare: () => true }],
  ])('is refused for %s', (_what, change) => {
    expect(() => defineDetail('x', { ...right, ...change } as never)).toThrow("defineDetail: 'x'")
  })

  test('is declared once, and answers at once', () => {
    expect(() => defineDetails(payment, payment)).toThrow("two of type 'payment_initiation'")
    const later = defineDetails(
      defineDetail('x', { ...right, schema: z.object({}).refine(async () => true) }),
    )
    expect(later.fromClaims({ authorization_details: [{ type: 'x' }] }).ignored).toEqual([
      { index: 0, reason: 'malformed' },
    ])
  })
})

function nested(depth: number): unknown {
  return depth === 0 ? 1 : { a: nested(depth - 1) }
}

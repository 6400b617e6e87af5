import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  type AuthzenOptions,
  evaluateAuthzen,
  evaluateAuthzenBatch,
} from '../../src/policy/authzen/evaluate-authzen.js'
import { definePolicy } from '../../src/policy/define-policy.js'
import { defineScopes } from '../../src/scope/define-scopes.js'

const scopes = defineScopes({ resources: { docs: ['read', 'write'] } })
const asked: string[] = []
const policy = definePolicy(scopes, {
  principal: { id: 'string' },
  types: {
    document: {
      attributes: { id: 'string', owner: 'string?', until: 'number?' },
      conceal: 'docs:read',
    },
  },
  roles: { member: ['docs:read', 'docs:write'] },
  relations: {
    shared: {
      type: 'document',
      principal: 'id',
      resource: 'id',
      load: (pairs) =>
        pairs.map(({ resource }) => {
          asked.push(String(resource))
          if (resource === 'down') throw new Error('down')
          return resource === 'shared'
        }),
    },
  },
  rules: ({ on, principal, context, relation }) => [
    on('document').allow('owners', ['docs:read', 'docs:write'], (one) =>
      one.owner.eq(principal.id),
    ),
    on('document').allow('shared', 'docs:read', relation('shared')),
    on('document').deny('locked', 'docs:write', (one) => one.until.gt(context.now)),
  ],
})
const options: AuthzenOptions = { subjectType: 'user', grant: 'undelegated', now: 100 }
const subject = { type: 'user', id: 'alice', properties: { roles: ['member'] } }
const document = (id: string, properties: object = { owner: 'bob', until: 0 }) => ({
  type: 'document',
  id,
  properties,
})
const own = document('1', { owner: 'alice', until: 0 })
const read = { name: 'docs:read' }
const request = { subject, action: read, resource: own }

describe('an evaluation', () => {
  test('is true where the policy permits', async () => {
    expect(await evaluateAuthzen(policy, request, options)).toEqual({
      kind: 'decided',
      response: { decision: true },
    })
    const shared = { ...request, resource: document('shared') }
    expect(await evaluateAuthzen(policy, shared, options)).toMatchObject({
      response: { decision: true },
    })
  })

  test('is false with its reason where it does not', async () => {
    expect(await evaluateAuthzen(policy, { ...request, resource: document('2') }, options)).toEqual(
      {
        kind: 'decided',
        response: { decision: false, context: { reason: 'no_rule_allows', concealed: true } },
      },
    )
    const locked = document('1', { owner: 'alice', until: 101 })
    const write = { ...request, action: { name: 'docs:write' }, resource: locked }
    expect(await evaluateAuthzen(policy, write, options)).toEqual({
      kind: 'decided',
      response: { decision: false, context: { reason: 'rule_denies', rule: 'locked' } },
    })
    const narrow = { ...options, grant: scopes.grant('docs:read') }
    expect(await evaluateAuthzen(policy, write, narrow)).toMatchObject({
      response: { decision: false, context: { reason: 'insufficient_scope' } },
    })
  })

  test('is neither if it cannot be told', async () => {
    const down = { ...request, resource: document('down') }
    expect(await evaluateAuthzen(policy, down, options)).toEqual({
      kind: 'unavailable',
      cause: new Error('down'),
    })
  })

  test('takes nobody of another type for a principal', async () => {
    const machine = { ...request, subject: { ...subject, type: 'machine' } }
    expect(await evaluateAuthzen(policy, machine, options)).toMatchObject({
      response: { decision: false, context: { reason: 'subject_type_unknown' } },
    })
  })

  test('lets no property replace the id, and no request the time', async () => {
    const forged = {
      ...request,
      subject: { ...subject, id: 'mallory', properties: { roles: ['member'], id: 'alice' } },
    }
    expect(await evaluateAuthzen(policy, forged, options)).toMatchObject({
      response: { decision: false },
    })
    const late = {
      subject,
      action: { name: 'docs:write' },
      resource: document('1', { owner: 'alice', until: 101 }),
      context: { now: 102 },
    }
    for (const one of [options, { subjectType: 'user', grant: 'undelegated' } as const]) {
      expect(await evaluateAuthzen(policy, late, one)).toMatchObject({
        response: { decision: false, context: { reason: 'rule_denies' } },
      })
    }
  })

  test.each<[string, unknown, string]>([
    ['no object', null, 'request_malformed'],
    ['a list', [request], 'request_malformed'],
    ['no subject', { ...request, subject: undefined }, 'subject_malformed'],
    ['an id that is a number', { ...request, subject: { ...subject, id: 1 } }, 'subject_malformed'],
    [
      'properties that are a list',
      { ...request, subject: { ...subject, properties: [] } },
      'subject_malformed',
    ],
    ['an action that is a text', { ...request, action: 'docs:read' }, 'action_malformed'],
    ['a resource without a type', { ...request, resource: { id: '1' } }, 'resource_malformed'],
    ['a context that is a text', { ...request, context: 'x' }, 'context_malformed'],
    ['members of a prototype', Object.create(request), 'subject_malformed'],
  ])('is not made of what is none: %s', (_what, one, problem) => {
    expect(evaluateAuthzen(policy, one, options)).toEqual({ kind: 'malformed', problem })
  })

  test('never throws, and is never true, for whatever JSON holds', async () => {
    const names = fc.constantFrom(
      'subject',
      'action',
      'resource',
      'context',
      'type',
      'id',
      'name',
      'properties',
      'evaluations',
      'options',
      '__proto__',
    )
    const { node } = fc.letrec((tie) => ({
      node: fc.oneof(
        { maxDepth: 4, withCrossShrink: true },
        fc.constantFrom<unknown>('user', 'document', 'alice', 'docs:read', '', 1, null, true),
        fc.array(tie('node'), { maxLength: 3 }),
        fc.array(fc.tuple(names, tie('node'))).map((entries) => Object.fromEntries(entries)),
      ),
    }))
    await fc.assert(
      fc.asyncProperty(node, async (one) => {
        const single = await evaluateAuthzen(policy, one, options)
        const batch = await evaluateAuthzenBatch(policy, one, options)
        expect(JSON.stringify([single, batch])).not.toContain('"decision":true')
      }),
      { numRuns: 500 },
    )
  })
})

describe('a batch', () => {
  const batch = (ids: readonly string[], semantic?: string) => ({
    subject,
    action: read,
    ...(semantic === undefined ? {} : { options: { evaluations_semantic: semantic } }),
    evaluations: ids.map((id) => ({ resource: id === 'own' ? own : document(id) })),
  })
  const decisions = async (one: unknown) => {
    const outcome = await evaluateAuthzenBatch(policy, one, options)
    if (outcome.kind !== 'decided' || !('evaluations' in outcome.response)) return outcome.kind
    return outcome.response.evaluations.map(({ decision }) => decision)
  }

  test('answers all, in order, with the defaults that they share', async () => {
    expect(await decisions(batch(['own', '2', 'shared']))).toEqual([true, false, true])
    expect(await decisions(batch(['own', '2', 'shared'], 'execute_all'))).toEqual([
      true,
      false,
      true,
    ])
  })

  test('stops at the first refusal, or at the first permission, and asks no further', async () => {
    asked.length = 0
    expect(await decisions(batch(['own', '2', 'shared'], 'deny_on_first_deny'))).toEqual([
      true,
      false,
    ])
    expect(await decisions(batch(['2', 'own', 'shared'], 'permit_on_first_permit'))).toEqual([
      false,
      true,
    ])
    expect(asked).toEqual(['2', '2'])
  })

  test('cannot be told if one of those that count cannot', async () => {
    for (const semantic of ['execute_all', 'deny_on_first_deny', 'permit_on_first_permit']) {
      expect(await decisions(batch(['down', 'own'], semantic))).toBe('unavailable')
    }
    expect(await decisions(batch(['2', 'down'], 'deny_on_first_deny'))).toEqual([false])
  })

  test('takes what an evaluation says itself in place of the default, as a whole', async () => {
    const { evaluations: _, ...shared } = batch([])
    const mixed = {
      ...shared,
      resource: own,
      evaluations: [
        {},
        { subject: { type: 'user', id: 'bob' } },
        { action: { name: 'docs:write' } },
      ],
    }
    expect(await decisions(mixed)).toEqual([true, false, true])
    const undone = { ...shared, resource: own, evaluations: [{ resource: null }] }
    expect(await decisions(undone)).toBe('malformed')
  })

  test('is a single request without evaluations', async () => {
    for (const one of [request, { ...request, evaluations: [] }]) {
      expect(await evaluateAuthzenBatch(policy, one, options)).toEqual({
        kind: 'decided',
        response: { decision: true },
      })
    }
  })

  test.each<[string, object, string]>([
    [
      'more than 100',
      { ...batch([]), evaluations: Array.from({ length: 101 }, () => ({})) },
      'evaluations_malformed',
    ],
    ['no list', { ...batch([]), evaluations: {} }, 'evaluations_malformed'],
    ['a list of something else', { ...batch([]), evaluations: [1] }, 'evaluations_malformed'],
    ['semantics of nowhere', batch(['own'], 'permit_all'), 'semantic_unknown'],
    [
      'one that is malformed among others',
      { ...batch(['own']), evaluations: [{ resource: own }, {}] },
      'resource_malformed',
    ],
  ])('is refused as a whole: %s', async (_what, one, problem) => {
    expect(await evaluateAuthzenBatch(policy, one, options)).toEqual({ kind: 'malformed', problem })
  })
})

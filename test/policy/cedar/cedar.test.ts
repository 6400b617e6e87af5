import { describe, expect, test } from 'vitest'
import type { Condition } from '../../../src/policy/index.js'
import { Comparison, compareMany, emptyTally } from './agree.js'
import type { Sample, SampleRequest } from './sample.js'

test('Cedar decides 5,000 random requests as we do, down to the rule', {
  timeout: 120_000,
}, async () => {
  const { tally, disagreement } = await compareMany(5_000, 20_251_125)
  expect(disagreement).toBeNull()
  // Every way to come out was met: a run in which all is refused for one reason would prove little.
  expect(Object.entries(tally).filter(([, count]) => count === 0)).toEqual([])
  expect(tally.permitted).toBeGreaterThan(500)
})

describe('a rule about an attribute that is missing', () => {
  const gone: Condition = {
    kind: 'eq',
    left: { kind: 'attribute', of: 'resource', name: 'state' },
    right: { kind: 'value', value: 'live' },
  }
  const always: Condition = { kind: 'always' }

  test('denies with us, where Cedar drops its policy and permits: the difference that is meant to be', async () => {
    expect(await outcome(always, gone)).toEqual({ rule_denies: 1, erringDenyOpened: 1 })
  })

  test('denies with us though what is missing stands before what is true, where Cedar drops the policy', async () => {
    const both: Condition = { kind: 'anyOf', parts: [gone, always] }
    expect(await outcome(always, both)).toEqual({ rule_denies: 1, erringDenyOpened: 1 })
  })

  test('allows neither with us nor with Cedar', async () => {
    const other: Condition = { kind: 'not', part: gone }
    expect(await outcome(other, null)).toEqual({ no_rule_allows: 1, plainHarmlessError: 1 })
  })

  test('is beside the point in both where what comes before it decides', async () => {
    const settled: Condition = { kind: 'allOf', parts: [{ kind: 'never' }, gone] }
    expect(await outcome(always, settled)).toEqual({ permitted: 1, plainWithoutError: 1 })
  })
})

/** What is counted of one request that has every scope, with a rule that allows and perhaps one that denies. */
async function outcome(allow: Condition, deny: Condition | null): Promise<object> {
  const rule = (effect: 'allow' | 'deny', when: Condition) => ({
    effect,
    name: effect,
    type: 'post',
    actions: ['posts:read'],
    when,
  })
  const sample: Sample = {
    vocabulary: { resources: { posts: ['read'] } },
    principal: {},
    context: {},
    types: { post: { attributes: { state: 'string' } } },
    roles: null,
    relations: {},
    predicates: [],
    rules: [rule('allow', allow), ...(deny === null ? [] : [rule('deny', deny)])],
  }
  const request: SampleRequest = {
    principal: {},
    context: {},
    action: 'posts:read',
    type: 'post',
    resource: {},
    grant: { claim: 'posts:read' },
    answers: {},
  }
  const tally = emptyTally()
  expect(await new Comparison(sample, tally).check(request)).toBeNull()
  const { policies: _, requests: __, ...counts } = tally
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0))
}

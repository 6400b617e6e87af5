import { describe, expect, test } from 'vitest'
import { analyse } from '../../../src/policy/analysis/analyse.js'
import type { Condition } from '../../../src/policy/condition/condition.js'
import { definePolicy } from '../../../src/policy/define-policy.js'
import { diffPolicies } from '../../../src/policy/diff/diff-policies.js'
import { defineScopes } from '../../../src/scope/define-scopes.js'

const scopes = defineScopes({ resources: { posts: ['read'] } })

function named<Value>(count: number, value: Value): Record<string, Value> {
  return Object.fromEntries(Array.from({ length: count }, (_, index) => [`n${index}`, value]))
}
const names = (count: number) => Object.keys(named(count, null))

/** One rule that is true if one of these is. */
function oneOf(parts: readonly Condition[], definition: object = {}) {
  return definePolicy(scopes, {
    principal: { id: 'string' },
    types: { post: { attributes: { id: 'string' } } },
    ...definition,
    // Plain data, as it would come from a file.
    rules: [
      {
        effect: 'allow',
        name: 'any',
        type: 'post',
        actions: ['posts:read'],
        when: { kind: 'anyOf', parts },
      },
    ] as never,
  })
}

const attribute = (name: string) => ({ kind: 'attribute', of: 'resource', name }) as const
const equal = (name: string, value: string | number | boolean): Condition => ({
  kind: 'eq',
  left: attribute(name),
  right: { kind: 'value', value },
})
const relation = { type: 'post', principal: 'id', resource: 'id', load: () => [] }

/** Written out, each of these would be more than a machine can hold. */
const WIDE: Readonly<Record<string, ReturnType<typeof oneOf>>> = {
  'relations over one pair': oneOf(
    names(300).map((name) => ({ kind: 'relation', name })),
    { relations: named(300, relation) },
  ),
  'roles that are asked for': oneOf(
    names(300).map((name) => ({ kind: 'role', name })),
    { roles: named(300, ['posts:read']) },
  ),
  predicates: oneOf(
    names(2_000).map((name) => ({ kind: 'predicate', name })),
    { predicates: named(2_000, () => true) },
  ),
  'attributes that have nothing to do with each other': oneOf(
    names(2_000).map((name) => equal(name, true)),
    { types: { post: { attributes: named(2_000, 'boolean') } } },
  ),
  'attributes in a chain': oneOf(
    names(5_999).map((name, index) => ({
      kind: 'eq',
      left: attribute(name),
      right: attribute(`n${index + 1}`),
    })),
    { types: { post: { attributes: named(6_000, 'string') } } },
  ),
  'items of one list': oneOf(
    names(300).map((value) => ({
      kind: 'in',
      item: { kind: 'value', value },
      list: attribute('tags'),
    })),
    { types: { post: { attributes: { tags: 'strings' } } } },
  ),
}

describe.each(Object.entries(WIDE))('%s', (kind, policy) => {
  test.each([undefined, 1_000, Number.NaN])(
    'are counted before they are written out: %s',
    (most) => {
      const options = most === undefined ? {} : { mostCases: most }
      const analysed = analyse(policy, options).filter(({ level }) => level !== 'note')
      expect(analysed).toMatchObject([{ kind: 'not_proved', action: 'posts:read', type: 'post' }])
      expect(diffPolicies(policy, oneOf([{ kind: 'never' }]), options)).toEqual(
        expect.arrayContaining([{ kind: 'not_proved', action: 'posts:read', type: 'post' }]),
      )
      // A cell is about one role, so roles do not multiply there.
      if (kind.startsWith('roles')) return
      expect(policy.matrix(options).cells).toMatchObject([{ may: 'not_proved' }])
    },
  )
})

test('a list of twenty items has more cases than are looked at, not half as many', () => {
  const items = names(20)
  const policy = oneOf(
    [
      {
        kind: 'allOf',
        parts: items.map((value) => ({
          kind: 'in',
          item: { kind: 'value', value },
          list: attribute('tags'),
        })),
      },
    ],
    { types: { post: { attributes: { tags: 'strings' } } } },
  )
  expect(analyse(policy).slice(0, 1)).toMatchObject([{ kind: 'not_proved' }])
})

test('mostCases bounds the matrix as it bounds analysis: all of it is proved, one less is not', () => {
  const policy = oneOf([equal('a', true), equal('b', true)], {
    types: { post: { attributes: { a: 'boolean', b: 'boolean' } } },
  })
  expect(policy.matrix({ mostCases: 9 }).cells).toMatchObject([{ may: 'depends' }])
  expect(policy.matrix({ mostCases: 8 }).cells).toMatchObject([{ may: 'not_proved' }])
})

test('eight thousand comparisons that are what they are make one case', () => {
  const constant = (value: number): Condition => ({
    kind: 'eq',
    left: { kind: 'value', value: -1 },
    right: { kind: 'value', value },
  })
  const policy = oneOf(Array.from({ length: 8_000 }, (_, index) => constant(index)))
  expect(analyse(policy).slice(0, 1)).toMatchObject([{ kind: 'rule_unreachable', rule: 'any' }])
  expect(policy.matrix().cells).toMatchObject([{ may: 'never' }])
})

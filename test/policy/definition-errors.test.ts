import { describe, expect, test } from 'vitest'
import type { Condition } from '../../src/policy/condition/condition.js'
import { defineScopes } from '../../src/scope/define-scopes.js'
import { type AnyDefinition, defineAny } from '../support/define-plain-policy.js'

const scopes = defineScopes({ resources: { posts: ['read', 'write'] } })

const right: AnyDefinition = {
  principal: { id: 'string', level: 'number', teams: 'strings' },
  types: {
    post: { attributes: { author: 'string', state: ['draft', 'live'], words: 'number?' } },
    team: { attributes: { id: 'string' } },
  },
  roles: { reader: ['posts:read'] },
  relations: { member: { type: 'team', principal: 'id', resource: 'id', load: () => [] } },
  predicates: { lucky: () => true },
  rules: [],
}

/** The message of the error, without what each begins with. */
function problemOf(change: AnyDefinition, code = 'policy_invalid'): string {
  try {
    defineAny(scopes, { ...right, ...change })
  } catch (error) {
    expect(error).toMatchObject({ name: 'ConfigurationError', code })
    return (error as Error).message.replace('definePolicy: ', '')
  }
  throw new Error('it was taken')
}

const withRule = (rule: AnyDefinition): AnyDefinition => ({
  rules: [
    {
      name: 'one',
      effect: 'allow',
      type: 'post',
      actions: ['posts:read'],
      when: { kind: 'always' },
      ...rule,
    },
  ],
})
const withCondition = (when: unknown): AnyDefinition => withRule({ when })
const author = { kind: 'attribute', of: 'resource', name: 'author' } as const
const words = { kind: 'attribute', of: 'resource', name: 'words' } as const
const state = { kind: 'attribute', of: 'resource', name: 'state' } as const
const teams = { kind: 'attribute', of: 'principal', name: 'teams' } as const
const value = (one: unknown) => ({ kind: 'value', value: one })

test('what these tests change is right otherwise', () => {
  expect(() => defineAny(scopes, right)).not.toThrow()
  expect(() => defineAny(scopes, { ...right, ...withRule({}) })).not.toThrow()
})

describe('a definition that is wrong says where', () => {
  test('a circle of roles, with its path', () => {
    const roles = { a: { extends: ['b'] }, b: { extends: ['c'] }, c: { extends: ['a'] } }
    expect(problemOf({ roles })).toBe('roles goes round in a circle: a -> b -> c -> a.')
    expect(problemOf({ roles: { a: { extends: ['a'] } } })).toBe(
      'roles goes round in a circle: a -> a.',
    )
  })

  test.each<[string, AnyDefinition, string]>([
    ['an option that there is not', { rule: [] }, "'rule' is not an option."],
    [
      'a role of nowhere',
      { roles: { a: { extends: ['b'] } } },
      "roles['a'] extends 'b', which is no role.",
    ],
    [
      'a scope of nowhere',
      { roles: { a: ['posts:raed'] } },
      "roles['a']: 'posts:raed' is not in the vocabulary.",
    ],
    [
      'a pattern where there are none',
      { roles: { a: ['posts:*'] } },
      "roles['a']: 'posts:*' is not in the vocabulary.",
    ],
    [
      'a role with another member',
      { roles: { a: { scopes: [] } } },
      "roles['a'] has a member 'scopes'.",
    ],
    ['a role without a name', { roles: { '': [] } }, 'roles: a role needs a name.'],
    [
      'a list of roles that is a text',
      { roles: { a: { extends: 'b' } } },
      "roles['a'].extends must be a list of texts.",
    ],
    ['a type without a name', { types: { '': { attributes: {} } } }, 'types: a type needs a name.'],
    [
      'a kind of nowhere',
      { types: { post: { attributes: { a: 'text' } } } },
      "types['post'].attributes.a must be one of string, string?, number, number?, boolean, boolean?, strings, strings?, or a list of texts.",
    ],
    [
      'an empty enumeration',
      { types: { post: { attributes: { a: [] } } } },
      "types['post'].attributes.a: an enumeration is a list of texts, at least one.",
    ],
    [
      'an enumeration with a repetition',
      { types: { post: { attributes: { a: ['x', 'x'] } } } },
      "types['post'].attributes.a: lists a text twice.",
    ],
    [
      'an attribute that is the prototype',
      { principal: JSON.parse('{"__proto__":"string"}') },
      "principal: '__proto__' cannot name an attribute.",
    ],
    [
      'an attribute with a line feed',
      { principal: { 'a\n': 'string' } },
      "principal: 'a\\u000a' cannot name an attribute.",
    ],
    [
      'an attribute that has a meaning',
      { principal: { tenant: 'string' } },
      "principal: 'tenant' has a meaning of its own; name the attribute otherwise.",
    ],
    [
      'roles as an attribute',
      { principal: { roles: 'strings' } },
      "principal: 'roles' has a meaning of its own; name the attribute otherwise.",
    ],
    [
      'a tenant that is a number',
      { types: { post: { attributes: { a: 'number' }, tenant: 'a' } } },
      "types['post'].tenant must name an attribute that is a text.",
    ],
    [
      'a tenant that came out undefined',
      { types: { post: { attributes: { a: 'string' }, tenant: undefined } } },
      "types['post'].tenant must name an attribute that is a text.",
    ],
    [
      'conceal of nowhere',
      { types: { post: { attributes: {}, conceal: 'posts:raed' } } },
      "types['post'].conceal must be a scope of the vocabulary.",
    ],
    [
      'conceal that came out undefined',
      { types: { post: { attributes: {}, conceal: undefined } } },
      "types['post'].conceal must be a scope of the vocabulary.",
    ],
    [
      'a relation about nothing',
      { relations: { m: { type: 'x', principal: 'id', resource: 'id', load() {} } } },
      "relations['m']: there is no type 'x'.",
    ],
    [
      'a relation of a list',
      { relations: { m: { type: 'team', principal: 'teams', resource: 'id', load() {} } } },
      "relations['m'].principal must name an attribute that is no list; 'teams' is not one.",
    ],
    [
      'a relation that nobody can ask',
      { relations: { m: { type: 'team', principal: 'id', resource: 'id' } } },
      "relations['m'] needs load or list.",
    ],
    [
      'a loader that is none',
      { relations: { m: { type: 'team', principal: 'id', resource: 'id', load: 1 } } },
      "relations['m']: load and list must be functions.",
    ],
    [
      'a predicate that is none',
      { predicates: { p: true } },
      "predicates['p'] must be a function.",
    ],
    ['rules that are none', { rules: {} }, 'rules must be a list, or a function that returns one.'],
    [
      'two rules of one name',
      { rules: [...(withRule({})['rules'] as object[]), ...(withRule({})['rules'] as object[])] },
      "two rules are named 'one'.",
    ],
    ['a rule without a name', withRule({ name: '' }), 'a rule needs a name.'],
    ['a rule without an action', withRule({ actions: [] }), "rule 'one' names no action."],
    [
      'an action of nowhere',
      withRule({ actions: ['posts:*'] }),
      "rule 'one': 'posts:*' is not in the vocabulary.",
    ],
    [
      'a type of nowhere',
      withRule({ type: 'constructor' }),
      "rule 'one': there is no type 'constructor'.",
    ],
    ['a type that is a list', withRule({ type: ['post'] }), "rule 'one': its type must be a text."],
    [
      'an effect of nowhere',
      withRule({ effect: 'permit' }),
      "rule 'one': its effect must be allow, deny or fields.",
    ],
    ['a member that nobody reads', withRule({ unless: {} }), "rule 'one' has a member 'unless'."],
    [
      'a field of nowhere',
      withRule({ effect: 'fields', fields: ['salary'] }),
      "rule 'one': post has no 'salary'.",
    ],
  ])('%s', (_what, change, message) => {
    expect(problemOf(change)).toBe(message)
  })

  test.each<[string, unknown, string]>([
    [
      'no condition',
      undefined,
      'a condition is a comparison, in, exists, role, relation, detail, predicate',
    ],
    ['an attribute in place of a condition', author, 'a condition is a comparison, in, exists'],
    ['an empty allOf', { kind: 'allOf', parts: [] }, 'allOf needs at least one part'],
    ['an empty anyOf', { kind: 'anyOf', parts: [] }, 'anyOf needs at least one part'],
    ['parts with a hole', { kind: 'anyOf', parts: new Array(1) }, 'a condition is a comparison'],
    [
      'an attribute of nowhere',
      { kind: 'exists', attribute: { ...author, name: 'toString' } },
      "the resource has no attribute 'toString'",
    ],
    [
      'an owner of nowhere',
      { kind: 'exists', attribute: { ...author, of: '__proto__' } },
      'an operand is an attribute of resource, principal or context, or a value',
    ],
    [
      'an attribute with a default',
      { kind: 'exists', attribute: { ...author, fallback: 'x' } },
      "'fallback' is not part of a condition",
    ],
    [
      'a text and a number',
      { kind: 'eq', left: author, right: value(1) },
      'eq compares two of one kind, not string and number',
    ],
    [
      'an order of texts',
      { kind: 'lt', left: author, right: value('b') },
      'lt compares numbers only',
    ],
    ['a list', { kind: 'eq', left: teams, right: teams }, 'eq does not compare lists; ask `has`'],
    [
      'NaN',
      { kind: 'eq', left: words, right: value(Number.NaN) },
      'a value is a text, a finite number, true or false',
    ],
    [
      'null',
      { kind: 'eq', left: author, right: value(null) },
      'a value is a text, a finite number, true or false',
    ],
    [
      'a text outside the enumeration',
      { kind: 'eq', left: state, right: value('lvie') },
      "'lvie' is none of draft, live",
    ],
    [
      'one among others',
      { kind: 'in', item: words, list: { kind: 'list', values: ['1'] } },
      'in looks for a number among others',
    ],
    [
      'a list in a list',
      { kind: 'in', item: teams, list: teams },
      'in asks for one item, not for a list',
    ],
    [
      'a number in a list of texts',
      { kind: 'in', item: words, list: teams },
      'in looks for a text in an attribute that is a list of texts',
    ],
    ['a role of nowhere', { kind: 'role', name: 'constructor' }, "there is no role 'constructor'"],
    ['a role that is no text', { kind: 'role', name: ['reader'] }, 'the name of a role is a text'],
    [
      'the relation of another type',
      { kind: 'relation', name: 'member' },
      "there is no relation 'member' of this type",
    ],
    [
      'a predicate of nowhere',
      { kind: 'predicate', name: 'unlucky' },
      "there is no predicate 'unlucky'",
    ],
    [
      'a member that nobody reads',
      { kind: 'always', unless: 1 },
      "'unless' is not part of a condition",
    ],
    ['a kind that is inherited', Object.create({ kind: 'always' }), 'a condition is a comparison'],
    ['nesting without end', nested(40), 'a condition nests at most 32 deep'],
  ])('in a condition: %s', (_what, when, message) => {
    expect(problemOf(withCondition(when))).toContain(`rule 'one': ${message}`)
  })

  test.each<[string, AnyDefinition, string]>([
    ['types that are a list', { types: [] }, 'types must be a plain object.'],
    ['no types', { types: undefined }, 'types must be a plain object.'],
    ['roles that came out undefined', { roles: undefined }, 'roles must be a plain object.'],
    [
      'roles by prototype',
      { roles: Object.create({ reader: ['posts:read'] }) },
      'roles must be a plain object.',
    ],
    ['a rule that is none', { rules: [null] }, 'a rule must be a plain object.'],
  ])('%s', (_what, change, message) => {
    expect(problemOf(change, 'option_invalid')).toBe(message)
  })

  test('a vocabulary that is none', () => {
    for (const one of [undefined, null, {}, { names: [] }]) {
      expect(() => defineAny(one as never, right)).toThrow('scopes must be a vocabulary')
    }
  })
})

function nested(depth: number): Condition {
  return depth === 0 ? { kind: 'always' } : { kind: 'not', part: nested(depth - 1) }
}

describe('only what is left out has its default', () => {
  const optional = ['principal', 'context', 'roles', 'relations', 'predicates', 'details']
  test.each(optional)('%s may not be null', (name) => {
    for (const nothing of [null, undefined]) {
      const change = { ...right, rules: [], [name]: nothing }
      expect(() => defineAny(scopes, change)).toThrow(
        expect.objectContaining({
          code: name === 'details' ? 'policy_invalid' : 'option_invalid',
          message: expect.stringContaining(`definePolicy: ${name}`),
        }),
      )
    }
  })

  test('a tenant that a file says is null does not switch its isolation off, and neither may conceal be null', () => {
    for (const member of ['tenant', 'conceal']) {
      const types: unknown = JSON.parse(`{"post":{"attributes":{"org":"string"},"${member}":null}}`)
      expect(problemOf({ types, relations: {} })).toContain(`types['post'].${member} must`)
    }
  })

  test('what a role grants or extends may not be null', () => {
    expect(problemOf({ roles: { a: { grants: null } } })).toBe(
      "roles['a'].grants must be a list of texts.",
    )
    expect(problemOf({ roles: { a: { extends: null } } })).toBe(
      "roles['a'].extends must be a list of texts.",
    )
  })
})

test('a name from a file stands in the message in printable ASCII, and not at any length', () => {
  const name = `\u001b[31m\n\u202e${'x'.repeat(5_000)}`
  for (const define of [
    () => defineAny(scopes, { ...right, [name]: 1 }),
    () => defineAny(scopes, { ...right, types: { [name]: { [name]: 1 } } }),
    () => defineAny(scopes, { ...right, types: { [name]: 1 } }),
    () => defineAny(scopes, { ...right, roles: { [name]: [name] } }),
    () => defineAny(scopes, { ...right, roles: { [name]: { extends: [name] } } }),
    () => defineAny(scopes, { ...right, principal: { [name]: 'string' } }),
    () => defineAny(scopes, { ...right, relations: { [name]: { type: name } } }),
    () => defineAny(scopes, { ...right, ...withRule({ name, type: name }) }),
    () => defineAny(scopes, { ...right, ...withCondition({ kind: name }) }),
    () => defineAny(scopes, { ...right, ...withCondition({ kind: 'role', name }) }),
    () => defineScopes({ resources: {}, [name]: 1 }),
    () => defineScopes({ resources: { [name]: ['read'] } }),
    () => defineScopes({ resources: {}, opaque: [name] }),
    () => defineScopes({ resources: {}, opaque: ['a'], limits: { [name]: 1 } }),
  ]) {
    const message = messageOf(define)
    expect(message).toMatch(/^[ -~]+$/)
    expect(message.length).toBeLessThan(1_000)
  }
})

function messageOf(define: () => unknown): string {
  try {
    define()
  } catch (error) {
    return (error as Error).message
  }
  throw new Error('it was taken')
}

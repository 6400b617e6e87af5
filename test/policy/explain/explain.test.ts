import { describe, expect, test } from 'vitest'
import { definePolicy } from '../../../src/policy/define-policy.js'
import { renderTrace } from '../../../src/policy/explain/render-trace.js'
import { replay } from '../../../src/policy/explain/replay.js'
import type { PolicyTrace } from '../../../src/policy/explain/trace.js'
import { defineScopes } from '../../../src/scope/define-scopes.js'

const scopes = defineScopes({ resources: { posts: ['read', 'write', 'publish'] } })

function withGetter(object: object, name: string, get: () => unknown): object {
  return Object.defineProperty({ ...object }, name, { get, enumerable: true })
}

function blog(loads: string[] = []) {
  return definePolicy(scopes, {
    principal: { id: 'string' },
    types: {
      post: {
        attributes: {
          id: 'string',
          org: 'string',
          author: 'string',
          state: ['draft', 'live'],
          words: 'number?',
        },
        tenant: 'org',
        conceal: 'posts:read',
      },
    },
    roles: { reader: ['posts:read'], writer: ['posts:read', 'posts:write', 'posts:publish'] },
    relations: {
      'edited by': {
        type: 'post',
        principal: 'id',
        resource: 'id',
        load: (pairs) => {
          loads.push(pairs.map(({ resource }) => resource).join(' '))
          return Promise.resolve(pairs.map(({ resource }) => resource === 'p1'))
        },
      },
    },
    rules: ({ on, principal, relation, allOf, anyOf, not }) => [
      on('post').allow('live is readable', 'posts:read', (post) => post.state.eq('live')),
      on('post').allow('authors edit', ['posts:read', 'posts:write'], (post) =>
        post.author.eq(principal.id),
      ),
      on('post').allow('editors publish', 'posts:publish', (post) =>
        allOf(relation('edited by'), not(post.state.eq('live'))),
      ),
      on('post').deny('long posts stay', 'posts:write', (post) =>
        anyOf(post.words.gt(1000), post.state.eq('live')),
      ),
    ],
  })
}

const alice = { id: 'alice', tenant: 'acme', roles: ['writer'] } as const
const draft = { id: 'p1', org: 'acme', author: 'alice', state: 'draft', words: 10 } as const
const write = {
  principal: alice,
  grant: 'undelegated',
  action: 'posts:write',
  type: 'post',
  resource: draft,
} as const

describe('an explanation', () => {
  test('says what each part of each rule came to', () => {
    const policy = blog()
    const { words, ...resource } = draft
    expect(words).toBe(10)
    expect(policy.explain({ ...write, resource })).toMatchObject({
      decision: { kind: 'permission', reason: 'rule_denies', rule: 'long posts stay' },
      trace: {
        scope: 'undelegated',
        tenant: 'own',
        role: 'held',
        missing: ['resource.words'],
        rules: [
          {
            name: 'long posts stay',
            truth: 'missing',
            applies: true,
            when: {
              kind: 'anyOf',
              parts: [
                { kind: 'atom', truth: 'missing', missing: ['resource.words'] },
                { kind: 'atom', truth: 'false', missing: [] },
              ],
            },
          },
          { name: 'authors edit', truth: 'true', applies: true },
        ],
        sight: { action: 'posts:read', role: 'held', rules: [{ applies: true }, {}] },
      },
    })
  })

  test('looks at nothing behind a scope that is not covered', () => {
    const loads: string[] = []
    const policy = blog(loads)
    const grant = scopes.grant('posts:read')
    expect(policy.explain({ ...write, grant, action: 'posts:publish' })).toMatchObject({
      decision: { kind: 'scope', missing: ['posts:publish'] },
      trace: { scope: 'not_covered', tenant: 'not_asked', role: 'not_asked', rules: [] },
    })
    expect(loads).toEqual([])
  })

  test('waits for what has to be loaded, each pair once', async () => {
    const loads: string[] = []
    const { decision, trace } = await blog(loads).explain({ ...write, action: 'posts:publish' })
    expect(decision).toMatchObject({ kind: 'permitted', rule: 'editors publish' })
    expect(replay(trace)).toEqual(decision)
    expect(loads).toEqual(['p1'])
  })

  test('speaks of rules also where tenant or role have refused', () => {
    const policy = blog()
    const nobody = { ...alice, tenant: 'other', roles: [] }
    expect(policy.explain({ ...write, principal: nobody })).toMatchObject({
      decision: { reason: 'tenant_differs', concealed: true },
      trace: { tenant: 'differs', role: 'missing', rules: [{ truth: 'false' }, { truth: 'true' }] },
    })
  })

  const boom = () => {
    throw new Error('the row is gone')
  }
  const own = { id: 'p1', org: 'acme', author: 'alice', state: 'draft', words: 1 }
  test.each([
    [
      'the tenant of the resource',
      { resource: withGetter(own, 'org', boom) },
      { tenant: 'failed' },
    ],
    [
      'the roles of the principal',
      { principal: withGetter({ id: 'alice', tenant: 'acme' }, 'roles', boom) },
      { role: 'failed' },
    ],
    [
      'the roles, of a principal of another tenant',
      { principal: withGetter({ id: 'alice', tenant: 'beta' }, 'roles', boom) },
      { tenant: 'differs', role: 'failed' },
    ],
  ])(
    'tells that reading %s has failed, and decides as decide does',
    async (_what, given, expected) => {
      const policy = blog()
      const question = {
        principal: { id: 'alice', tenant: 'acme', roles: ['writer'] },
        grant: 'undelegated',
        action: 'posts:publish',
        type: 'post',
        resource: own,
        ...given,
      } as never // getters that throw where attributes are
      const { decision, trace } = await policy.explain(question)
      expect(decision).toEqual(await policy.decide(question))
      expect(trace).toMatchObject({ ...expected, rules: [], sight: null })
      expect(replay(trace)).toEqual({
        ...decision,
        ...('cause' in decision && { cause: undefined }),
      })
    },
  )

  test('does not wait for ever for a relation of what is another thing each time it is read', async () => {
    let reads = 0
    const loads: string[] = []
    const resource = withGetter(own, 'id', () => `p${++reads}`)
    const { decision, trace } = await blog(loads).explain({
      principal: { id: 'alice', tenant: 'acme', roles: ['writer'] },
      grant: 'undelegated',
      action: 'posts:publish',
      type: 'post',
      resource,
    } as never) // a getter where an attribute is
    expect(decision.kind).toBe('unavailable')
    expect(replay(trace).kind).toBe('unavailable')
    expect(loads.length).toBeLessThan(4)
  })

  test('of an unknown type or action is empty', () => {
    const unknown = { ...write, action: '__proto__', type: 'constructor' }
    // What the compiler refuses, plain JavaScript may ask.
    expect(blog().explain(unknown as unknown as typeof write)).toMatchObject({
      decision: { reason: 'no_rule_allows' },
      trace: { rules: [], tenant: 'not_asked' },
    })
  })
})

describe('a trace', () => {
  test('can be written to a log and replayed to the same decision', async () => {
    const policy = blog()
    for (const resource of [draft, { ...draft, state: 'live' }, { ...draft, org: 'x' }] as const) {
      for (const roles of [['writer'], ['reader'], []] as const) {
        const asked = { ...write, resource, principal: { ...alice, roles } }
        const { decision, trace } = await policy.explain(asked)
        expect(replay(JSON.parse(JSON.stringify(trace)))).toEqual(decision)
        expect(decision).toEqual(await policy.decide(asked))
      }
    }
  })

  test('does not believe what it says of rules, only what it says of their parts', async () => {
    const { trace } = await blog().explain({ ...write, resource: { ...draft, state: 'live' } })
    const forged = {
      ...trace,
      rules: trace.rules.map((rule) =>
        rule.effect === 'deny' ? { ...rule, truth: 'false' as const, applies: false } : rule,
      ),
    }
    expect(replay(forged)).toMatchObject({ reason: 'rule_denies' })
  })

  test('holds no value of an attribute unless it was asked for', async () => {
    const asked = { ...write, resource: { ...draft, author: 'a-secret', words: 98765 } }
    const hidden = await blog().explain(asked)
    expect(JSON.stringify(hidden)).not.toMatch(/a-secret|98765|alice|acme/)
    const shown = await blog().explain(asked, { values: 'shown' })
    expect(JSON.stringify(shown)).toMatch(/a-secret/)
    expect(JSON.stringify(shown)).toMatch(/98765/)
  })

  test('is rendered for a terminal, the decision first', async () => {
    const policy = blog()
    const asked = { ...write, resource: { ...draft, words: null } }
    expect(renderTrace((await policy.explain(asked)).trace)).toBe(
      [
        `rule_denies by "long posts stay": posts:write on post, policy ${policy.version}`,
        '  scope   undelegated',
        '  tenant  own',
        '  role    held',
        '  deny    "long posts stay" applies',
        '    missing anyOf',
        '      missing resource.words gt 1000',
        '      false   resource.state eq "live"',
        '  allow   "authors edit" applies',
        '    true    resource.author eq principal.id',
        '  missing resource.words',
        '  sight   permitted by "authors edit": posts:read',
      ].join('\n'),
    )
  })

  test('cannot move the cursor of a terminal, whatever names and values contain', async () => {
    const hostile = 'x\u001b[2J\u202e\n"\\'
    const policy = definePolicy(scopes, {
      principal: { id: 'string' },
      types: { [hostile]: { attributes: { author: 'string' } } },
      rules: ({ on, principal }) => [
        on(hostile).allow(hostile, 'posts:read', (post) => post.author.eq(hostile)),
        on(hostile).deny('other', 'posts:read', (post) => post.author.ne(principal.id)),
      ],
    })
    const { trace } = await policy.explain(
      {
        principal: { id: hostile },
        grant: 'undelegated',
        action: 'posts:read',
        type: hostile,
        resource: { author: hostile },
      },
      { values: 'shown' },
    )
    const lines = renderTrace(trace).split('\n')
    expect(lines).toHaveLength(8)
    for (const line of lines) expect(line).toMatch(/^[ -~]*$/)
    expect(lines[0]).toContain('\\u001b[2J\\u202e\\u000a\\"\\u005c')
  })
})

describe('what is no trace', () => {
  const nested = (depth: number) => {
    let when: object = { kind: 'always', truth: 'true' }
    for (let level = 0; level < depth; level++) when = { kind: 'not', truth: 'true', part: when }
    return { ...trace, rules: [{ ...rule, when }] }
  }
  const rule = {
    name: 'x',
    effect: 'allow',
    truth: 'true',
    applies: true,
    when: { kind: 'always', truth: 'true' },
  }
  const trace = {
    version: '1',
    action: 'posts:read',
    type: 'post',
    scope: 'covered',
    tenant: 'own',
    role: 'held',
    rules: [rule],
    missing: [],
    conceal: null,
    sight: null,
  }
  const atom = (one: unknown) => ({
    ...trace,
    rules: [{ ...rule, when: { kind: 'atom', truth: 'true', atom: one, missing: [] } }],
  })
  let sights: object = trace
  for (let level = 0; level < 20_000; level++) sights = { ...trace, sight: sights }

  test.each<[string, unknown]>([
    ['null', null],
    ['an empty object', {}],
    ['a trace without most of it', { rules: [] }],
    ['a code with an escape sequence', { ...trace, scope: '\u001b[31mcovered' }],
    ['a tenant that begins a line', { ...trace, tenant: 'own\n' }],
    ['a role that is a prototype name', { ...trace, role: '__proto__' }],
    ['an effect that is none', { ...trace, rules: [{ ...rule, effect: 'x\n' }] }],
    ['a truth that is none', { ...trace, rules: [{ ...rule, when: { kind: 'never', truth: 1 } }] }],
    ['rules that are no list', { ...trace, rules: { length: 1 } }],
    ['an atomic part that is none', atom({ kind: '\u001b' })],
    ['an atomic part that is nothing', atom(null)],
    ['a condition 33 deep', nested(33)],
    ['a condition 20,000 deep', nested(20_000)],
    ['sight 20,000 deep', sights],
  ])('is replayed and rendered as such: %s', (_name, value) => {
    expect(replay(value as PolicyTrace)).toEqual({
      kind: 'unavailable',
      cause: undefined,
      version: '',
    })
    expect(renderTrace(value as PolicyTrace)).toBe('unavailable: this is no trace of a policy')
  })

  test('is not one as deep as a policy may be', () => {
    expect(replay(trace as unknown as PolicyTrace)).toMatchObject({ kind: 'permitted', rule: 'x' })
    expect(replay(nested(32) as unknown as PolicyTrace)).toMatchObject({ kind: 'permitted' })
  })

  test('has no values that reach the terminal as they are', () => {
    const odd = atom({
      kind: 'eq',
      left: { kind: 'value', value: ['\u001b[2J'] },
      right: { kind: 'value', value: 1 },
    })
    expect(renderTrace(odd as unknown as PolicyTrace)).toMatch(/^[ -~\n]+$/)
  })
})

import { describe, expect, test } from 'vitest'
import { definePolicy } from '../../../src/policy/define-policy.js'
import { createReloadablePolicy } from '../../../src/policy/reload/reloadable-policy.js'
import { defineScopes } from '../../../src/scope/define-scopes.js'

const scopes = defineScopes({ resources: { posts: ['read'] } })
type States = 'draft' | 'live'

function readable(states: readonly States[], release: Promise<unknown> = Promise.resolve()) {
  return definePolicy(scopes, {
    principal: { id: 'string' },
    types: { post: { attributes: { id: 'string', state: ['draft', 'live'] } } },
    relations: {
      'shared with': {
        type: 'post',
        principal: 'id',
        resource: 'id',
        load: (pairs) => release.then(() => pairs.map(() => true)),
      },
    },
    rules: ({ on, relation, allOf, anyOf }) => [
      on('post').allow('some', 'posts:read', (post) =>
        states.length === 0
          ? allOf(post.state.eq('live'), post.state.eq('draft'))
          : anyOf(relation('shared with'), post.state.in(states)),
      ),
    ],
  })
}

const alice = { principal: { id: 'alice' }, grant: 'undelegated' } as const
const about = (state: States) =>
  ({ action: 'posts:read', type: 'post', resource: { id: 'p', state } }) as const

describe('a policy that can be reloaded', () => {
  test('is the policy of the moment, for whoever has it', async () => {
    const policy = createReloadablePolicy(readable(['live']))
    const before = policy.version
    expect(policy.swap(readable(['draft', 'live']))).toMatchObject({
      kind: 'swapped',
      version: policy.version,
      differences: [{ kind: 'difference', effect: 'widens' }, { effect: 'widens' }],
    })
    expect(policy.version).not.toBe(before)
    expect(policy.version).toBe(policy.current().version)
    expect(policy.model).toBe(policy.current().model)
    expect(await policy.decide({ ...alice, ...about('draft') })).toMatchObject({
      kind: 'permitted',
      version: policy.version,
    })
  })

  test('leaves a request with the policy that it began with', async () => {
    let release = (): void => undefined
    const first = readable(['live'], new Promise<void>((resolve) => (release = resolve)))
    const policy = createReloadablePolicy(first)
    const waiting = policy.decide({ ...alice, ...about('draft') })
    const asking = policy.for(alice)
    expect(policy.swap(readable(['draft'])).kind).toBe('swapped')
    const late = asking.decide(about('live'))
    release()
    for (const decision of [await waiting, await late]) {
      expect(decision).toMatchObject({ kind: 'permitted', version: first.version })
    }
    expect(await policy.decide({ ...alice, ...about('draft') })).toMatchObject({
      version: policy.version,
    })
  })

  test('refuses one whose analysis finds what cannot be meant', () => {
    const first = readable(['live'])
    const policy = createReloadablePolicy(first)
    expect(policy.swap(readable([]))).toMatchObject({
      kind: 'refused',
      reason: 'findings',
      version: first.version,
      findings: expect.arrayContaining([
        expect.objectContaining({ kind: 'rule_unreachable', level: 'error' }),
      ]),
    })
    expect(policy.current()).toBe(first)
    expect(policy.swap(readable([]), { tolerate: ['rule_unreachable'] }).kind).toBe('swapped')
  })

  test('refuses one that shuts a route for everybody', () => {
    const policy = createReloadablePolicy(readable(['live']))
    const next = definePolicy(scopes, {
      principal: { id: 'string' },
      types: { post: { attributes: { id: 'string', state: ['draft', 'live'] } } },
      relations: {
        'shared with': { type: 'post', principal: 'id', resource: 'id', load: () => [] },
      },
      rules: [],
    })
    const routes = [
      {
        name: 'GET /posts/:id',
        requirement: null,
        rule: { question: { action: 'posts:read', type: 'post' } },
      },
    ]
    expect(policy.swap(next, { routes })).toMatchObject({ kind: 'refused', reason: 'findings' })
  })

  test('refuses one that permits more, if that is asked for', () => {
    const policy = createReloadablePolicy(readable(['live']))
    const wider = readable(['draft', 'live'])
    expect(policy.swap(wider, { widening: 'refuse' })).toMatchObject({
      kind: 'refused',
      reason: 'widens',
    })
    expect(policy.swap(readable(['live']), { widening: 'refuse' })).toMatchObject({
      kind: 'swapped',
      differences: [],
    })
  })

  test('does not take what it has not looked at for no widening', () => {
    const policy = createReloadablePolicy(readable(['draft', 'live']))
    const narrower = readable(['live'])
    const options = { widening: 'refuse', mostCases: 2 } as const
    expect(policy.swap(narrower, options)).toMatchObject({ kind: 'refused', reason: 'widens' })
  })

  test('refuses one of another vocabulary, whose grants are others', () => {
    const first = readable(['live'])
    const policy = createReloadablePolicy(first)
    const other = {
      ...readable(['live']),
      scopes: defineScopes({ resources: { posts: ['read'] } }),
    }
    expect(policy.swap(other)).toMatchObject({ kind: 'refused', reason: 'vocabulary' })
    expect(policy.current()).toBe(first)
  })

  test('does not follow another one that goes on changing', () => {
    const policy = createReloadablePolicy(readable(['live']))
    const other = createReloadablePolicy(readable(['draft', 'live']))
    expect(policy.swap(other).kind).toBe('swapped')
    const { version } = policy
    other.swap(readable(['live']))
    expect(policy.version).toBe(version)
  })
})

describe('a swap never throws', () => {
  const first = readable(['live'])
  const revoked = Proxy.revocable({}, {})
  revoked.revoke()

  test.each<[string, unknown]>([
    ['null', null],
    ['nothing', undefined],
    ['a number', 5],
    ['an empty object', {}],
    ['a vocabulary alone', { scopes }],
    ['a document', first.toJSON()],
    ['a policy without its model', { ...first, model: null }],
  ])('and refuses %s as no policy', (_name, next) => {
    const policy = createReloadablePolicy(first)
    expect(policy.swap(next as typeof first)).toEqual({
      kind: 'refused',
      reason: 'not_a_policy',
      version: first.version,
      findings: [],
      differences: [],
    })
    expect(policy.current()).toBe(first)
  })

  test.each<[string, unknown]>([
    ['a model of another form', { ...first, model: {} }],
    ['an object that throws', revoked.proxy],
  ])('and refuses %s with a finding, whatever is tolerated', (_name, next) => {
    const policy = createReloadablePolicy(first)
    expect(policy.swap(next as typeof first, { tolerate: ['analysis_failed'] })).toMatchObject({
      kind: 'refused',
      reason: 'findings',
      findings: [{ kind: 'analysis_failed', level: 'error' }],
      version: first.version,
    })
    expect(policy.current()).toBe(first)
  })

  test('and takes the copy of a policy', () => {
    const policy = createReloadablePolicy(first)
    expect(policy.swap({ ...readable(['draft']) }).kind).toBe('swapped')
  })

  test.each([8_000, 20_000])('for a condition of %i parts', (count) => {
    const policy = createReloadablePolicy(first)
    const parts = Array.from({ length: count }, (_, index) => ({
      kind: 'eq' as const,
      left: { kind: 'value' as const, value: -1 },
      right: { kind: 'value' as const, value: index },
    }))
    const next = definePolicy(scopes, {
      principal: { id: 'string' },
      types: { post: { attributes: { id: 'string', state: ['draft', 'live'] } } },
      rules: [
        {
          effect: 'allow',
          name: 'some',
          type: 'post',
          actions: ['posts:read'],
          when: { kind: 'anyOf', parts },
        },
      ],
    })
    expect(policy.swap(next)).toMatchObject({
      reason: 'findings',
      findings: expect.arrayContaining([
        expect.objectContaining({ kind: 'rule_unreachable', rule: 'some' }),
      ]),
    })
  })
})

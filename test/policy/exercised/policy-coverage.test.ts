import { describe, expect, test } from 'vitest'
import { definePolicy } from '../../../src/policy/define-policy.js'
import { createPolicyCoverage } from '../../../src/policy/exercised/policy-coverage.js'
import { renderCoverage } from '../../../src/policy/exercised/render-coverage.js'
import { createReloadablePolicy } from '../../../src/policy/reload/reloadable-policy.js'
import { defineScopes } from '../../../src/scope/define-scopes.js'

const scopes = defineScopes({ resources: { posts: ['read', 'write'] } })
const blog = definePolicy(scopes, {
  principal: { id: 'string' },
  types: {
    post: {
      attributes: { org: 'string', author: 'string', state: ['draft', 'live'] },
      tenant: 'org',
    },
  },
  rules: ({ on, principal, allOf, not }) => [
    on('post').allow('all read', 'posts:read'),
    on('post').allow('authors edit drafts', 'posts:write', (post) =>
      allOf(post.author.eq(principal.id), not(post.state.eq('live'))),
    ),
  ],
})
const alice = { principal: { id: 'alice', tenant: 'acme' }, grant: 'undelegated' } as const
const draft = { org: 'acme', author: 'alice', state: 'draft' } as const
const write = { action: 'posts:write', type: 'post', resource: draft } as const

describe('the coverage of a policy', () => {
  test('counts each rule, and each part of its condition both ways', async () => {
    const coverage = createPolicyCoverage(blog)
    expect(coverage.report()).toMatchObject({ percent: 0, seen: 0, total: 8 })
    expect(await coverage.policy.decide({ ...alice, ...write })).toEqual(
      blog.decide({ ...alice, ...write }),
    )
    expect(coverage.report()).toMatchObject({
      percent: 50,
      seen: 4,
      total: 8,
      rules: [
        { name: 'all read', asked: 0, applied: 0, parts: [] },
        {
          name: 'authors edit drafts',
          asked: 1,
          applied: 1,
          parts: [
            { part: 'allOf', true: 1, false: 0 },
            { part: 'resource.author eq principal.id', true: 1, false: 0 },
            { part: 'resource.state eq "live"', true: 0, false: 1 },
          ],
        },
      ],
    })
  })

  test('observes the policy that a reloadable one holds, with no way past what counts', async () => {
    const coverage = createPolicyCoverage(createReloadablePolicy(blog))
    // A gate would ask that one, past what counts.
    expect(coverage.policy).not.toHaveProperty('current')
    await coverage.policy.decide({ ...alice, ...write })
    expect(coverage.report().seen).toBe(4)
  })

  test('counts what one who asks is told, and explanations', async () => {
    const coverage = createPolicyCoverage(blog)
    const asking = coverage.policy.for(alice)
    await asking.decide({ action: 'posts:read', type: 'post', resource: draft })
    await asking.decide({ ...write, resource: { ...draft, state: 'live' } })
    await coverage.policy.explain({ ...alice, ...write })
    await coverage.policy.decide({ ...alice, ...write, resource: { ...draft, author: 'bob' } })
    expect(coverage.report()).toMatchObject({ percent: 100, seen: 8, total: 8 })
    expect(() => coverage.assertAtLeast(100)).not.toThrow()
    expect(renderCoverage(coverage.report())).toBe('policy coverage 100 % (8 of 8)')
  })

  test('does not count rules that no decision came to', async () => {
    const coverage = createPolicyCoverage(blog)
    await coverage.policy.decide({ ...alice, ...write, grant: scopes.grant('posts:read') })
    await coverage.policy.decide({ ...alice, ...write, resource: { ...draft, org: 'other' } })
    expect(coverage.report()).toMatchObject({ seen: 0 })
  })

  test('fails below a threshold, and says what was not seen', async () => {
    const coverage = createPolicyCoverage(blog)
    await coverage.policy.decide({ ...alice, ...write })
    expect(() => coverage.assertAtLeast(50)).not.toThrow()
    expect(() => coverage.assertAtLeast(50.1)).toThrow(
      [
        'At least 50.1 % were expected.',
        'policy coverage 50 % (4 of 8)',
        '  allow "all read" was never asked',
        '  allow "authors edit drafts"',
        '    never false  allOf',
        '    never false  resource.author eq principal.id',
        '    never true   resource.state eq "live"',
      ].join('\n'),
    )
  })

  test('leaves the policy itself alone', async () => {
    const coverage = createPolicyCoverage(blog)
    await blog.decide({ ...alice, ...write })
    expect(coverage.report()).toMatchObject({ seen: 0 })
    expect(coverage.policy.version).toBe(blog.version)
  })
})

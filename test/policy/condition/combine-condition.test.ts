import { expect, test } from 'vitest'
import { definePolicy } from '../../../src/policy/define-policy.js'
import { defineScopes } from '../../../src/scope/define-scopes.js'

test('a part that throws is unknown by itself, so the order of the parts means nothing', () => {
  const scopes = defineScopes({ resources: { posts: ['read'] } })
  const policy = (order: 'as written' | 'reversed') =>
    definePolicy(scopes, {
      types: { post: { attributes: { state: 'string', secret: 'string' } } },
      rules: ({ on, anyOf }) => [
        on('post').allow('one', 'posts:read', ({ state, secret }) =>
          order === 'reversed'
            ? anyOf(secret.eq('x'), state.eq('live'))
            : anyOf(state.eq('live'), secret.eq('x')),
        ),
      ],
    })
  const ask = (order: 'as written' | 'reversed', state: string) =>
    policy(order).decide({
      principal: {},
      grant: 'undelegated',
      action: 'posts:read',
      type: 'post',
      resource: {
        state,
        get secret(): string {
          throw new Error('no database')
        },
      },
    })
  for (const order of ['as written', 'reversed'] as const) {
    expect(ask(order, 'live')).toMatchObject({ kind: 'permitted' })
    expect(ask(order, 'draft')).toMatchObject({ kind: 'unavailable' })
  }
})

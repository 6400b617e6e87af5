import { expect, test } from 'vitest'
import { definePolicy } from '../../src/policy/define-policy.js'
import { defineScopes } from '../../src/scope/define-scopes.js'

test('a text that an enumeration of tenants does not have is nobody’s tenant', () => {
  const scopes = defineScopes({ resources: { pages: ['read'] } })
  const policy = definePolicy(scopes, {
    types: { page: { attributes: { region: ['north', 'south'] }, tenant: 'region' } },
    rules: ({ on }) => [on('page').allow('all', 'pages:read')],
  })
  const ask = (tenant: string) =>
    policy.decide({
      principal: { tenant },
      grant: 'undelegated',
      action: 'pages:read',
      type: 'page',
      // What a row holds is not what was declared.
      resource: { region: tenant as 'north' },
    })
  expect(ask('north')).toMatchObject({ kind: 'permitted' })
  expect(ask('east')).toMatchObject({ reason: 'tenant_differs' })
})

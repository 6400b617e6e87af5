import { describe, expect, test } from 'vitest'
import { definePolicy } from '../../src/policy/define-policy.js'
import { toPredicate } from '../../src/policy/filter/to-predicate.js'
import { defineScopes } from '../../src/scope/define-scopes.js'

/** What other policy engines answer, and what we answer to the same. The cases of scopes are in `test/scope`. */
const scopes = defineScopes({ resources: { docs: ['read', 'write'] }, superuser: 'admin:all' })
const grant = scopes.grant('admin:all')

function policyOf(kind: 'allow and deny' | 'deny only') {
  return definePolicy(scopes, {
    principal: { id: 'string' },
    types: { doc: { attributes: { id: 'string', bannedId: 'string?' } } },
    roles: { viewer: ['docs:read'], data2_admin: ['docs:write'] },
    rules: ({ on, principal }) => [
      ...(kind === 'deny only'
        ? []
        : [on('doc').allow('everyone', ['docs:read', 'docs:write'], (doc) => doc.id.exists())]),
      on('doc').deny('not the banned one', ['docs:read', 'docs:write'], (doc) =>
        doc.bannedId.eq(principal.id),
      ),
    ],
  })
}
const who = (id: string) => ({ id, roles: ['viewer', 'data2_admin'] as const })
const decide = async (id: string, resource: object, kind: Parameters<typeof policyOf>[0]) => {
  const request = {
    principal: who(id),
    grant,
    action: 'docs:write',
    type: 'doc',
    resource,
  } as const
  // What arrives at run time is not what the types say.
  return (await policyOf(kind).decide(request as never)).kind
}

describe('answers of other policy engines, and ours', () => {
  test('26 casbin: a role gives write, a rule for the very person denies it: denied', async () => {
    expect(await decide('bob', { id: 'data2', bannedId: 'alice' }, 'allow and deny')).toBe(
      'permitted',
    )
    expect(await decide('alice', { id: 'data2', bannedId: 'alice' }, 'allow and deny')).not.toBe(
      'permitted',
    )
  })

  test('27 SpiceDB: everyone but the banned one, at the point and in the list', async () => {
    const policy = policyOf('allow and deny')
    const rows = [
      { id: 'd1', bannedId: 'somegal' },
      { id: 'd2', bannedId: 'other' },
    ]
    for (const [id, visible] of [
      ['somegal', ['d2']],
      ['someguy', ['d1', 'd2']],
    ] as const) {
      const asked = { principal: who(id), grant, action: 'docs:read', type: 'doc' } as const
      const filter = await policy.filter(asked)
      const listed = rows.filter(
        (row) => filter.kind === 'all' || (filter.kind === 'where' && toPredicate(filter)(row)),
      )
      expect(listed.map((row) => row.id)).toEqual(visible)
      for (const row of rows) {
        const { kind } = await policy.decide({ ...asked, resource: row })
        expect(kind === 'permitted').toBe(visible.some((one) => one === row.id))
      }
    }
  })

  test('29 Cedar: a deny that cannot be evaluated refuses, where theirs is left out', async () => {
    const unreadable = Object.defineProperty({ id: 'd1' }, 'bannedId', {
      enumerable: true,
      get: () => {
        throw new Error('unreadable')
      },
    })
    expect(await decide('alice', unreadable, 'allow and deny')).not.toBe('permitted')
  })

  test('30 CASL: rules that only deny permit nothing, and list nothing', async () => {
    expect(await decide('bob', { id: 'd1', bannedId: 'alice' }, 'deny only')).not.toBe('permitted')
    const filter = await policyOf('deny only').filter({
      principal: who('bob'),
      grant,
      action: 'docs:read',
      type: 'doc',
    })
    expect(filter.kind).toBe('none')
  })
})

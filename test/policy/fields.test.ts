import { describe, expect, test } from 'vitest'
import { definePolicy } from '../../src/policy/define-policy.js'
import { defineScopes } from '../../src/scope/define-scopes.js'

const scopes = defineScopes({ resources: { users: ['read', 'write', 'delete'] } })

function staff(load: (pairs: readonly unknown[]) => boolean[] = (pairs) => pairs.map(() => true)) {
  return definePolicy(scopes, {
    principal: { id: 'string' },
    types: {
      user: {
        attributes: {
          id: 'string',
          name: 'string',
          salary: 'number?',
          org: 'string',
          manager: 'string?',
        },
        tenant: 'org',
      },
    },
    relations: { 'payroll of': { type: 'user', principal: 'id', resource: 'org', load } },
    rules: ({ on, principal, relation }) => [
      on('user').allow('colleagues', ['users:read', 'users:write', 'users:delete']),
      on('user').fields('everybody sees', 'users:read', ['id', 'name']),
      on('user').fields('payroll sees', 'users:read', ['salary'], relation('payroll of')),
      on('user').fields('one edits oneself', 'users:write', ['name'], (user) =>
        user.id.eq(principal.id),
      ),
      on('user').fields('the manager edits', 'users:write', ['name', 'org'], (user) =>
        user.manager.eq(principal.id),
      ),
    ],
  })
}

const ann = { id: 'ann', name: 'Ann', salary: 5, org: 'acme', secret: 'x' }
const who = { principal: { id: 'ann', tenant: 'acme' }, grant: 'undelegated' } as const
const about = (action: 'users:read' | 'users:write' | 'users:delete', resource: object = ann) =>
  ({ ...who, action, type: 'user', resource: resource as typeof ann }) as const

describe('the fields of an action', () => {
  test('are those of all rules that are true, together', async () => {
    expect(await staff().fields(about('users:read'))).toMatchObject({
      kind: 'permitted',
      rule: 'colleagues',
      fields: ['id', 'name', 'salary'],
    })
  })

  test('are what a rule gives only where its condition is known to be true', async () => {
    const policy = staff((pairs) => pairs.map(() => false))
    expect(await policy.fields(about('users:read'))).toMatchObject({ fields: ['id', 'name'] })
    expect(await policy.fields(about('users:write', { ...ann, id: 1 }))).toMatchObject({
      fields: [],
    })
  })

  test('are all that the type declares, where no rule restricts the action', async () => {
    const answer = await staff().fields(about('users:delete'))
    if (answer.kind !== 'permitted') throw new Error(answer.kind)
    expect(answer.fields).toEqual(['id', 'manager', 'name', 'org', 'salary'])
    expect(answer.pick(ann)).toEqual({ id: 'ann', name: 'Ann', salary: 5, org: 'acme' })
  })

  test('are not there without a permission', async () => {
    const refused = await staff().fields(about('users:read', { ...ann, org: 'other' }))
    expect(refused).toMatchObject({ kind: 'permission', reason: 'tenant_differs' })
    expect(refused).not.toHaveProperty('pick')
    const unscoped = { ...about('users:read'), grant: scopes.grant('') }
    expect(staff().fields(unscoped)).toMatchObject({ kind: 'scope' })
  })

  test('cannot be told if a loader failed that could have given more', async () => {
    const policy = staff(() => {
      throw new Error('down')
    })
    expect(await policy.fields(about('users:read'))).toMatchObject({
      kind: 'unavailable',
      cause: new Error('down'),
    })
    expect(await policy.decide(about('users:read'))).toMatchObject({ kind: 'permitted' })
  })

  test('are loaded with what else a request wants, and once', async () => {
    let calls = 0
    const policy = staff((pairs) => {
      calls += 1
      return pairs.map(() => true)
    })
    const asking = policy.for(who)
    const question = { action: 'users:read', type: 'user', resource: ann } as const
    await Promise.all([asking.fields(question), asking.fields(question)])
    expect(asking.fields(question)).toMatchObject({ fields: ['id', 'name', 'salary'] })
    expect(calls).toBe(1)
  })
})

describe('what is shown and what may be written', () => {
  test('own members only, and nothing that is not declared', async () => {
    const answer = await staff().fields(about('users:read'))
    if (answer.kind !== 'permitted') throw new Error(answer.kind)
    expect(answer.pick(ann)).toEqual({ id: 'ann', name: 'Ann', salary: 5 })
    const inherited = Object.assign(Object.create({ name: 'inherited' }), { id: 'x' })
    expect(answer.pick(inherited)).toEqual({ id: 'x' })
  })

  test('a patch is told what it may not write, hostile names among it', async () => {
    const answer = await staff().fields(about('users:write'))
    if (answer.kind !== 'permitted') throw new Error(answer.kind)
    expect(answer.excess({ name: 'Anna' })).toEqual([])
    const patch: unknown = JSON.parse('{"salary":9,"__proto__":{"a":1},"constructor":1,"name":""}')
    expect(answer.excess(patch)).toEqual(['__proto__', 'constructor', 'salary'])
    expect(answer.excess(null)).toEqual([])
    expect(answer.excess(['x'])).toEqual(['0'])
    expect(answer.excess('ab')).toEqual(['0', '1'])
  })

  test('a patch cannot move a resource to another tenant, though the field may be written', async () => {
    const managed = { ...ann, id: 'bob', manager: 'ann' }
    const answer = await staff().fields(about('users:write', managed))
    if (answer.kind !== 'permitted') throw new Error(answer.kind)
    expect(answer.fields).toEqual(['name', 'org'])
    expect(answer.excess({ org: 'acme', name: 'Bob' })).toEqual([])
    for (const org of ['other', '', null, undefined, ['acme']]) {
      expect(answer.excess({ org })).toEqual(['org'])
    }
  })

  test('the list cannot be written to', async () => {
    const answer = await staff().fields(about('users:read'))
    if (answer.kind !== 'permitted') throw new Error(answer.kind)
    expect(() => (answer.fields as string[]).push('secret')).toThrow(TypeError)
  })
})

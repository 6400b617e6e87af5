import { expectTypeOf } from 'vitest'
import type { ListedRoute } from '../../src/gate/listed-route.js'
import {
  authenticated,
  defineScopes,
  type Requirement,
  type ScopeJudgement,
  type Scopes,
} from '../../src/scope/index.js'

/** What must compile, and what must not. Checked by `tsc`; nothing here runs. */

const scopes = defineScopes({
  resources: { users: ['read', 'write', 'impersonate'], posts: ['read'] },
  opaque: ['openid'],
  superuser: 'admin:all',
  explicitOnly: ['users:impersonate', 'openid'],
  implies: { 'users:write': ['users:read', 'openid'], openid: ['posts:read'] },
  actionImplies: { write: ['read'] },
  wildcards: 'grants',
})
type Name =
  | 'users:read'
  | 'users:write'
  | 'users:impersonate'
  | 'posts:read'
  | 'openid'
  | 'admin:all'

expectTypeOf(scopes).toEqualTypeOf<Scopes<Name>>()
expectTypeOf(scopes.names).toEqualTypeOf<readonly Name[]>()
expectTypeOf(scopes.allOf('users:read')).toEqualTypeOf<Requirement<Name>>()
expectTypeOf(scopes.judge(scopes.grant(''), authenticated())).toEqualTypeOf<ScopeJudgement>()
// A vocabulary of known names is a vocabulary.
expectTypeOf(scopes).toExtend<Scopes>()

// The other dialect spells its names the other way round.
const actionFirst = defineScopes({
  dialect: 'action:resource',
  resources: { users: ['read', 'write'] },
  implies: { 'write:users': ['read:users'] },
})
expectTypeOf(actionFirst).toEqualTypeOf<Scopes<'read:users' | 'write:users'>>()
// @ts-expect-error the name has the shape of the dialect that was not chosen
actionFirst.allOf('users:read')

const dottedUsers = { 'org.users': ['read'] } as const
// In the dotted dialect a resource may hold dots; the action is the last segment.
const dotted = defineScopes({
  dialect: 'dotted',
  resources: { 'org.users': ['read', 'write'], org: ['close'] },
  actions: ['ping'],
  superuser: 'root',
  explicitOnly: ['org.close', 'ping'],
  implies: { 'org.users.write': ['org.users.read'], ping: ['org.users.read'] },
  actionImplies: { write: ['read'] },
  accepts: ['resource:action', 'action:resource'],
  claims: ['scope', 'permissions'],
  limits: { tokens: 1_000 },
})
expectTypeOf(dotted).toEqualTypeOf<
  Scopes<'org.users.read' | 'org.users.write' | 'org.close' | 'ping' | 'root'>
>()
dotted.fromClaims({}, ['scp'])
// @ts-expect-error the separator of another dialect
dotted.allOf('org.users:read')
// @ts-expect-error an accepted dialect is for grants, not for requirements
dotted.allOf('org:close')
// @ts-expect-error a resource alone is no scope
dotted.allOf('org.users')
// @ts-expect-error a pattern cannot be required
dotted.allOf('org.**')

// @ts-expect-error implications between actions are those of resources
defineScopes({ resources: dottedUsers, actions: ['ping'], actionImplies: { ping: ['read'] } })
// @ts-expect-error a misspelt dialect beside
defineScopes({ resources: { users: ['read'] }, accepts: ['resource.action'] })
// @ts-expect-error a limit that is not offered
defineScopes({ resources: { users: ['read'] }, limits: { depth: 1 } })

// A gate without scopes has none to name.
const none = defineScopes({ resources: {} })
expectTypeOf(none).toEqualTypeOf<Scopes<never>>()
none.requirement(authenticated())
// @ts-expect-error there is no scope
none.requirement('users:read')

const grant = scopes.grant('users:read')
scopes.grant(['users:read'] as const)
scopes.can(grant, 'users:read')
scopes.allOf('users:read', scopes.anyOf('posts:read', 'admin:all'), authenticated())
scopes.requirement('openid')

// @ts-expect-error a misspelt resource
scopes.can(grant, 'user:read')
// @ts-expect-error an action that this resource does not have
scopes.can(grant, 'posts:write')
// @ts-expect-error a pattern is not a scope
scopes.can(grant, 'users:*')
// @ts-expect-error a pattern cannot be required
scopes.allOf('users:*')
// @ts-expect-error nor can everything
scopes.anyOf('*:*')
// @ts-expect-error an empty allOf would be met by everyone
scopes.allOf()
// @ts-expect-error an empty anyOf would be met by nobody
scopes.anyOf()
// @ts-expect-error a bare list does not say whether any or all
scopes.requirement(['users:read', 'posts:read'])
// @ts-expect-error a misspelt scope as a whole requirement
scopes.requirement('users:reed')
// @ts-expect-error a requirement of another vocabulary names what this one does not have
scopes.allOf(actionFirst.allOf('read:users'))
// @ts-expect-error spread of a list that may be empty
scopes.allOf(...scopes.names)
// @ts-expect-error a grant cannot be widened
grant.covered.add('admin:all')

const resources = { users: ['read', 'write'] } as const
// @ts-expect-error a misspelt implier
defineScopes({ resources, implies: { 'user:write': ['users:read'] } })
// @ts-expect-error a misspelt implied scope
defineScopes({ resources, implies: { 'users:write': ['users:reed'] } })
// @ts-expect-error an implied pattern
defineScopes({ resources, implies: { 'users:write': ['users:*'] } })
// @ts-expect-error a misspelt implying action
defineScopes({ resources, actionImplies: { wriet: ['read'] } })
// @ts-expect-error a misspelt implied action
defineScopes({ resources, actionImplies: { write: ['reed'] } })
// @ts-expect-error a misspelt explicit-only scope
defineScopes({ resources, explicitOnly: ['users:impersonat'] })
// @ts-expect-error an unknown member
defineScopes({ resources, wildcard: 'grants' })
// @ts-expect-error a dialect that is not offered
defineScopes({ resources, dialect: 'action.resource' })
// @ts-expect-error wildcards are a choice of two words
defineScopes({ resources, wildcards: true })
// @ts-expect-error no resources at all
defineScopes({ superuser: 'admin:all' })

/** 4,000 scopes: 100 resources with 40 actions each. The types grow with the scopes, not with their square. */
type Digit = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9
declare const many: {
  readonly [Resource in `r${Digit}${Digit}`]: readonly `a${0 | 1 | 2 | 3}${Digit}`[]
}
const large = defineScopes({
  resources: many,
  superuser: 'admin:all',
  explicitOnly: ['r99:a39'],
  implies: { 'r00:a00': ['r00:a01', 'r99:a00'], 'r50:a20': ['r49:a19'] },
  actionImplies: { a02: ['a01'] },
})
large.allOf('r00:a00', 'r99:a39', large.anyOf('r42:a17', 'admin:all'))
// @ts-expect-error the hundred-and-first resource
large.allOf('r100:a00')

/** 4,000 dotted scopes: 100 resources of three segments with 40 actions each. */
declare const deep: {
  readonly [Resource in `org.s${Digit}.r${Digit}`]: readonly `a${0 | 1 | 2 | 3}${Digit}`[]
}
const largeDotted = defineScopes({
  dialect: 'dotted',
  resources: deep,
  explicitOnly: ['org.s9.r9.a39'],
  implies: { 'org.s0.r0.a00': ['org.s0.r0.a01', 'org.s9.r9.a00'] },
  actionImplies: { a02: ['a01'] },
  accepts: ['resource:action'],
})
largeDotted.allOf('org.s0.r0.a00', 'org.s9.r9.a39', largeDotted.anyOf('org.s4.r2.a17'))
// @ts-expect-error the hundred-and-first resource
largeDotted.allOf('org.s10.r0.a00')

// What an audit finds are names of the vocabulary; routes may come from an inventory, which knows no vocabulary.
declare const inventory: readonly ListedRoute[]
const { excess, wildcards } = scopes.audit('users:read', inventory)
expectTypeOf(excess).toEqualTypeOf<typeof scopes.names>()
expectTypeOf(wildcards).toEqualTypeOf<readonly string[]>()
expectTypeOf(scopes.unusedScopes(inventory)).toEqualTypeOf<typeof scopes.names>()
scopes.audit(grant, [
  { name: 'GET /users', requirement: 'users:read' },
  { name: 'GET /', requirement: null },
])
// @ts-expect-error a route that does not say what it needs
scopes.audit(grant, [{ name: 'GET /users' }])

import { describe, expect, test } from 'vitest'
import { formatInventory } from '../../src/gate/format-inventory.js'
import { createGate, type Guard } from '../../src/gate.js'
import { respond } from '../../src/http/respond.js'
import type { GateEvent } from '../../src/outcome/event.js'
import type { Outcome } from '../../src/outcome/outcome.js'
import { definePolicy } from '../../src/policy/define-policy.js'
import type { RelationPair } from '../../src/policy/relation/relation.js'
import { createReloadablePolicy } from '../../src/policy/reload/reloadable-policy.js'
import type { Principal } from '../../src/principal/principal.js'
import { defineScopes } from '../../src/scope/define-scopes.js'
import { authenticated } from '../../src/scope/requirement.js'
import { stubApiKey, stubBearer } from '../support/stub-verifiers.js'
import { aView } from '../support/views.js'

const NOW = 1_000_000
const scopes = defineScopes({
  resources: { posts: ['read', 'write', 'delete'], teams: ['read', 'write'], things: ['read'] },
  actionImplies: { write: ['read'] },
})

interface Post {
  readonly id: string
  readonly author: string
  readonly live: boolean
  readonly opens: number
}
const POSTS = new Map<string, Post>([
  ['1', { id: '1', author: 'alice', live: false, opens: 0 }],
  ['2', { id: '2', author: 'bob', live: false, opens: 0 }],
  ['3', { id: '3', author: 'bob', live: true, opens: NOW }],
  ['4', { id: '4', author: 'bob', live: true, opens: NOW + 1 }],
])
const TEAMS = new Map([
  ['a', { id: 'a', tenant: 'acme' }],
  ['b', { id: 'b', tenant: 'beta' }],
])

function aPolicy(members: (pairs: readonly RelationPair[]) => unknown = () => []) {
  return definePolicy(scopes, {
    principal: { id: 'string' },
    context: { network: 'string?' },
    roles: {
      visitor: ['posts:read'],
      user: { extends: ['visitor'], grants: ['posts:write', 'teams:read'] },
      editor: { extends: ['user'], grants: ['posts:delete', 'teams:write'] },
    },
    types: {
      post: {
        attributes: { id: 'string', author: 'string', live: 'boolean', opens: 'number' },
        conceal: 'posts:read',
      },
      team: { attributes: { id: 'string', tenant: 'string' }, tenant: 'tenant' },
    },
    relations: {
      member: {
        type: 'team',
        principal: 'id',
        resource: 'id',
        load: async (pairs) => members(pairs) as boolean[],
      },
    },
    rules: ({ on, principal, context, relation, allOf }) => [
      on('post').allow('live once it opens', 'posts:read', (post) =>
        allOf(post.live.eq(true), post.opens.lte(context.now)),
      ),
      on('post').allow('own', ['posts:read', 'posts:write', 'posts:delete'], (post) =>
        post.author.eq(principal.id),
      ),
      on('post').deny('not from the cellar', 'posts:delete', context.network.eq('cellar')),
      on('team').allow('members', ['teams:read', 'teams:write'], relation('member')),
    ],
  })
}

interface Facts {
  readonly principal?: (who: Principal) => unknown
  readonly context?: () => unknown
  readonly members?: (pairs: readonly RelationPair[]) => unknown
  readonly anonymous?: () => unknown
}

const told = {
  principal: (who: Principal) => {
    const id = who.kind === 'user' ? who.subject : 'nobody'
    const role = id.startsWith('visitor') ? ('visitor' as const) : ('editor' as const)
    return { id, roles: [role], tenant: 'acme' }
  },
  context: () => ({ network: 'office' }),
}

function aGate(facts: Facts = {}, events: GateEvent[] = []) {
  return createGate({
    resource: 'https://api.example.com',
    clock: { now: () => NOW },
    scopes,
    verifiers: { user: stubBearer(), machine: stubApiKey('acme') },
    policy: {
      policy: aPolicy(facts.members),
      principal: (facts.principal ?? told.principal) as typeof told.principal,
      context: (facts.context ?? told.context) as typeof told.context,
      anonymous: (facts.anonymous ?? (() => ({ roles: ['visitor'] }))) as () => {
        roles: ['visitor']
      },
      timeoutMilliseconds: 50,
    },
    onEvent: (event) => events.push(event),
  })
}

const bearing = (token: string) => aView({ fields: { authorization: `Bearer ${token}` } })
const load = (id: string) => POSTS.get(id)
const findTeam = (id: string) => TEAMS.get(id)
const post = { accept: 'user', type: 'post', load } as const

/** Who comes with which token to which post. */
async function ask<Who, Resource, Permissions>(
  guard: Guard<Who, string, Resource, Permissions>,
  token: string | null,
  id: string,
): Promise<Outcome> {
  return guard.decide(token === null ? aView() : bearing(token), id)
}

describe('a rule with an action', () => {
  test('lets in whom the policy permits, and says by which rule', async () => {
    const guard = aGate().guard({ ...post, action: 'posts:write' })
    const outcome = await ask(guard, 'user~alice~posts.write', '1')
    expect(outcome).toMatchObject({ kind: 'granted', resource: { id: '1' } })
    expect(outcome.trace.map(({ step }) => step)).toEqual([
      ...['collect', 'ambiguity', 'choose', 'verify', 'revocation', 'csrf', 'scopes', 'login'],
      ...['facts', 'load', 'policy', 'allow'],
    ])
    expect(outcome.trace.at(-2)).toEqual({
      step: 'policy',
      code: 'passed',
      policy: {
        action: 'posts:write',
        type: 'post',
        rule: 'own',
        version: aPolicy().version,
      },
    })
  })

  test('needs the scope of the action, before anything is looked up', async () => {
    const asked: string[] = []
    const guard = aGate({
      principal: () => asked.push('facts'),
      context: () => asked.push('context'),
    }).guard({
      ...post,
      action: 'posts:write',
      load: (id: string) => load(asked.push(id) > 0 ? id : ''),
    })
    const answers = ['1', '2', 'unknown'].map((id) => ask(guard, 'user~alice~posts.read', id))
    const [first, ...others] = await Promise.all(answers)
    expect(first).toMatchObject({
      kind: 'insufficient_scope',
      missing: ['posts:write'],
      challenges: [{ scheme: 'Bearer' }],
    })
    expect(JSON.stringify(first)).toContain('["scope","posts:write"]')
    for (const other of others) expect(other).toEqual(first)
    expect(asked).toEqual([])
  })

  test('needs the scopes that stand beside it as well', async () => {
    const guard = aGate().guard({ ...post, action: 'posts:write', scopes: 'teams:read' })
    const outcome = await ask(guard, 'user~alice~posts.write', '1')
    expect(outcome).toMatchObject({ kind: 'insufficient_scope', missing: ['teams:read'] })
    expect(JSON.stringify(outcome)).toContain('["scope","posts:write teams:read"]')
  })

  test('takes the time from the gate, whatever the context says', async () => {
    const guard = aGate({ context: () => ({ now: NOW + 9 }) }).guard({
      ...post,
      action: 'posts:read',
    })
    expect(await ask(guard, 'user~alice~posts.read', '3')).toMatchObject({ kind: 'granted' })
    expect(await ask(guard, 'user~alice~posts.read', '4')).toMatchObject({ kind: 'denied' })
  })

  test('and with allow needs both to agree, whichever of the two refuses', async () => {
    const gate = aGate()
    const guard = (allow: boolean) =>
      gate.guard({ ...post, action: 'posts:write', allow: () => allow })
    expect(await ask(guard(true), 'user~alice~posts.write', '1')).toMatchObject({
      kind: 'granted',
    })
    expect(await ask(guard(false), 'user~alice~posts.write', '1')).toMatchObject({
      kind: 'denied',
      reason: 'policy_denied',
      hidden: false,
    })
    expect(await ask(guard(true), 'user~carol~posts.write', '3')).toMatchObject({
      kind: 'denied',
      reason: 'no_rule_allows',
      hidden: false,
    })
  })

  test('hides what allow denies if the policy would not show it, or if it was the showing that was denied', async () => {
    const gate = aGate()
    const deny = { ...post, allow: () => false } as const
    const reading = gate.guard({ ...deny, action: 'posts:read' })
    expect(await ask(reading, 'user~alice~posts.read', '3')).toMatchObject({
      kind: 'denied',
      hidden: true,
    })
    const deleting = gate.guard({ ...deny, action: 'posts:delete' })
    // The token may delete and not read: what it may not see is not there.
    expect(await ask(deleting, 'user~alice~posts.delete', '1')).toMatchObject({
      kind: 'denied',
      hidden: true,
    })
  })

  test('answers a denial with 403 and no challenge, and a concealed one byte for byte like what is not there', async () => {
    const guard = aGate().guard({ ...post, action: 'posts:delete' })
    const bytes = async (id: string, token = 'user~alice~posts.delete') => {
      const outcome = await ask(guard, token, id)
      if (outcome.kind === 'granted') throw new Error('granted')
      return respond(outcome)
    }
    expect(await bytes('2')).toEqual(await bytes('unknown'))
    expect((await bytes('2')).status).toBe(404)
    const writing = aGate().guard({ ...post, action: 'posts:write' })
    const seen = await ask(writing, 'user~alice~posts.write', '3')
    expect(seen).toMatchObject({ kind: 'denied', reason: 'no_rule_allows', hidden: false })
    expect(seen).not.toHaveProperty('challenges')
  })

  test('never grants a resource of another tenant, and says so to the operator only', async () => {
    const guard = aGate({ members: (pairs) => pairs.map(() => true) }).guard({
      accept: 'user',
      action: 'teams:read',
      type: 'team',
      load: findTeam,
      hide: true,
    })
    expect(await ask(guard, 'user~alice~teams.read', 'a')).toMatchObject({ kind: 'granted' })
    const foreign = await ask(guard, 'user~alice~teams.read', 'b')
    expect(foreign).toMatchObject({ kind: 'denied', reason: 'tenant_differs', hidden: true })
    const unknown = await ask(guard, 'user~alice~teams.read', 'c')
    if (foreign.kind === 'granted' || unknown.kind === 'granted') throw new Error('granted')
    expect(respond(foreign)).toEqual(respond(unknown))
  })

  test('without load asks the policy about no resource: only what holds for every one is permitted', async () => {
    const free = definePolicy(scopes, {
      types: { post: { attributes: { live: 'boolean' } } },
      rules: ({ on }) => [
        on('post').allow('everybody writes', 'posts:write'),
        on('post').allow('live', 'posts:read', ({ live }) => live.eq(true)),
      ],
    })
    const gate = createGate({
      resource: 'https://api.example.com',
      scopes,
      verifiers: { user: stubBearer() },
      policy: { policy: free, principal: () => ({}) },
    })
    const write = gate.guard({ action: 'posts:write', type: 'post' })
    expect(await write.decide(bearing('user~a~posts.write'), null)).toMatchObject({
      kind: 'granted',
    })
    const read = gate.guard({ action: 'posts:read', type: 'post' })
    expect(await read.decide(bearing('user~a~posts.read'), null)).toMatchObject({ kind: 'denied' })
  })
})

describe('a policy that cannot be asked', () => {
  const failures: readonly (readonly [string, Facts])[] = [
    ['facts that throw', { principal: () => fail() }],
    ['facts that reject', { principal: async () => fail() }],
    ['facts that never come', { principal: () => new Promise(() => {}) }],
    ['facts that are undefined', { principal: () => undefined }],
    ['facts that are a list', { principal: () => [] }],
    ['roles that are a text', { principal: () => ({ id: 'alice', roles: 'editor' }) }],
    ['roles that hold no texts', { principal: () => ({ id: 'alice', roles: [{}] }) }],
    ['a tenant that is no text', { principal: () => ({ id: 'alice', tenant: 7 }) }],
    ['a context that throws', { context: () => fail() }],
    ['a context that rejects', { context: async () => fail() }],
    ['a context that is a text', { context: () => 'office' }],
    [
      'a context that throws while facts are on their way',
      { context: () => fail(), principal: async () => fail() },
    ],
  ]
  function fail(): never {
    throw new Error('down')
  }

  test.each(failures)('%s: 503, a failed event, and nothing is loaded', async (_, facts) => {
    const events: GateEvent[] = []
    const guard = aGate(facts, events).guard({
      ...post,
      action: 'posts:write',
      load: (): Post => expect.unreachable(),
    })
    const outcome = await ask(guard, 'user~alice~posts.write', '1')
    expect(outcome).toMatchObject({ kind: 'unavailable', reason: 'policy_failed' })
    expect(outcome.trace.at(-1)).toEqual({ step: 'facts', code: 'policy_failed' })
    expect(events.filter(({ kind }) => kind === 'failed')).toHaveLength(1)
  })

  test.each<[string, NonNullable<Facts['members']>]>([
    ['throws', () => fail()],
    ['says nothing of some', () => []],
    ['never answers', () => new Promise(() => {})],
  ])('a relation whose loader %s: 503', async (_, members) => {
    const guard = aGate({ members }).guard({
      accept: 'user',
      action: 'teams:read',
      type: 'team',
      load: findTeam,
    })
    const outcome = await ask(guard, 'user~alice~teams.read', 'a')
    expect(outcome).toMatchObject({ kind: 'unavailable', reason: 'policy_failed' })
    expect(outcome.trace.at(-1)?.step).toBe('policy')
  })

  test('facts without the attribute that a rule asks for let nobody in', async () => {
    const guard = aGate({ principal: () => ({ roles: ['editor'] }) }).guard({
      ...post,
      action: 'posts:write',
    })
    expect(await ask(guard, 'user~alice~posts.write', '1')).toMatchObject({ kind: 'denied' })
  })
})

describe('someone without a credential', () => {
  const open = { accept: ['anyone', 'user'], type: 'post', load } as const

  test('may what the rules allow to everybody, with the roles that the gate gives to strangers', async () => {
    const guard = aGate().guard({ ...open, action: 'posts:read' })
    expect(await ask(guard, null, '3')).toMatchObject({
      kind: 'granted',
      principal: { kind: 'anonymous' },
    })
    expect(await ask(guard, null, '1')).toMatchObject({ kind: 'denied', hidden: true })
    const without = aGate({ anonymous: () => ({}) }).guard({ ...open, action: 'posts:read' })
    expect(await ask(without, null, '3')).toMatchObject({ kind: 'denied' })
  })

  test('is asked who they are where that could help', async () => {
    const visible = definePolicy(scopes, {
      principal: { id: 'string' },
      types: { post: { attributes: { author: 'string' } } },
      rules: ({ on, principal }) => [
        on('post').allow('own', 'posts:read', ({ author }) => author.eq(principal.id)),
      ],
    })
    const guard = createGate({
      resource: 'https://api.example.com',
      scopes,
      verifiers: { user: stubBearer() },
      policy: { policy: visible, principal: () => ({ id: 'a' }), anonymous: () => ({}) },
    }).guard({ ...open, action: 'posts:read' })
    expect(await ask(guard, null, '1')).toMatchObject({
      kind: 'unauthenticated',
      challenges: [{ scheme: 'Bearer', parameters: [expect.anything(), ['scope', 'posts:read']] }],
    })
  })

  test('may ask the policy about the action of the route and no other', async () => {
    const guard = aGate({ anonymous: () => ({ roles: ['editor'] }) }).guard({
      ...open,
      accept: 'anyone',
      action: 'posts:read',
    })
    const outcome = await guard.decide(aView(), '3')
    if (outcome.kind !== 'granted') throw new Error(outcome.kind)
    const about = { type: 'post', resource: outcome.resource } as const
    expect(await outcome.permissions.decide({ ...about, action: 'posts:read' })).toMatchObject({
      kind: 'permitted',
    })
    expect(await outcome.permissions.decide({ ...about, action: 'posts:delete' })).toMatchObject({
      kind: 'scope',
    })
  })

  test('a credential that is presented must have been granted the action all the same', async () => {
    const guard = aGate().guard({ ...open, action: 'posts:read' })
    expect(await ask(guard, 'user~alice~teams.read', '3')).toMatchObject({
      kind: 'insufficient_scope',
    })
  })
})

describe('what a handler gets', () => {
  test('permissions answer for the one who came, and ask no relation twice', async () => {
    const asked: RelationPair[] = []
    const guard = aGate({
      members: (pairs) => {
        asked.push(...pairs)
        return pairs.map(({ resource }) => resource === 'a')
      },
    }).guard({ accept: 'user', action: 'teams:read', type: 'team', load: findTeam })
    const outcome = await guard.decide(bearing('user~alice~teams.write'), 'a')
    if (outcome.kind !== 'granted') throw new Error(outcome.kind)
    const { permissions, resource } = outcome
    expect(
      await permissions.decide({ action: 'teams:write', type: 'team', resource }),
    ).toMatchObject({ kind: 'permitted', rule: 'members' })
    expect(asked).toHaveLength(1)
  })

  test('a rule for a list asks about no resource and hands the question on', async () => {
    const events: GateEvent[] = []
    const guard = aGate({}, events).guard({ action: 'posts:read', type: 'post', list: true })
    const outcome = await guard.decide(bearing('user~alice~posts.read'), null)
    if (outcome.kind !== 'granted') throw new Error(outcome.kind)
    const shown = await Promise.all(
      [...POSTS.values()].map(async (resource) => {
        const question = { action: 'posts:read', type: 'post', resource } as const
        return (await outcome.permissions.decide(question)).kind === 'permitted' && resource.id
      }),
    )
    expect(shown).toEqual(['1', false, '3', false])
    expect(events.find(({ kind }) => kind === 'decided')).toMatchObject({
      policy: { action: 'posts:read', type: 'post', rule: null },
    })
    expect(await guard.decide(bearing('user~alice~teams.read'), null)).toMatchObject({
      kind: 'insufficient_scope',
    })
  })

  test('permissions answer for the one who came, also if his facts become those of another meanwhile', async () => {
    const shared = { id: '', roles: ['editor'] }
    const gate = aGate({
      principal: (who) => Object.assign(shared, { id: who.kind === 'user' ? who.subject : '' }),
    })
    const guard = gate.guard({
      ...post,
      action: 'posts:write',
      load: async (id: string) => {
        await Promise.resolve()
        shared.id = 'bob'
        shared.roles.length = 0
        return load(id)
      },
    })
    expect(await ask(guard, 'user~alice~posts.write', '2')).toMatchObject({ kind: 'denied' })
    shared.roles.push('editor')
    expect(await ask(guard, 'user~alice~posts.write', '1')).toMatchObject({ kind: 'granted' })
  })

  test('permissions refuse what is no question', async () => {
    const guard = aGate().guard({ action: 'posts:read', type: 'post', list: true })
    const outcome = await guard.decide(bearing('user~alice~posts.read'), null)
    if (outcome.kind !== 'granted') throw new Error(outcome.kind)
    const { permissions } = outcome
    for (const none of [undefined, null] as unknown as never[]) {
      expect(await permissions.decide(none)).toMatchObject({ kind: 'scope' })
      expect(await permissions.fields(none)).toMatchObject({ kind: 'scope' })
      expect(await permissions.filter(none)).toMatchObject({ kind: 'scope' })
      expect(await permissions.explain(none)).toMatchObject({ decision: { kind: 'scope' } })
    }
    const question = { action: 'posts:read', type: 'post', resource: load('1') } as never
    const shown = await permissions.fields(question)
    if (shown.kind !== 'permitted') throw new Error(shown.kind)
    expect(shown.pick(null as never)).toEqual({})
  })

  test('a rule without an action gives none, and looks nothing up', async () => {
    const guard = aGate({ principal: () => expect.unreachable() }).guard({ scopes: 'posts:read' })
    const outcome = await guard.decide(bearing('user~alice~posts.read'), null)
    expect(outcome).toMatchObject({ kind: 'granted', permissions: undefined })
    expect(outcome.trace.map(({ step }) => step)).not.toContain('policy')
  })
})

describe('a rule whose action is no text', () => {
  test.each<[string, unknown]>([
    ['authenticated()', authenticated()],
    ['a requirement', scopes.anyOf('posts:read', 'posts:write')],
    ['a list', ['posts:read']],
    ['null', null],
  ])('is refused when it is defined: %s', (_, action) => {
    for (const more of [{ load }, { list: true }, { list: true, accept: ['anyone', 'user'] }]) {
      const rule = { type: 'post', action, ...more } as never
      expect(() => aGate().guard(rule)).toThrow(expect.objectContaining({ code: 'rule_invalid' }))
    }
  })
})

describe('an inventory', () => {
  test('says what a rule asks the policy, and needs the scope of it', () => {
    const gate = aGate()
    const { rule } = gate.guard({ ...post, action: 'posts:write', scopes: 'teams:read' })
    expect(rule).toMatchObject({
      question: { action: 'posts:write', type: 'post', list: false },
      requirement: { kind: 'allOf' },
    })
    expect(JSON.stringify(rule?.requirement)).toMatch(/posts:write.*teams:read/)
    const open = gate.guard({ accept: 'anyone', action: 'posts:read', type: 'post', list: true })
    const route = {
      name: 'GET /posts',
      method: 'GET',
      path: '/posts',
      before: [],
      document: null,
    } as const
    const listed = { ...route, kind: 'open', rule: open.rule, requirement: null } as const
    expect(formatInventory([listed])).toBe(
      'GET  /posts  anyone  -  policy: posts:read on a list of post',
    )
  })
})

describe('what the operator is told', () => {
  const decided = async (token: string, id: string) => {
    const events: GateEvent[] = []
    await ask(aGate({}, events).guard({ ...post, action: 'posts:delete' }), token, id)
    return events.find((event) => event.kind === 'decided')
  }

  test('which action and type, which rule, and by which version of the policy', async () => {
    const { version } = aPolicy()
    const asked = { action: 'posts:delete', type: 'post' }
    expect(await decided('user~alice~posts.delete', '1')).toMatchObject({
      reason: null,
      policy: { ...asked, rule: 'own', version },
    })
    expect(await decided('user~visitor~posts.delete', '1')).toMatchObject({
      reason: 'role_missing',
      policy: { ...asked, rule: null, version },
    })
    expect(await decided('user~alice~posts.read', '1')).toMatchObject({
      reason: 'scope_missing',
      policy: { ...asked, rule: null, version: null },
    })
  })

  test('which rule denied, and no attribute of anybody', async () => {
    const events: GateEvent[] = []
    const guard = aGate({ context: () => ({ network: 'cellar' }) }, events).guard({
      ...post,
      action: 'posts:delete',
    })
    expect(await ask(guard, 'user~alice~posts.delete', '1')).toMatchObject({
      kind: 'denied',
      reason: 'rule_denies',
    })
    const event = events.find((event) => event.kind === 'decided')
    expect(event).toMatchObject({ policy: { rule: 'not from the cellar' } })
    expect(JSON.stringify(event)).not.toMatch(/alice|network":|office|editor/)
  })
})

describe('a policy that may be replaced', () => {
  const reloadable = (first: ReturnType<typeof aPolicy>) => {
    const holder = { policy: first, reads: 0 }
    const gate = createGate({
      resource: 'https://api.example.com',
      clock: { now: () => NOW },
      scopes,
      verifiers: { user: stubBearer() },
      policy: {
        policy: {
          current() {
            holder.reads += 1
            return holder.policy
          },
        },
        principal: told.principal,
      },
    })
    return { gate, holder }
  }

  test('is read once per request, and the next request asks the next one', async () => {
    const { gate, holder } = reloadable(aPolicy())
    const guard = gate.guard({ ...post, action: 'posts:write' })
    holder.reads = 0
    expect(await ask(guard, 'user~alice~posts.write', '1')).toMatchObject({ kind: 'granted' })
    expect(holder.reads).toBe(1)
    // Nothing of this one is called like what the route asks for.
    holder.policy = definePolicy(scopes, { types: {}, rules: [] }) as never
    expect(await ask(guard, 'user~alice~posts.write', '1')).toMatchObject({ kind: 'denied' })
  })

  test('by what keeps a policy that has passed analysis', async () => {
    const policy = createReloadablePolicy(aPolicy())
    const guard = createGate({
      resource: 'https://api.example.com',
      clock: { now: () => NOW },
      scopes,
      verifiers: { user: stubBearer() },
      policy: { policy, principal: told.principal },
    }).guard({ ...post, action: 'posts:write' })
    expect(await ask(guard, 'user~alice~posts.write', '1')).toMatchObject({ kind: 'granted' })
    const { version } = policy
    const next = definePolicy(scopes, { types: {}, rules: [] })
    expect(policy.swap(next as never)).toMatchObject({ kind: 'swapped', version: next.version })
    const outcome = await ask(guard, 'user~alice~posts.write', '1')
    expect(outcome).toMatchObject({ kind: 'denied', reason: 'no_rule_allows' })
    expect(outcome.trace.at(-1)?.policy?.version).not.toBe(version)
  })

  test('and one of another vocabulary decides nothing', async () => {
    const { gate, holder } = reloadable(aPolicy())
    const guard = gate.guard({ ...post, action: 'posts:write' })
    const others = defineScopes({ resources: { posts: ['write'] } })
    holder.policy = definePolicy(others, { types: {}, rules: [] }) as never
    expect(await ask(guard, 'user~alice~posts.write', '1')).toMatchObject({ kind: 'unavailable' })
  })
})

describe('a policy of the application itself', () => {
  test.each<[string, () => unknown]>([
    ['undefined', () => undefined],
    ['true', () => true],
    ['a text', () => 'permitted'],
    ['an unknown kind', () => ({ kind: 'sure' })],
    ['a missing scope that the gate found', () => ({ kind: 'scope', missing: [] })],
    ['a rejection', () => Promise.reject(new Error('down'))],
    ['a promise of nothing', () => Promise.resolve(null)],
  ])('that answers %s permits nothing', async (_, decide) => {
    const policy = { ...aPolicy(), for: () => ({ decide }) }
    const guard = createGate({
      resource: 'https://api.example.com',
      scopes,
      verifiers: { user: stubBearer() },
      policy: { policy: policy as never, principal: () => ({}) },
    }).guard({ action: 'posts:read', type: 'post' } as never)
    expect(await guard.decide(bearing('user~a~posts.read'), null)).toMatchObject({
      kind: 'unavailable',
      reason: 'policy_failed',
    })
  })
})

describe('a gate or a rule that cannot be right does not start:', () => {
  const codeOf = (work: () => unknown): unknown => {
    try {
      work()
      return 'no error'
    } catch (error) {
      return (error as { code?: unknown }).code
    }
  }
  const guard = (rule: object, gate: { guard(rule: never): unknown } = aGate()) =>
    codeOf(() => gate.guard(rule as never))
  const plain = { resource: 'https://api.example.com', scopes, verifiers: { user: stubBearer() } }
  const team = { action: 'teams:read', type: 'team' }

  test.each<[string, object]>([
    ['an action without a type', { action: 'posts:read' }],
    ['a type without an action', { scopes: 'posts:read', type: 'post' }],
    ['a list without an action', { scopes: 'posts:read', list: true }],
    ['an unknown type', { action: 'posts:read', type: 'poast' }],
    ['a type named like a member of every object', { action: 'posts:read', type: 'constructor' }],
    ['a list that is no boolean', { action: 'posts:read', type: 'post', list: 1 }],
    ['a list of one', { action: 'posts:read', type: 'post', list: true, load }],
    ['a type with tenants and no load', team],
    ['hide beside conceal', { action: 'posts:read', type: 'post', load, hide: true }],
    ['hide: false beside conceal', { action: 'posts:read', type: 'post', load, hide: false }],
    ['an action that is undefined', { scopes: 'posts:read', action: undefined }],
  ])('%s', (_, rule) => {
    expect(guard(rule)).toBe('rule_invalid')
  })

  test('an action that is not in the vocabulary, also where anyone may come', () => {
    expect(guard({ action: 'posts:raed', type: 'post', load })).toBe('scope_unknown')
    expect(guard({ accept: 'anyone', action: 'posts:raed', type: 'post' })).toBe('scope_unknown')
  })

  test('an action without a policy, and one for anyone where nothing is said of strangers', () => {
    expect(guard(team, createGate(plain))).toBe('rule_invalid')
    const policy = { policy: aPolicy(), principal: () => ({ id: 'a' }) }
    const gate = createGate({ ...plain, policy })
    const rule = { action: 'posts:read', type: 'post', load }
    expect(guard({ ...rule, accept: ['anyone', 'user'] }, gate)).toBe('rule_invalid')
    expect(guard(rule, gate)).toBe('no error')
  })

  test('a list of what no query can tell, as of a relation without list', () => {
    expect(guard({ ...team, list: true })).toBe('policy_not_listable')
  })

  test('a list of a type with tenants is ordinary', () => {
    const policy = definePolicy(scopes, {
      types: { team: { attributes: { tenant: 'string' }, tenant: 'tenant' } },
      rules: ({ on }) => [on('team').allow('all of them', 'teams:read')],
    })
    const gate = createGate({ ...plain, policy: { policy, principal: () => ({}) } })
    expect(guard({ ...team, list: true }, gate)).toBe('no error')
  })

  test.each<[string, unknown]>([
    ['a policy without what says who asks', { policy: aPolicy() }],
    ['what is no policy', { policy: {}, principal: () => ({}) }],
    ['a member that there is not', { policy: aPolicy(), principal: () => ({}), princpal: 1 }],
    [
      'an anonymous that is no function',
      { policy: aPolicy(), principal: () => ({}), anonymous: {} },
    ],
    ['no time at all', { policy: aPolicy(), principal: () => ({}), timeoutMilliseconds: 0 }],
    ['undefined', undefined],
    [
      'a policy of another vocabulary',
      {
        policy: definePolicy(defineScopes({ resources: {} }), { types: {}, rules: [] }),
        principal: () => ({}),
      },
    ],
  ])('as the option policy: %s', (_, policy) => {
    expect(codeOf(() => createGate({ ...plain, policy } as never))).toBe('option_invalid')
  })
})

import { definePolicy, toPredicate, toSql } from '../../src/policy/index.js'
import { defineScopes } from '../../src/scope/index.js'

/** What must compile, and what must not. Checked by `tsc`; nothing here runs. */

const scopes = defineScopes({ resources: { posts: ['read', 'write'] } })
const grant = scopes.grant('posts:read')

const policy = definePolicy(scopes, {
  principal: { id: 'string', level: 'number', teams: 'strings' },
  context: { country: 'string?' },
  types: {
    post: {
      attributes: { author: 'string', state: ['draft', 'live'], words: 'number?', tags: 'strings' },
      tenant: 'author',
      conceal: 'posts:read',
    },
    team: { attributes: { id: 'string' } },
  },
  roles: { reader: ['posts:read'], writer: { extends: ['reader'], grants: ['posts:write'] } },
  relations: { member: { type: 'team', principal: 'id', resource: 'id', load: () => [] } },
  predicates: { lucky: ({ principal }) => principal.id === 'x' && principal.level > 3 },
  rules: ({ on, principal, context, role, relation, predicate, allOf, not }) => [
    on('post').allow('one', 'posts:read', (post) => post.author.eq(principal.id)),
    on('post').allow('two', ['posts:read', 'posts:write'], (post) =>
      allOf(post.state.in(['draft']), not(post.tags.has(principal.id)), post.words.lt(context.now)),
    ),
    on('post').allow('three', 'posts:read', (post) => post.author.in(principal.teams)),
    on('team').allow('four', 'posts:read', relation('member')),
    on('team').deny('five', 'posts:read', allOf(role('reader'), predicate('lucky'))),
    on('post').fields('six', 'posts:read', ['author', 'state']),
    on('post').allow('seven', 'posts:read', context.country.ne('XX')),
    on('post').allow('eight', 'posts:read', principal.tenant.exists()),

    // @ts-expect-error an action outside the vocabulary
    on('post').allow('bad', 'posts:raed'),
    // @ts-expect-error a type that is not declared
    on('pots').allow('bad', 'posts:read'),
    // @ts-expect-error an attribute that is not declared
    on('post').allow('bad', 'posts:read', (post) => post.autor.eq(principal.id)),
    // @ts-expect-error a text outside the enumeration
    on('post').allow('bad', 'posts:read', (post) => post.state.eq('lvie')),
    // @ts-expect-error a number compared with a text
    on('post').allow('bad', 'posts:read', (post) => post.words.eq('5')),
    // @ts-expect-error a text compared with a number attribute
    on('post').allow('bad', 'posts:read', (post) => post.author.eq(principal.level)),
    // @ts-expect-error texts have no order
    on('post').allow('bad', 'posts:read', (post) => post.author.lt('b')),
    // @ts-expect-error a list is not compared
    on('post').allow('bad', 'posts:read', (post) => post.tags.eq('b')),
    // @ts-expect-error a role that is not declared
    on('post').allow('bad', 'posts:read', role('raeder')),
    // @ts-expect-error a relation that is not declared
    on('post').allow('bad', 'posts:read', relation('membre')),
    // @ts-expect-error a field that is not declared
    on('post').fields('bad', 'posts:read', ['salary']),
    // @ts-expect-error an empty conjunction
    on('post').allow('bad', 'posts:read', allOf()),
  ],
})

const who = { principal: { id: 'a', level: 1, teams: [], roles: ['reader'] }, grant } as const
const post = { author: 'a', state: 'live', tags: [], more: 1 } as const
void policy.decide({ ...who, action: 'posts:read', type: 'post', resource: post })
void policy.decide({ ...who, action: 'posts:read', type: 'team', resource: { id: 'x' } })
void policy.decide({
  ...who,
  grant: 'undelegated',
  action: 'posts:read',
  type: 'post',
  resource: post,
})
void policy.for({ ...who, context: { now: 1 } }).decide({ action: 'posts:read', type: 'post' })
// @ts-expect-error a misspelt action
void policy.decide({ ...who, action: 'posts:raed', type: 'post', resource: post })
// @ts-expect-error a misspelt type
void policy.decide({ ...who, action: 'posts:read', type: 'pots', resource: post })
const anonymousPost = { state: 'live', tags: [] } as const
// @ts-expect-error a resource without what rules ask of it
void policy.decide({ ...who, action: 'posts:read', type: 'post', resource: anonymousPost })
const principal = { id: 'a' }
// @ts-expect-error a principal without what rules ask of it
void policy.decide({ principal, grant, action: 'posts:read', type: 'post', resource: post })
// @ts-expect-error a role that is not declared
policy.for({ ...who, principal: { ...who.principal, roles: ['boss'] } })
// @ts-expect-error the grant was forgotten: absent is not unrestricted
void policy.decide({ principal: who.principal, action: 'posts:read', type: 'post', resource: post })

const all = { ...who, action: 'posts:read', type: 'post' } as const
void policy.for(who).filter({ action: 'posts:read', type: 'team' })
// @ts-expect-error a misspelt action
void policy.filter({ ...all, action: 'posts:raed' })
// @ts-expect-error a misspelt type
void policy.for(who).filter({ action: 'posts:read', type: 'pots' })
// @ts-expect-error a filter is about no single resource
void policy.filter({ ...who, action: 'posts:read', type: 'post', resource: post })
const filter = await policy.filter(all)
// @ts-expect-error no query can be made of what is to be answered with 403 or 503
void toSql(filter, { dialect: 'sqlite' })
if (filter.kind !== 'scope' && filter.kind !== 'unavailable') {
  void (toPredicate(filter) satisfies (row: unknown) => boolean)
  // SQLite is handed no lists.
  void (toSql(filter, { dialect: 'sqlite' }).parameters satisfies readonly (string | number)[])
  const { parameters } = toSql(filter, { dialect: 'postgres', columns: { id: { type: 'uuid' } } })
  // @ts-expect-error PostgreSQL is
  void (parameters satisfies readonly (string | number)[])
  // @ts-expect-error a dialect that nobody speaks
  void toSql(filter, { dialect: 'mysql' })
}

const types = { post: { attributes: { author: 'string' } } } as const
// @ts-expect-error a scope outside the vocabulary
definePolicy(scopes, { types, roles: { reader: ['posts:raed'] }, rules: [] })
// @ts-expect-error a role that does not exist
definePolicy(scopes, { types, roles: { reader: { extends: ['writer'] } }, rules: [] })
// @ts-expect-error a tenant that is no attribute
definePolicy(scopes, { types: { post: { attributes: { a: 'string' }, tenant: 'b' } }, rules: [] })
// @ts-expect-error a kind that does not exist
definePolicy(scopes, { types: { post: { attributes: { a: 'text' } } }, rules: [] })
// @ts-expect-error conceal names no scope
definePolicy(scopes, { types: { post: { attributes: {}, conceal: 'posts:raed' } }, rules: [] })

import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs'
import { defineScopes } from 'sallyport'
import { definePolicy } from 'sallyport/policy'
import { type Outcome, PRINCIPALS } from './claims.js'
import { asked, each } from './holding.js'
import { loadScopePeer } from './packages.js'
import type { Work } from './work.js'

/**
 * May the principal write this post? By ten rules about its attributes, three of which deny: all of them have to be looked
 * at, and the last one allows. Or none does: then the post is another author's.
 */
export type Deciding = (size: number, outcome: Outcome) => Work | Promise<Work>

export const DECIDING = {
  'sallyport decide': (_size, outcome) => {
    const { policy, grant } = declarePolicy()
    const questions = each((principal) => ({
      principal: userOf(principal),
      grant,
      action: 'posts:write' as const,
      type: 'post' as const,
      resource: postOf(principal, outcome),
    }))
    return asked(outcome, (times) => () => {
      let yes = 0
      for (let turn = 0; turn < times; turn++) {
        const question = questions[turn % PRINCIPALS]
        if (question === undefined) continue
        const decision = policy.decide(question)
        if (!(decision instanceof Promise) && decision.kind === 'permitted') yes++
      }
      return yes
    })
  },
  'sallyport decide, with roles and tenants': (_size, outcome) => {
    const { policy, grant } = declarePolicyWithRoles()
    const questions = each((principal) => ({
      principal: { ...userOf(principal), tenant: 'acme', roles: ['editor'] as const },
      grant,
      action: 'posts:write' as const,
      type: 'post' as const,
      resource: postOf(principal, outcome),
    }))
    return asked(outcome, (times) => () => {
      let yes = 0
      for (let turn = 0; turn < times; turn++) {
        const question = questions[turn % PRINCIPALS]
        if (question === undefined) continue
        const decision = policy.decide(question)
        if (!(decision instanceof Promise) && decision.kind === 'permitted') yes++
      }
      return yes
    })
  },
  '@casl/ability': async (_size, outcome) => {
    const { createMongoAbility, subject } = await loadScopePeer('casl')
    // An ability belongs to one principal. The last rule is looked at first.
    const abilities = each((principal) => createMongoAbility(caslRules(userOf(principal))))
    const posts = each((principal) => subject('post', postOf(principal, outcome)))
    return asked(outcome, (times) => () => {
      let yes = 0
      for (let turn = 0; turn < times; turn++) {
        const post = posts[turn % PRINCIPALS]
        if (post !== undefined && abilities[turn % PRINCIPALS]?.can('write', post)) yes++
      }
      return yes
    })
  },
  'cedar, policies parsed before': (_size, outcome) => {
    preparsePolicySet('posts', { staticPolicies: CEDAR_POLICIES })
    const calls = each((principal) => {
      const [user, post] = [userOf(principal), postOf(principal, outcome)]
      return {
        preparsedPolicySetId: 'posts',
        principal: { type: 'User', id: user.id },
        action: { type: 'Action', id: 'posts:write' },
        resource: { type: 'Post', id: post.id },
        context: {},
        entities: [
          { uid: { type: 'User', id: user.id }, attrs: user, parents: [] },
          { uid: { type: 'Post', id: post.id }, attrs: post, parents: [] },
        ],
      }
    })
    return asked(outcome, (times) => () => {
      let yes = 0
      for (let turn = 0; turn < times; turn++) {
        const call = calls[turn % PRINCIPALS]
        if (call === undefined) continue
        const answer = statefulIsAuthorized(call)
        if (answer.type === 'success' && answer.response.decision === 'allow') yes++
      }
      return yes
    })
  },
} as const satisfies Readonly<Record<string, Deciding>>

function userOf(principal: number) {
  return { id: `user-${principal}`, team: `team-${principal}`, level: 3 }
}

function postOf(principal: number, outcome: Outcome) {
  return {
    id: `post-${principal}`,
    org: 'acme',
    author: outcome === 'hit' ? `user-${principal}` : 'somebody',
    reviewer: 'nobody',
    team: 'another',
    state: 'draft' as const,
    words: 700,
    locked: false,
    shared: false,
  }
}

const PRINCIPAL = { id: 'string', team: 'string', level: 'number' } as const
const POST = {
  id: 'string',
  org: 'string',
  author: 'string',
  reviewer: 'string',
  team: 'string',
  state: ['draft', 'live', 'archived'],
  words: 'number',
  locked: 'boolean',
  shared: 'boolean',
} as const

function declarePolicy() {
  const scopes = defineScopes({ resources: { posts: ['read', 'write'] } })
  const policy = definePolicy(scopes, {
    principal: PRINCIPAL,
    types: { post: { attributes: POST } },
    rules: ({ on, principal, allOf }) => {
      const post = on('post')
      return [
        post.deny('locked', 'posts:write', ({ locked }) => locked.eq(true)),
        post.deny('live and long', 'posts:write', ({ state, words }) =>
          allOf(state.eq('live'), words.gt(5000)),
        ),
        post.deny('beginners', 'posts:write', principal.level.lt(1)),
        post.allow('a team', 'posts:write', ({ team, state }) =>
          allOf(team.eq(principal.team), state.eq('draft')),
        ),
        post.allow('b reviewers', 'posts:write', ({ reviewer }) => reviewer.eq(principal.id)),
        post.allow('c short drafts', 'posts:write', ({ words, state }) =>
          allOf(words.lt(10), state.eq('draft')),
        ),
        post.allow('d archived', 'posts:write', ({ state }) => state.eq('archived')),
        post.allow('e shared', 'posts:write', ({ shared }) => shared.eq(true)),
        post.allow('f experts', 'posts:write', principal.level.gte(9)),
        post.allow('g authors', 'posts:write', ({ author }) => author.eq(principal.id)),
      ]
    },
  })
  return { policy, grant: scopes.grant('posts:read posts:write') }
}

/** The same rules, behind roles of which one extends another, and a tenant. */
function declarePolicyWithRoles() {
  const { policy: plain, grant } = declarePolicy()
  const { rules } = plain.toJSON()
  const policy = definePolicy(plain.scopes, {
    principal: PRINCIPAL,
    types: { post: { attributes: POST, tenant: 'org' } },
    roles: {
      reader: ['posts:read'],
      writer: { extends: ['reader'], grants: ['posts:write'] },
      editor: { extends: ['writer'] },
    },
    rules,
  })
  return { policy, grant }
}

function caslRules(user: ReturnType<typeof userOf>) {
  const base = { action: 'write', subject: 'post' }
  return [
    { ...base, conditions: { author: user.id } },
    ...(user.level >= 9 ? [base] : [{ ...base, conditions: { words: { $gt: 1_000_000 } } }]),
    { ...base, conditions: { shared: true } },
    { ...base, conditions: { state: 'archived' } },
    { ...base, conditions: { words: { $lt: 10 }, state: 'draft' } },
    { ...base, conditions: { reviewer: user.id } },
    { ...base, conditions: { team: user.team, state: 'draft' } },
    { ...base, inverted: true, conditions: { words: { $lt: 0 } } },
    { ...base, inverted: true, conditions: { state: 'live', words: { $gt: 5000 } } },
    { ...base, inverted: true, conditions: { locked: true } },
  ]
}

const CEDAR_POLICIES = [
  'forbid(%) when { resource.locked };',
  'forbid(%) when { resource.state == "live" && resource.words > 5000 };',
  'forbid(%) when { principal.level < 1 };',
  'permit(%) when { resource.team == principal.team && resource.state == "draft" };',
  'permit(%) when { resource.reviewer == principal.id };',
  'permit(%) when { resource.words < 10 && resource.state == "draft" };',
  'permit(%) when { resource.state == "archived" };',
  'permit(%) when { resource.shared };',
  'permit(%) when { principal.level >= 9 };',
  'permit(%) when { resource.author == principal.id };',
]
  .join('\n')
  .replaceAll('%', 'principal, action == Action::"posts:write", resource is Post')

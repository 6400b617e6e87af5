/** THE POLICY: who may do what to which user, post and team. Data and roles come from the directory, `data.ts`. */
import type { IdentifiedPrincipal } from 'sallyport'
import { definePolicy } from 'sallyport/policy'
import { type Directory, identityOf } from './data.js'
import { scopes } from './scopes.js'

export function createPolicy(directory: Directory) {
  return definePolicy(scopes, {
    principal: { identity: 'string?' },
    roles: {
      reader: ['posts:read'],
      member: {
        extends: ['reader'],
        grants: ['users:read', 'users:delete', 'posts:delete', 'teams:read', 'teams:delete'],
      },
      moderator: { extends: ['member'] },
    },
    types: {
      user: { attributes: { identity: 'string?' } },
      // That there is a draft is itself the secret: what one may not read is not there.
      post: { attributes: { author: 'string', draft: 'boolean' }, conceal: 'posts:read' },
      team: {
        attributes: { id: 'string', tenant: 'string', lead: 'string' },
        tenant: 'tenant',
        conceal: 'teams:read',
      },
    },
    relations: {
      memberOf: {
        type: 'team',
        principal: 'identity',
        resource: 'id',
        // All pairs that a request needs in one look-up; `list` is what a list of teams is made of.
        load: (pairs) => directory.areMembers(pairs),
        list: (identity) => directory.teamsOf(String(identity)),
      },
    },
    rules: ({ on, principal, role, relation, allOf }) => [
      on('user').allow('users see each other', 'users:read'),
      on('user').allow("one's own user", 'users:delete', ({ identity }) =>
        identity.eq(principal.identity),
      ),
      on('post').allow('what is published', 'posts:read', ({ draft }) => draft.eq(false)),
      on('post').allow("one's own posts", ['posts:read', 'posts:delete'], ({ author }) =>
        author.eq(principal.identity),
      ),
      on('post').allow('moderators', 'posts:delete', role('moderator')),
      on('team').allow('members', 'teams:read', relation('memberOf')),
      on('team').allow('the lead, being a member', 'teams:delete', ({ lead }) =>
        allOf(lead.eq(principal.identity), relation('memberOf')),
      ),
    ],
  })
}

/**
 * What the policy is told of whoever calls. A program has no identity, and reads. Who holds `admin:all` moderates: it is
 * given to moderators only, and a token without it is that of an ordinary member, whoever its user is.
 */
export function factsOf(who: IdentifiedPrincipal, directory: Directory) {
  if (who.kind === 'application') return { roles: ['reader'] } as const
  const identity = identityOf(who)
  const roles = [scopes.can(who.grant, 'admin:all') ? 'moderator' : 'member'] as const
  return { identity, roles, tenant: directory.tenantOf(identity) }
}

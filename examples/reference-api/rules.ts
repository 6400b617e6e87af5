/**
 * THE RULES, all on one page: who may do what. Plain data, the same for every framework; a framework's file only says
 * how to read the `:id` of a path from its own request.
 */
import { type AcceptName, authenticated, type Rule } from 'sallyport'
import type { Data } from './data.js'
import { ACCOUNTS_ISSUER, type Principals, type ScopeName, type Types } from './gate.js'

/** @param idOf reads the path parameter `id` from what the framework hands to a rule: its request or context */
export function createRules<Context>(
  { users, posts, teams }: Data,
  idOf: (context: Context) => string,
) {
  const rule = ruleFor<Context>()
  const user = (context: Context) => users.find(idOf(context))
  const post = (context: Context) => posts.find(idOf(context))
  const team = (context: Context) => teams.find(idOf(context))
  const people = ['user', 'session'] as const
  const ours = {
    accept: 'user',
    scopes: authenticated(),
    allow: ({ issuer }: { readonly issuer: string }) => issuer === ACCOUNTS_ISSUER,
  } as const

  return {
    'GET /health': rule({ accept: 'anyone' }),

    // Whoever logs in has no token yet; whoever refreshes has one that is no access token.
    'POST /login': rule({ accept: 'anyone' }),
    'POST /refresh': rule({ accept: 'anyone' }),
    // Those who logged in here. The identity provider's users log out there.
    'POST /logout': rule({ ...ours }),
    'POST /logout-everywhere': rule({ ...ours }),
    'POST /password': rule({ ...ours }),
    'GET /devices': rule({ ...ours }),
    'DELETE /devices/:id': rule({ ...ours }),

    'GET /weather': rule({ accept: 'machine', scopes: 'weather:read' }),
    'GET /account': rule({ accept: 'account', scopes: authenticated() }),
    'GET /profile': rule({ accept: ['user', 'session'], scopes: authenticated() }),

    'GET /users': rule({ accept: people, scopes: 'users:read' }),
    'POST /users': rule({ accept: people, scopes: 'users:write' }),
    // From here on `policy.ts` decides, on the very resource: a scope says what a token may do, not to whom.
    'GET /users/:id': rule({ accept: people, action: 'users:read', type: 'user', load: user }),
    'DELETE /users/:id': rule({ accept: people, action: 'users:delete', type: 'user', load: user }),

    'GET /posts': rule({
      accept: ['user', 'session', 'machine'],
      action: 'posts:read',
      type: 'post',
      list: true,
    }),
    'POST /posts': rule({ accept: people, scopes: 'posts:write' }),
    'GET /posts/:id': rule({
      accept: ['user', 'session', 'machine'],
      action: 'posts:read',
      type: 'post',
      load: post,
    }),
    'DELETE /posts/:id': rule({ accept: people, action: 'posts:delete', type: 'post', load: post }),

    'GET /teams': rule({ accept: people, action: 'teams:read', type: 'team', list: true }),
    'GET /teams/:id': rule({ accept: people, action: 'teams:read', type: 'team', load: team }),
    'DELETE /teams/:id': rule({ accept: people, action: 'teams:delete', type: 'team', load: team }),
  }
}

/** Gives a rule back as it is. It stands here for the compiler, which reads the rule's types from it. */
function ruleFor<Context>() {
  return <
    Accepted extends AcceptName<Principals>,
    Resource = undefined,
    Type extends keyof Types & string = never,
  >(
    rule: Rule<ScopeName, Principals, Accepted, Context, Resource, Types, Type>,
  ) => rule
}

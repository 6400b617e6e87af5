/**
 * THE RULES, all on one page: who may do what. Plain data, the same for every framework; a framework's file only says
 * how to read the `:id` of a path from its own request.
 */
import { type AcceptName, authenticated, type Rule } from 'sallyport'
import { canSee, type Data, isSame } from './data.js'
import { ACCOUNTS_ISSUER, type Principals, type ScopeName, scopes } from './gate.js'

/** @param idOf reads the path parameter `id` from what the framework hands to a rule: its request or context */
export function createRules<Context>({ users, posts }: Data, idOf: (context: Context) => string) {
  const rule = ruleFor<Context>()
  const user = (context: Context) => users.find(idOf(context))
  const post = (context: Context) => posts.find(idOf(context))
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

    'GET /users': rule({ accept: ['user', 'session'], scopes: 'users:read' }),
    'POST /users': rule({ accept: ['user', 'session'], scopes: 'users:write' }),
    'GET /users/:id': rule({ accept: ['user', 'session'], scopes: 'users:read', load: user }),
    // One's own user only, whatever the scope: a scope says what a token may do, not to whom. Not hidden: GET /users
    // lists everybody, so a 404 would keep no secret and only confuse.
    'DELETE /users/:id': rule({
      accept: ['user', 'session'],
      scopes: 'users:delete',
      load: user,
      allow: (who, { identity }) => isSame(who, identity),
    }),

    'GET /posts': rule({ accept: ['user', 'session', 'machine'], scopes: 'posts:read' }),
    'POST /posts': rule({ accept: ['user', 'session'], scopes: 'posts:write' }),
    // Hidden: that there is a draft is itself the secret, and a 403 would tell it.
    'GET /posts/:id': rule({
      accept: ['user', 'session', 'machine'],
      scopes: 'posts:read',
      load: post,
      allow: canSee,
      hide: true,
    }),
    // Hidden as well, or one could ask for drafts by trying to delete them. Moderators hold admin:all.
    'DELETE /posts/:id': rule({
      accept: ['user', 'session'],
      scopes: 'posts:delete',
      load: post,
      allow: (who, { author }) => isSame(who, author) || scopes.can(who.grant, 'admin:all'),
      hide: true,
    }),
  }
}

/** Gives a rule back as it is. It stands here for the compiler, which reads the rule's types from it. */
function ruleFor<Context>() {
  return <Accepted extends AcceptName<Principals>, Resource = undefined>(
    rule: Rule<ScopeName, Principals, Accepted, Context, Resource>,
  ) => rule
}

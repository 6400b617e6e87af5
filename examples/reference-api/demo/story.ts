/** The story that the demo tells: every request, and the one right answer to it. */
import { WEB_APP } from '../api.js'
import {
  badRequest,
  denied,
  type Expected,
  granted,
  lacksScope,
  leak,
  notFound,
  notProven,
  notValid,
  preflight,
  SOME_SECONDS,
  unavailable,
} from './answer.js'
import {
  apiKey,
  apiKeyInUrl,
  bearer,
  cleartext,
  endDevice,
  hostile,
  json,
  lines,
  logIn,
  nothing,
  opaque,
  type Present,
  password,
  refreshOf,
  signedByNone,
  tokenAndApiKey,
  tokenInUrl,
  tokenOf,
  twoAuthorizationLines,
} from './requests.js'

export interface Step {
  readonly method: string
  readonly path: string
  /** What is sent, in words. */
  readonly sent: string
  readonly present: Present
  readonly expected: Expected
  /** What happens in the world before. */
  readonly before?: { readonly secondsGoBy: number; readonly providerIsDown: boolean }
  /** Under which name the answer is remembered for later steps. */
  readonly remember?: string
  /** One of those that `--serve` prints curl lines for. */
  readonly toTry?: true
}

export interface Chapter {
  readonly title: string
  readonly steps: readonly Step[]
}

export function story(): readonly Chapter[] {
  return [
    { title: 'Nothing presented', steps: nothingPresented() },
    { title: 'Basic: who has the password?', steps: basic() },
    { title: 'API key: which program is it?', steps: apiKeys() },
    { title: 'Bearer tokens, good ones', steps: goodTokens() },
    { title: 'Bearer tokens that prove nothing', steps: badTokens() },
    { title: 'Presented in the wrong way', steps: wrongWays() },
    { title: 'Proven, but may they? Scopes', steps: scopes() },
    { title: 'Proven, but may they? Whose is it?', steps: owners() },
    { title: 'Proven, but may they? Teams, roles and tenants', steps: teams() },
    { title: 'Logged in with us: refresh, log out, change the password', steps: accounts() },
    { title: 'Browsers, and outages', steps: browsersAndOutages() },
  ]
}

function nothingPresented(): readonly Step[] {
  return [
    step('GET /health', 'nothing', nothing, granted(200, 'anonymous', '"ok"')),
    tried('GET /users', 'nothing', nothing, notProven('credential_missing', USERS)),
    step('GET /posts', 'nothing', nothing, notProven('credential_missing', POSTS, 'ApiKey')),
    step('GET /account', 'nothing', nothing, notProven('credential_missing', 'Basic')),
    step('GET /weather', 'nothing', nothing, notProven('credential_missing', 'ApiKey')),
  ]
}

function basic(): readonly Step[] {
  const wrong = notValid('password_wrong', 'Basic error=invalid_token')
  return [
    tried('GET /account', 'right password', password('alice'), granted(200, 'user', '"alice"')),
    step('GET /account', 'wrong password', password('alice', 'letmein'), wrong),
    step('GET /account', 'unknown user', password('mallory'), wrong),
    step(
      'GET /account',
      'good token, not taken',
      bearer('users:read'),
      notProven('credential_not_accepted', 'Basic'),
    ),
  ]
}

function apiKeys(): readonly Step[] {
  const refused = (why: string) => notValid(why, 'ApiKey error=invalid_token scope=weather:read')
  return [
    tried(
      'GET /weather',
      'good key',
      apiKey('good'),
      granted(200, 'application', '"weather-widget"'),
    ),
    step('GET /weather', 'mistyped key', apiKey('mistyped'), refused('api_key_checksum')),
    step('GET /weather', 'made-up key', apiKey('unknown'), refused('api_key_unknown')),
    step('GET /weather', 'expired key', apiKey('expired'), refused('api_key_expired')),
    step(
      'GET /posts',
      'key for weather only',
      apiKey('good'),
      lacksScope(POSTS, 'ApiKey error=insufficient_scope scope=posts:read'),
    ),
  ]
}

function goodTokens(): readonly Step[] {
  const alice = granted(200, 'user', '"subject":"alice"')
  return [
    tried('GET /profile', 'good JWT', bearer(), alice),
    tried('GET /profile', 'good opaque token', opaque('good'), alice),
    step('GET /users', 'users:read', bearer('users:read'), granted(200, 'user', '"Bob"')),
  ]
}

function badTokens(): readonly Step[] {
  const profile = (why: string) => notValid(why, 'Bearer error=invalid_token')
  const refused = (why: string) => notValid(why, `Bearer error=invalid_token scope=users:read`)
  return [
    step('GET /profile', 'unknown opaque token', opaque('unknown'), profile('token_unknown')),
    step('GET /profile', 'expired opaque token', opaque('expired'), profile('token_expired')),
    tried('GET /users', 'expired', hostile('expired'), refused('token_expired')),
    step('GET /users', 'not valid yet', hostile('not-yet-valid'), refused('token_not_yet_valid')),
    tried('GET /users', 'wrong audience', hostile('wrong-audience'), refused('audience_mismatch')),
    step('GET /users', 'wrong issuer', hostile('wrong-issuer'), refused('issuer_mismatch')),
    step('GET /users', 'wrong kind (ID token)', hostile('wrong-type'), refused('token_type')),
    tried(
      'GET /users',
      'alg none, unsigned',
      hostile('algorithm-none'),
      refused('token_malformed'),
    ),
    step('GET /users', 'alg none, signed', signedByNone, refused('algorithm_not_allowed')),
    step('GET /users', 'HS/RS swap', hostile('key-confusion'), refused('algorithm_not_allowed')),
    tried('GET /users', 'tampered', hostile('tampered'), refused('signature_invalid')),
    step('GET /users', "someone else's key", hostile('foreign-key'), refused('signature_invalid')),
    step('GET /users', 'brings its own key', hostile('embedded-key'), refused('signature_invalid')),
    step('GET /users', 'without expiry', hostile('no-expiry'), refused('claim_missing')),
    step('GET /users', 'good for ten years', hostile('ten-years'), refused('lifetime_too_long')),
    step(
      'GET /users',
      'not a token',
      lines(['Authorization', 'Bearer abc']),
      refused('token_unknown'),
    ),
    step(
      'POST /users',
      'expired and lacks scope',
      hostile('expired'),
      notValid('token_expired', 'Bearer error=invalid_token scope=users:write'),
    ),
  ]
}

function wrongWays(): readonly Step[] {
  const onBearer = 'Bearer error=invalid_request'
  return [
    tried('GET /users', 'token in the URL', tokenInUrl, leak('credential_in_url', onBearer)),
    step(
      'GET /weather',
      'API key in the URL',
      apiKeyInUrl,
      leak('credential_in_url', 'ApiKey error=invalid_request'),
    ),
    step('GET /users', 'over plain HTTP', cleartext, leak('credential_over_cleartext', onBearer)),
    tried(
      'GET /posts',
      'token and API key',
      tokenAndApiKey,
      badRequest('several_credentials', onBearer, 'ApiKey error=invalid_request'),
    ),
    step(
      'GET /users',
      'two Authorization lines',
      twoAuthorizationLines,
      badRequest('authorization_malformed', onBearer),
    ),
    step(
      'GET /users',
      'malformed Authorization',
      lines(['Authorization', 'Bearer']),
      badRequest('authorization_malformed', onBearer),
    ),
    step(
      'GET /users',
      'unknown scheme',
      lines(['Authorization', 'Digest username="alice", realm="users"']),
      notProven('scheme_unsupported', USERS),
    ),
  ]
}

function scopes(): readonly Step[] {
  const users = granted(200, 'user', '"Bob"')
  const needs = (scope: string) => lacksScope(`Bearer error=insufficient_scope scope=${scope}`)
  const newUser = (scope: string) => json({ name: 'Carol' }, bearer(scope))
  const newPost = (scope: string) => json({ title: 'News' }, bearer(scope))
  return [
    step('GET /users', 'no scope', bearer(), needs('users:read')),
    step(
      'GET /users',
      'look-alike users:reader',
      bearer('users:reader users'),
      needs('users:read'),
    ),
    step('GET /users', 'users:write implies it', bearer('users:write'), users),
    step('GET /users', 'admin:all', bearer('admin:all'), users),
    tried('POST /users', 'users:read only', newUser('users:read'), needs('users:write')),
    tried('POST /users', 'users:write', newUser('users:write'), granted(201, 'user', '"Carol"')),
    step('POST /users', 'posts:*', newUser('posts:*'), needs('users:write')),
    step('POST /posts', 'posts:*', newPost('posts:*'), granted(201, 'user', '"News"')),
    step('POST /posts', 'session without it', json({}, opaque('good')), needs('posts:write')),
  ]
}

function owners(): readonly Step[] {
  const deleter = bearer('users:delete')
  const reader = bearer('posts:read')
  const bob = (scope: string) => bearer(scope, { subject: 'bob' })
  return [
    step('GET /users/bob', 'users:read', bearer('users:read'), granted(200, 'user', '"Bob"')),
    tried('GET /users/zoe', 'missing user', bearer('users:read'), notFound('resource_absent')),
    tried('DELETE /users/bob', "someone else's", deleter, denied('no_rule_allows')),
    step('DELETE /users/bob', 'with admin:all', bearer('admin:all'), denied('no_rule_allows')),
    step(
      'DELETE /users/alice',
      'users:read only',
      bearer('users:read'),
      lacksScope('Bearer error=insufficient_scope scope=users:delete'),
    ),
    tried('DELETE /users/alice', "one's own user", deleter, granted(204, 'user')),
    step('DELETE /users/alice', 'once more', deleter, notFound('resource_absent')),
    tried('GET /posts/3', "someone else's draft", reader, notFound('no_rule_allows')),
    step('GET /posts/3', 'its author', bob('posts:read'), granted(200, 'user', '"Unfinished"')),
    step('GET /posts/99', 'missing post', reader, notFound('resource_absent')),
    step('DELETE /posts/2', "someone else's post", bearer('posts:*'), denied('no_rule_allows')),
    step('DELETE /posts/3', "someone else's draft", bearer('posts:*'), notFound('no_rule_allows')),
    step('DELETE /posts/1', "one's own post", bearer('posts:*'), granted(204, 'user')),
    step('DELETE /posts/2', "a moderator's", bearer('admin:all'), granted(204, 'user')),
  ]
}

function teams(): readonly Step[] {
  const alice = bearer('teams:read teams:delete')
  const bob = bearer('teams:read teams:delete', { subject: 'bob' })
  const needs = lacksScope('Bearer error=insufficient_scope scope=teams:read')
  const hers = granted(200, 'user', '[{"id":"red"')
  return [
    step('GET /teams', 'no scope', bearer(), needs),
    step('GET /teams/blue', 'no scope: the team does not matter', bearer(), needs),
    tried('GET /teams', "one's teams, by a filter", alice, hers),
    step('GET /teams', 'someone of no tenant', bearer('teams:*', STRANGER), EMPTY),
    tried('GET /teams/red', 'a member', alice, granted(200, 'user', '"Red"')),
    tried('GET /teams/blue', 'no member', alice, notFound('no_rule_allows')),
    tried('GET /teams/gold', "another tenant's", alice, notFound('tenant_differs')),
    step('GET /teams/grey', 'missing team', alice, notFound('resource_absent')),
    step('DELETE /teams/gold', "another tenant's", bearer('admin:all'), notFound('tenant_differs')),
    step('DELETE /teams/red', 'a member', bob, denied('no_rule_allows')),
    step('DELETE /teams/red', 'its lead', alice, granted(204, 'user')),
  ]
}

const STRANGER = { subject: 'zoe' }
const EMPTY = granted(200, 'user', '[]')

function accounts(): readonly Step[] {
  const alice = granted(200, 'user', '"subject":"alice"')
  const revoked = notValid('revoked', 'Bearer error=invalid_token')
  const none = open(400, '"invalid_grant"')
  const change = (token: string, password: string, new_password: string): Present => {
    return json({ password, new_password }, tokenOf(token))
  }
  return [
    step('POST /login', 'wrong password', logIn('alice', 'Phone', 'letmein'), open(401)),
    step('POST /login', 'unknown user', logIn('mallory', 'Phone'), open(401)),
    step('POST /login', 'not a login', json({ name: 'alice' }, nothing), open(400)),
    remember('phone', step('POST /login', 'her phone', logIn('alice', 'Phone'), open(200))),
    remember('laptop', step('POST /login', 'her laptop', logIn('alice', 'Laptop'), open(200))),
    step('GET /profile', 'token of her phone', tokenOf('phone'), alice),
    step('GET /devices', "a provider's token", bearer(), denied()),

    remember('phone 2', step('POST /refresh', 'her phone', refreshOf('phone'), open(200))),
    step('POST /refresh', 'once more: the answer was lost', refreshOf('phone'), open(200)),
    step('GET /profile', 'refreshed token', tokenOf('phone 2'), alice),
    {
      ...step('POST /refresh', 'the spent token, a minute later', refreshOf('phone'), none),
      before: { secondsGoBy: 60, providerIsDown: false },
    },
    step('POST /refresh', 'its successor: it has ended too', refreshOf('phone 2'), none),
    step('GET /profile', 'the access token, too', tokenOf('phone 2'), revoked),
    step('POST /refresh', 'a made-up token', json({ refresh_token: 'rt_x' }, nothing), none),

    remember('tablet', step('POST /login', 'her tablet', logIn('alice', 'Tablet'), open(200))),
    remember(
      'list',
      step('GET /devices', 'her laptop', tokenOf('laptop'), granted(200, 'user', '"Tablet"')),
    ),
    remember('bob', step('POST /login', 'Bob', logIn('bob', 'PC'), open(200))),
    step(
      'DELETE /devices/:id',
      "Bob, at Alice's tablet",
      endDevice('Tablet', 'list', 'bob'),
      granted(404, 'user'),
    ),
    step('GET /profile', 'token of her tablet', tokenOf('tablet'), alice),
    step(
      'DELETE /devices/:id',
      'her tablet, by her laptop',
      endDevice('Tablet', 'list', 'laptop'),
      granted(204, 'user'),
    ),
    step('GET /profile', 'token of her tablet', tokenOf('tablet'), revoked),
    step('POST /refresh', 'her tablet', refreshOf('tablet'), none),

    remember('car', step('POST /login', 'her car', logIn('alice', 'Car'), open(200))),
    step('POST /logout', 'her car', tokenOf('car'), granted(204, 'user')),
    step('GET /profile', 'token of her car', tokenOf('car'), revoked),
    step('GET /profile', 'token of her laptop', tokenOf('laptop'), alice),

    remember('watch', step('POST /login', 'her watch', logIn('alice', 'Watch'), open(200))),
    step(
      'POST /password',
      'wrong old password',
      change('laptop', 'letmein', 'a whole new phrase'),
      granted(403, 'user'),
    ),
    step(
      'POST /password',
      'new one too short',
      change('laptop', 'correct horse battery staple', 'short'),
      granted(400, 'user', 'too_short'),
    ),
    step(
      'POST /password',
      'right, by her laptop',
      change('laptop', 'correct horse battery staple', 'a whole new phrase'),
      granted(204, 'user'),
    ),
    step('GET /profile', 'her laptop goes on', tokenOf('laptop'), alice),
    step('GET /profile', 'her watch does not', tokenOf('watch'), revoked),
    step('POST /refresh', 'nor when it refreshes', refreshOf('watch'), none),
    step('POST /login', 'old password', logIn('alice', 'Phone'), open(401)),
    remember(
      'new',
      step('POST /login', 'new password', logIn('alice', 'New', 'a whole new phrase'), open(200)),
    ),

    step('POST /logout-everywhere', 'her laptop', tokenOf('laptop'), granted(204, 'user')),
    step('GET /profile', 'token of her laptop', tokenOf('laptop'), revoked),
    step('GET /profile', 'the new token', tokenOf('new'), revoked),
    step('GET /profile', "Bob's goes on", tokenOf('bob'), granted(200, 'user', '"subject":"bob"')),
    ...['one', 'two', 'three', 'four', 'five'].map((guess) =>
      step('POST /login', `a guess: ${guess}`, logIn('bob', 'PC', guess), open(401)),
    ),
    step('POST /login', 'one guess too many', logIn('bob', 'PC', 'six'), {
      ...open(429),
      retryAfter: SOME_SECONDS,
    }),
  ]
}

function browsersAndOutages(): readonly Step[] {
  const reader = bearer('users:read')
  const asks = lines(['Origin', WEB_APP], ['Access-Control-Request-Method', 'DELETE'])
  return [
    step('OPTIONS /users/bob', 'CORS preflight', asks, preflight(WEB_APP)),
    {
      ...step('GET /users', 'good, provider is down', reader, granted(200, 'user', '"Bob"')),
      before: { secondsGoBy: 601, providerIsDown: true }, // the keys at hand are old, and serve an hour more
    },
    {
      ...step('GET /users', 'good, provider is up', reader, granted(200, 'user', '"Bob"')),
      before: { secondsGoBy: 60, providerIsDown: false },
    },
    {
      ...step('GET /users', 'good, but no keys', reader, unavailable('keys_unavailable', 10)),
      before: { secondsGoBy: 601 + 3_600, providerIsDown: true }, // now they are too old
    },
    step('GET /profile', 'opaque meanwhile', opaque('good'), granted(200, 'user', '"alice"')),
    {
      ...step('GET /users', 'good, keys are back', reader, granted(200, 'user', '"Bob"')),
      before: { secondsGoBy: 30, providerIsDown: false },
    },
  ]
}

function step(route: string, sent: string, present: Present, expected: Expected): Step {
  const [method = '', path = ''] = route.split(' ')
  return { method, path, sent, present, expected }
}

function remember(name: string, one: Step): Step {
  return { ...one, remember: name }
}

/** A route for anyone: the gate lets everybody in, and the handler answers. */
function open(status: number, body?: string): Expected {
  return granted(status, 'anonymous', body)
}

function tried(route: string, sent: string, present: Present, expected: Expected): Step {
  return { ...step(route, sent, present, expected), toTry: true }
}

const USERS = 'Bearer scope=users:read'
const POSTS = 'Bearer scope=posts:read'

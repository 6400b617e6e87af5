import type { ContractFixture } from './contract-fixture.js'
import { fieldsOf, type TestCredential } from './requests.js'
import type { RawRequest, RawResponse } from './send.js'
import type { HostileToken } from './test-issuer.js'

/** What a case works with: the credentials, what the application has seen, and a way to send. */
export interface CaseFixture extends ContractFixture {
  send(request: RawRequest): Promise<RawResponse>
}

/** A sentence about behaviour and the judgement of it; the judgement rejects if the sentence is not true. */
export interface CaseDefinition {
  readonly name: string
  judge(fixture: CaseFixture): Promise<void>
}

/** What an answer must be. Whatever is left out must not be there. */
interface Expected {
  readonly status: number
  /** The whole `WWW-Authenticate` value, challenges in order joined by `, `. */
  readonly challenges?: string
  /** The members of the JSON body that matter. */
  readonly body?: Readonly<Record<string, unknown>>
  readonly retryAfter?: string
}

/** The cases of the contract: the answers of RFC 6750, 7617, 9110 and 9470, and faults found in real servers. */
export function contractCases(): readonly CaseDefinition[] {
  return [
    ...withoutCredential(),
    ...presentation(),
    ...verification(),
    ...permission(),
    ...resources(),
    ...outages(),
    ...browsers(),
    ...mounting(),
  ]
}

function withoutCredential(): readonly CaseDefinition[] {
  return [
    answers('a route for anyone answers without a credential', () => get('/open'), {
      status: 200,
      body: { kind: 'anonymous' },
    }),
    answers(
      'a route for anyone does not look at what it is sent',
      () => get('/open', { bearer: 'junk' }),
      { status: 200, body: { kind: 'anonymous' } },
    ),
    answers('where a credential is optional, none is anonymous', () => get('/either'), {
      status: 200,
      body: { kind: 'anonymous' },
    }),
    answers(
      'no credential gets every scheme that the route takes, without an error',
      () => get('/any'),
      { status: 401, challenges: EVERY_SCHEME },
    ),
    answers('no credential on an API key route gets a challenge too', () => get('/machine'), {
      status: 401,
      challenges: API_KEY,
    }),
    answers('Basic is offered with its realm and charset', () => get('/ops'), {
      status: 401,
      challenges: BASIC,
    }),
    answers('the challenge names the scopes that the route needs', () => get('/things/1'), {
      status: 401,
      challenges: `${BEARER}, scope="things:read"`,
    }),
    answers(
      'HEAD is judged like GET and has no body',
      () => ({ ...get('/machine'), method: 'HEAD' }),
      { status: 401, challenges: API_KEY },
    ),
  ]
}

function presentation(): readonly CaseDefinition[] {
  const malformed = (name: string, authorization: string, challenges: string): CaseDefinition =>
    answers(name, () => request('GET', '/any', [['Authorization', authorization]]), {
      status: 400,
      challenges,
      body: { error: 'invalid_request' },
    })
  const onBearer = everyScheme({ [BEARER]: REQUEST_ERROR })
  return [
    malformed('a scheme without its token is malformed', 'Bearer', onBearer),
    malformed('two tokens after one scheme are malformed', 'Bearer one two', onBearer),
    malformed('a quoted token is malformed', 'Bearer "abc"', onBearer),
    malformed('a token with a byte outside ASCII is malformed', 'Bearer ab\u00e9', onBearer),
    malformed('a tab does not separate scheme and token', 'Bearer\tabc', onBearer),
    malformed('an oversized field is refused', `Bearer ${'a'.repeat(9_000)}`, onBearer),
    answers(
      'scheme names are matched without regard to case, and more than one space is grammatical',
      async ({ issuer }) =>
        request('GET', '/things', [
          ['authorization', `bEARER  ${await issuer.token({ scope: 'things:read' })}`],
        ]),
      { status: 200, body: { kind: 'user', subject: 'alice' } },
    ),
    answers(
      'a scheme that nobody here knows is answered like no credential',
      () => request('GET', '/machine', [['Authorization', 'Digest username="a", realm="b"']]),
      { status: 401, challenges: API_KEY },
    ),
    answers(
      'two Authorization fields are refused, though each alone is good',
      async ({ issuer }) => {
        const token = await issuer.token({ scope: 'things:read' })
        return request('GET', '/things', [
          ['Authorization', `Bearer ${token}`],
          ['Authorization', `Bearer ${token}`],
        ])
      },
      {
        status: 400,
        challenges: `${BEARER}, ${REQUEST_ERROR}, ${API_KEY}`,
        body: { error: 'invalid_request' },
      },
    ),
    answers(
      'two Authorization fields of different schemes are refused on both schemes',
      async ({ issuer }) =>
        request('GET', '/any', [
          ['Authorization', `Bearer ${await issuer.token()}`],
          ['Authorization', 'Basic b3BzOnNlY3JldA=='],
        ]),
      {
        status: 400,
        challenges: everyScheme({ [BEARER]: REQUEST_ERROR, [BASIC]: REQUEST_ERROR }),
        body: { error: 'invalid_request' },
      },
    ),
    answers(
      'a bearer token together with an API key is refused on both schemes',
      async ({ issuer, goodKey }) =>
        request('GET', '/any', [
          ['Authorization', `Bearer ${await issuer.token()}`],
          ['X-API-Key', goodKey],
        ]),
      {
        status: 400,
        challenges: everyScheme({ [BEARER]: REQUEST_ERROR, [API_KEY]: REQUEST_ERROR }),
        body: { error: 'invalid_request' },
      },
    ),
    answers(
      'a repeated API key field is refused',
      ({ goodKey }) =>
        request('GET', '/machine', [
          ['X-API-Key', goodKey],
          ['X-Api-Key', goodKey],
        ]),
      {
        status: 400,
        challenges: `${API_KEY}, ${REQUEST_ERROR}`,
        body: { error: 'invalid_request' },
      },
    ),
    answers(
      'a credential cookie that is sent twice is refused',
      async ({ issuer }) =>
        request('GET', '/cookie', [
          ['Cookie', `__Host-token=${await issuer.token()}; theme=dark`],
          ['Cookie', `__Host-token=${await issuer.token()}`],
        ]),
      {
        status: 400,
        challenges: `${COOKIE}, ${REQUEST_ERROR}`,
        body: { error: 'invalid_request' },
      },
    ),
    {
      name: 'a token in the URL is refused loudly, even where the same token is in the field',
      async judge(fixture) {
        const token = await fixture.issuer.token({ scope: 'things:read' })
        for (const path of [`/things?access_token=${token}`, `/things?x=1&anything=${token}`]) {
          const leaks = () => fixture.seen.events.filter((event) => event.kind === 'leaked').length
          const before = leaks()
          const sent = get(path, { bearer: token })
          check(await fixture.send(sent), sent, {
            status: 400,
            challenges: `${BEARER}, ${REQUEST_ERROR}, ${API_KEY}`,
            body: { error: 'invalid_request' },
          })
          assert(leaks() === before + 1, 'the operator was not told of the leak')
        }
      },
    },
    answers(
      'a credential without TLS from another host is refused',
      async ({ issuer }) =>
        request('GET', '/machine', [
          ['Host', 'api.example.com'],
          ['Authorization', `Bearer ${await issuer.token()}`],
        ]),
      { status: 400, challenges: API_KEY, body: { error: 'invalid_request' } },
    ),
    answers(
      'a forwarded protocol is not believed unless it was configured',
      async ({ issuer }) =>
        request('GET', '/machine', [
          ['Host', 'api.example.com'],
          ['X-Forwarded-Proto', 'https'],
          ['Authorization', `Bearer ${await issuer.token()}`],
        ]),
      { status: 400, challenges: API_KEY, body: { error: 'invalid_request' } },
    ),
  ]
}

function verification(): readonly CaseDefinition[] {
  const refusedTokens: readonly HostileToken[] = [
    'algorithm-none',
    'key-confusion',
    'foreign-key',
    'embedded-key',
    'tampered',
    'not-yet-valid',
    'no-expiry',
    'ten-years',
    'wrong-issuer',
    'wrong-audience',
    'wrong-type',
  ]
  const invalid: Expected = {
    status: 401,
    challenges: `${BEARER}, ${INVALID}, scope="things:read", ${API_KEY}`,
    body: { error: 'invalid_token' },
  }
  return [
    answers(
      'a good token is let in',
      async ({ issuer }) =>
        get('/things', { bearer: await issuer.token({ scope: 'things:read' }) }),
      { status: 200, body: { kind: 'user', subject: 'alice' } },
    ),
    answers(
      'a good opaque token is let in on the same route',
      ({ opaqueToken }) => get('/things', { bearer: opaqueToken }),
      { status: 200, body: { kind: 'user', subject: 'bob' } },
    ),
    answers(
      'a good API key is an application, not a user',
      ({ goodKey }) => get('/things', { apiKey: goodKey }),
      { status: 200, body: { kind: 'application', applicationId: 'robot' } },
    ),
    answers(
      'an API key is taken from Authorization: ApiKey as well',
      ({ goodKey }) => request('GET', '/machine', [['Authorization', `ApiKey ${goodKey}`]]),
      { status: 200, body: { kind: 'application', applicationId: 'robot' } },
    ),
    answers(
      'a good password is let in, colons and all',
      ({ password }) => get('/ops', { basic: ['ops', password] }),
      { status: 200, body: { kind: 'user', subject: 'ops' } },
    ),
    ...refusedTokens.map((kind) =>
      answers(
        `a token is refused as invalid: ${kind}`,
        async ({ issuer }) =>
          get('/things', { bearer: await issuer.hostile(kind, { scope: 'things:read' }) }),
        invalid,
      ),
    ),
    answers(
      'a token that is not even a JWT is refused',
      () => get('/things', { bearer: 'abc' }),
      invalid,
    ),
    answers(
      'an unknown key id is refused',
      async ({ issuer }) => {
        const token = await issuer.token({
          scope: 'things:read',
          header: { kid: '../../etc/passwd' },
        })
        return get('/things', { bearer: token })
      },
      invalid,
    ),
    answers(
      'an expired token is told so, even where it also lacks the scope',
      async ({ issuer }) => get('/things', { bearer: await issuer.hostile('expired') }),
      { ...invalid, challenges: `${BEARER}, ${EXPIRED}, scope="things:read", ${API_KEY}` },
    ),
    answers(
      'a bad credential is refused where a credential is optional',
      () => get('/either', { bearer: 'a.b.c' }),
      { status: 401, challenges: `${BEARER}, ${INVALID}`, body: { error: 'invalid_token' } },
    ),
    answers(
      'an API key with one wrong character is refused',
      ({ goodKey }) =>
        get('/machine', { apiKey: `${goodKey.slice(0, -1)}${goodKey.endsWith('0') ? '1' : '0'}` }),
      { status: 401, challenges: `${API_KEY}, ${INVALID}`, body: { error: 'invalid_token' } },
    ),
    answers(
      'an expired API key is told so',
      ({ expiredKey }) => get('/machine', { apiKey: expiredKey }),
      { status: 401, challenges: `${API_KEY}, ${EXPIRED}`, body: { error: 'invalid_token' } },
    ),
    answers(
      'a wrong password is refused',
      ({ password }) => get('/ops', { basic: ['ops', password.slice(0, password.indexOf(':'))] }),
      { status: 401, challenges: `${BASIC}, ${INVALID}`, body: { error: 'invalid_token' } },
    ),
    answers(
      'a Basic value that does not decode is refused like a wrong password',
      () => request('GET', '/ops', [['Authorization', 'Basic b3Bz']]),
      { status: 401, challenges: `${BASIC}, ${INVALID}`, body: { error: 'invalid_token' } },
    ),
    answers(
      'a good credential that this route does not take is answered like none',
      async ({ issuer }) => get('/machine', { bearer: await issuer.token() }),
      { status: 401, challenges: API_KEY },
    ),
  ]
}

function permission(): readonly CaseDefinition[] {
  return [
    answers(
      'a good token without the scope is forbidden, and told which scopes the request needs',
      async ({ issuer }) =>
        request('POST', '/things', [
          ['Authorization', `Bearer ${await issuer.token({ scope: 'things:read' })}`],
        ]),
      {
        status: 403,
        challenges: `${BEARER}, error="insufficient_scope", scope="things:read things:write", ${API_KEY}`,
        body: { error: 'insufficient_scope' },
      },
    ),
    answers(
      'the error sits on the scheme that was used, also for an API key',
      ({ goodKey }) => request('POST', '/things', Object.entries(fieldsOf({ apiKey: goodKey }))),
      {
        status: 403,
        challenges: `${BEARER}, scope="things:read things:write", ${API_KEY}, error="insufficient_scope", scope="things:read things:write"`,
        body: { error: 'insufficient_scope' },
      },
    ),
    answers(
      'a scope is not met by a longer or shorter name',
      async ({ issuer }) =>
        get('/things', {
          bearer: await issuer.token({ scope: 'things:reader things thing:read' }),
        }),
      {
        status: 403,
        challenges: `${BEARER}, error="insufficient_scope", scope="things:read", ${API_KEY}`,
        body: { error: 'insufficient_scope' },
      },
    ),
    answers(
      'a login that is too old asks for another one',
      async ({ issuer }) =>
        get('/recent', { bearer: await issuer.token({ claims: { acr: 'gold', auth_time: 1 } }) }),
      {
        status: 401,
        challenges: `${BEARER}, ${STEP_UP}`,
        body: { error: 'insufficient_user_authentication' },
      },
    ),
    answers(
      'a login that does not say when it was asks for another one',
      async ({ issuer }) =>
        get('/recent', { bearer: await issuer.token({ claims: { acr: 'gold' } }) }),
      {
        status: 401,
        challenges: `${BEARER}, ${STEP_UP}`,
        body: { error: 'insufficient_user_authentication' },
      },
    ),
  ]
}

function resources(): readonly CaseDefinition[] {
  const things =
    (method: 'GET' | 'DELETE', id: string, scope: string) =>
    async ({ issuer }: CaseFixture) =>
      request(
        method,
        `/things/${id}`,
        Object.entries(fieldsOf({ bearer: await issuer.token({ scope }) })),
      )
  return [
    answers("one's own resource is handed to the handler", things('GET', '1', 'things:read'), {
      status: 200,
      body: { id: '1', owner: 'alice' },
    }),
    answers(
      "someone else's resource is forbidden, without a challenge",
      things('GET', '2', 'things:read'),
      {
        status: 403,
      },
    ),
    answers('a resource that is not there is not found', things('GET', '3', 'things:read'), {
      status: 404,
    }),
    {
      name: 'a hidden denial looks exactly like a resource that is not there',
      async judge(fixture) {
        const [denied, absent] = await Promise.all(
          ['2', '3'].map(async (id) => {
            const sent = await things('DELETE', id, 'things:delete')(fixture)
            const answer = await fixture.send(sent)
            check(answer, sent, { status: 404 })
            return JSON.stringify([answer.body, answer.fields.filter(([name]) => name !== 'date')])
          }),
        )
        assert(denied === absent, 'the two answers differ')
      },
    },
    {
      name: 'nothing is loaded for a request that lacks the scope',
      async judge(fixture) {
        const before = fixture.seen.loads
        const sent = await things('DELETE', '1', 'things:read')(fixture)
        check(await fixture.send(sent), sent, {
          status: 403,
          challenges: `${BEARER}, error="insufficient_scope", scope="things:delete"`,
          body: { error: 'insufficient_scope' },
        })
        assert(fixture.seen.loads === before, 'the resource was loaded')
      },
    },
  ]
}

function outages(): readonly CaseDefinition[] {
  const bearing =
    (path: string) =>
    async ({ issuer }: CaseFixture) =>
      get(path, { bearer: await issuer.token() })
  return [
    answers(
      'keys that cannot be had are no fault of the token: try again later',
      async ({ issuer }) => get('/keyless', { cookie: ['keyless', await issuer.token()] }),
      { status: 503, retryAfter: '7' },
    ),
    answers(
      'a store that throws is no fault of the token: try again later',
      ({ opaqueToken }) => get('/storeless', { cookie: ['storeless', opaqueToken] }),
      { status: 503, retryAfter: '5' },
    ),
    answers('a load that throws lets nobody in', bearing('/broken-load'), {
      status: 503,
      retryAfter: '5',
    }),
    answers('a policy that throws lets nobody in', bearing('/broken-allow'), {
      status: 503,
      retryAfter: '5',
    }),
  ]
}

function browsers(): readonly CaseDefinition[] {
  const posted =
    (...fields: RawRequest['fields']) =>
    async ({ issuer }: CaseFixture) =>
      request('POST', '/cookie', [['Cookie', `__Host-token=${await issuer.token()}`], ...fields])
  return [
    answers('a cookie from the own site is let in', posted(['Sec-Fetch-Site', 'same-origin']), {
      status: 200,
      body: { kind: 'user', subject: 'alice' },
    }),
    answers('a cookie from another site is forbidden', posted(['Sec-Fetch-Site', 'cross-site']), {
      status: 403,
    }),
    answers(
      'a cookie from an unknown origin is forbidden in browsers that only send Origin',
      posted(['Origin', 'https://evil.example']),
      { status: 403 },
    ),
    answers(
      'a bad bearer token does not fall back to a good cookie',
      async ({ issuer }) =>
        request('GET', '/cookie', [
          ['Authorization', 'Bearer a.b.c'],
          ['Cookie', `__Host-token=${await issuer.token()}`],
        ]),
      {
        status: 400,
        challenges: `${COOKIE}, ${REQUEST_ERROR}`,
        body: { error: 'invalid_request' },
      },
    ),
    {
      name: 'a preflight is neither challenged nor handed to the handler',
      async judge(fixture) {
        const before = fixture.seen.loads
        const answer = await fixture.send(
          request('OPTIONS', '/things/1', [
            ['Origin', 'https://app.example.com'],
            ['Access-Control-Request-Method', 'GET'],
          ]),
        )
        // Express answers OPTIONS by itself (200), where no route does.
        assert([200, 204, 404].includes(answer.status), `it was answered ${answer.status}`)
        assert(!answer.body.includes('alice'), 'the handler ran')
        assert(challengesOf(answer) === '', 'it was challenged')
        assert(fixture.seen.loads === before, 'the resource was loaded')
      },
    },
  ]
}

function mounting(): readonly CaseDefinition[] {
  const bare = (method: 'GET' | 'POST') => async (fixture: CaseFixture) => {
    const before = fixture.seen.bareHandlers
    const anonymous = request(method, '/bare', [])
    check(await fixture.send(anonymous), anonymous, { status: 401, challenges: EVERY_SCHEME })
    const identified = request(
      method,
      '/bare',
      Object.entries(fieldsOf({ apiKey: fixture.goodKey })),
    )
    check(await fixture.send(identified), identified, { status: 403 })
    assert(fixture.seen.bareHandlers === before, 'the handler ran')
  }
  return [
    { name: 'a route without a rule lets nobody in', judge: bare('GET') },
    { name: 'a route without a rule lets nobody in, whatever the method', judge: bare('POST') },
    {
      name: 'two hundred interleaved callers each get their own identity',
      async judge(fixture) {
        await Promise.all(
          Array.from({ length: 200 }, async (_, index) => {
            const subject = `caller-${index}`
            const token = await fixture.issuer.token({ subject, scope: 'things:read' })
            const answer = await fixture.send(get('/things', { bearer: token }))
            assert(answer.body.includes(`"${subject}"`), `${subject} got ${answer.body}`)
          }),
        )
      },
    },
  ]
}

function answers(
  name: string,
  build: (fixture: CaseFixture) => RawRequest | Promise<RawRequest>,
  expected: Expected,
): CaseDefinition {
  return {
    name,
    async judge(fixture) {
      const sent = await build(fixture)
      check(await fixture.send(sent), sent, expected)
    },
  }
}

function get(path: string, credential?: TestCredential): RawRequest {
  return request('GET', path, credential === undefined ? [] : Object.entries(fieldsOf(credential)))
}

function request(method: string, path: string, fields: RawRequest['fields']): RawRequest {
  return { method, path, fields }
}

function check(answer: RawResponse, sent: RawRequest, expected: Expected): void {
  const told = `${sent.method} was answered ${answer.status} ${challengesOf(answer)} ${answer.body}`
  assert(answer.status === expected.status, told)
  assert(
    challengesOf(answer) === (expected.challenges ?? ''),
    `${told}; expected ${expected.challenges}`,
  )
  assert(fieldOf(answer, 'retry-after') === (expected.retryAfter ?? ''), told)
  if (sent.method === 'HEAD') assert(answer.body === '', told)
  else checkMembers(JSON.parse(answer.body), expected, told)
  if (expected.status !== 200) checkRefusal(answer, sent, told)
}

function checkMembers(body: unknown, expected: Expected, told: string): void {
  assert(typeof body === 'object' && body !== null, told)
  const members = new Map(Object.entries(body))
  for (const [name, value] of Object.entries(expected.body ?? {}))
    assert(members.get(name) === value, told)
  if (expected.status === 200) return
  assert(members.get('status') === expected.status, told)
  if (expected.body?.['error'] === undefined) assert(!members.has('error'), told)
}

function checkRefusal(answer: RawResponse, sent: RawRequest, told: string): void {
  assert(fieldOf(answer, 'content-type').startsWith('application/problem+json'), told)
  assert(fieldOf(answer, 'cache-control') === 'no-store', told)
  const text = JSON.stringify([answer.fields, answer.body])
  const secrets = sent.fields
    .filter(([name]) => ['authorization', 'x-api-key', 'cookie'].includes(name.toLowerCase()))
    .flatMap(([, value]) => value.split(/[ =;]/))
    .filter((part) => part.length > 12)
  for (const secret of [...secrets, 'https://api.example.com', 'https://id.example.com', 'alice']) {
    assert(!text.includes(secret), 'the answer tells what it should not')
  }
}

function challengesOf(answer: RawResponse): string {
  return fieldOf(answer, 'www-authenticate')
}

function fieldOf(answer: RawResponse, wanted: string): string {
  return answer.fields
    .filter(([name]) => name === wanted)
    .map(([, value]) => value)
    .join(', ')
}

function assert(holds: boolean, message: string): asserts holds {
  if (!holds) throw new Error(message)
}

const BEARER = 'Bearer realm="api.example.com"'
const COOKIE = 'Cookie realm="api.example.com", cookie-name="__Host-token"'
const API_KEY = 'ApiKey realm="api.example.com"'
const BASIC = 'Basic realm="ops", charset="UTF-8"'
const OTHER_COOKIES = ['keyless', 'storeless'].map(
  (name) => `Cookie realm="api.example.com", cookie-name="${name}"`,
)
const EVERY_SCHEME = everyScheme({})
const REQUEST_ERROR = 'error="invalid_request"'
const INVALID = 'error="invalid_token", error_description="The credential is not valid"'
const EXPIRED = 'error="invalid_token", error_description="The credential has expired"'
const STEP_UP =
  'error="insufficient_user_authentication", error_description="A more recent or stronger login is needed", acr_values="gold silver", max_age="300"'

/** The challenges of a route that takes every verifier of the gate, with an error on some of them. */
function everyScheme(errors: Readonly<Record<string, string>>): string {
  return [BEARER, COOKIE, API_KEY, BASIC, ...OTHER_COOKIES]
    .map((challenge) => (challenge in errors ? `${challenge}, ${errors[challenge]}` : challenge))
    .join(', ')
}

import { answers, assert, type CaseDefinition, check, get, request } from './case.js'
import { API_KEY, BASIC, BEARER, COOKIE, everyScheme, REQUEST_ERROR } from './challenges.js'

/** What a request may present, and how. */
export function presentation(): readonly CaseDefinition[] {
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

import { fieldsOf } from '../requests.js'
import { createTestClock } from '../test-clock.js'
import { answers, type CaseDefinition, get, request } from './case.js'
import { API_KEY, BEARER, STEP_UP } from './challenges.js'

/** What a good credential may do. */
export function permission(): readonly CaseDefinition[] {
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
        challenges: `${BEARER}, ${STEP_UP}, ${API_KEY}`,
        body: { error: 'insufficient_user_authentication' },
      },
    ),
    answers(
      'a program never logs in, and the scheme that it used says so',
      ({ goodKey }) => get('/recent', { apiKey: goodKey }),
      {
        status: 401,
        challenges: `${BEARER}, ${API_KEY}, ${STEP_UP}`,
        body: { error: 'insufficient_user_authentication' },
      },
    ),
    answers(
      'a login exactly as old as it may be is recent',
      async ({ issuer }) =>
        get('/recent', {
          bearer: await issuer.token({ claims: { acr: 'silver', auth_time: NOW - 300 } }),
        }),
      { status: 200 },
    ),
    answers(
      'a login one second older is not',
      async ({ issuer }) =>
        get('/recent', {
          bearer: await issuer.token({ claims: { acr: 'silver', auth_time: NOW - 301 } }),
        }),
      {
        status: 401,
        challenges: `${BEARER}, ${STEP_UP}, ${API_KEY}`,
        body: { error: 'insufficient_user_authentication' },
      },
    ),
    answers(
      'a login that does not say when it was asks for another one',
      async ({ issuer }) =>
        get('/recent', { bearer: await issuer.token({ claims: { acr: 'gold' } }) }),
      {
        status: 401,
        challenges: `${BEARER}, ${STEP_UP}, ${API_KEY}`,
        body: { error: 'insufficient_user_authentication' },
      },
    ),
  ]
}

/** The contract's clock stands still at the moment where each test clock starts. */
const NOW = createTestClock().now()

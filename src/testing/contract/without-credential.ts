import { answers, type CaseDefinition, get } from './case.js'
import { API_KEY, BASIC, BEARER, EVERY_SCHEME } from './challenges.js'

/** What a route answers to nobody in particular. */
export function withoutCredential(): readonly CaseDefinition[] {
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

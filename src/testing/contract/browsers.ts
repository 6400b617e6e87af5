import type { RawRequest } from '../send.js'
import {
  answers,
  assert,
  type CaseDefinition,
  type CaseFixture,
  challengesOf,
  request,
} from './case.js'
import { BEARER, COOKIE, REQUEST_ERROR } from './challenges.js'

/** What browsers send by themselves. */
export function browsers(): readonly CaseDefinition[] {
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
    ...['/things/1', '/options'].map(
      (path): CaseDefinition => ({
        name: `a preflight is neither challenged nor handed to the handler: ${path}`,
        async judge(fixture) {
          const before = fixture.seen.loads
          const answer = await fixture.send(
            request('OPTIONS', path, [
              ['Origin', 'https://app.example.com'],
              ['Access-Control-Request-Method', 'GET'],
            ]),
          )
          // Express answers OPTIONS by itself (200), where no route does.
          const expected = path === '/options' ? [204] : [200, 204, 404]
          assert(expected.includes(answer.status), `it was answered ${answer.status}`)
          assert(challengesOf(answer) === '', 'it was challenged')
          assert(fixture.seen.loads === before, 'the resource was loaded')
          assert(!answer.body.includes('alice'), 'the handler ran')
        },
      }),
    ),
    answers('OPTIONS that is no preflight is guarded', () => request('OPTIONS', '/options', []), {
      status: 401,
      challenges: BEARER,
    }),
  ]
}

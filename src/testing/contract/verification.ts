import type { HostileToken } from '../test-issuer.js'
import { answers, type CaseDefinition, type Expected, get, request } from './case.js'
import { API_KEY, BASIC, BEARER, EXPIRED, INVALID } from './challenges.js'

/** Which credentials are good. */
export function verification(): readonly CaseDefinition[] {
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

import { answers, type CaseDefinition, type CaseFixture, get } from './case.js'

/** What is no fault of the credential. */
export function outages(): readonly CaseDefinition[] {
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
    answers(
      'after too many attempts a credential is not looked at: try again later',
      ({ opaqueToken }) => get('/limited', { cookie: ['limited', opaqueToken] }),
      { status: 429, retryAfter: '7' },
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

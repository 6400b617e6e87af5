import { fieldsOf } from '../requests.js'
import {
  answers,
  assert,
  type CaseDefinition,
  type CaseFixture,
  check,
  get,
  request,
} from './case.js'
import { BEARER } from './challenges.js'

/** What the gate's policy says, on the way through an adapter. */
export function policy(): readonly CaseDefinition[] {
  const papers =
    (method: 'GET' | 'DELETE', id: string, scope: string, subject = 'alice') =>
    async ({ issuer }: CaseFixture) =>
      request(
        method,
        `/papers/${id}`,
        Object.entries(fieldsOf({ bearer: await issuer.token({ subject, scope }) })),
      )
  return [
    answers('what the policy permits is handed on', papers('DELETE', '1', 'things:delete'), {
      status: 200,
      body: { id: '1' },
    }),
    answers(
      'what the policy denies is forbidden without a challenge, if it may be seen',
      papers('DELETE', '2', 'things:read things:delete'),
      { status: 403 },
    ),
    {
      name: "a resource that is concealed, or another tenant's, looks exactly like one that is not there",
      async judge(fixture) {
        const bytes = await Promise.all(
          ['3', '4', 'unknown'].map(async (id) => {
            const sent = await papers('GET', id, 'things:read')(fixture)
            const answer = await fixture.send(sent)
            check(answer, sent, { status: 404 })
            return JSON.stringify([answer.body, answer.fields.filter(([name]) => name !== 'date')])
          }),
        )
        assert(new Set(bytes).size === 1, 'the answers differ')
      },
    },
    {
      name: 'the scope of an action is needed before anything is loaded, whatever the resource',
      async judge(fixture) {
        const before = fixture.seen.loads
        for (const id of ['1', '3', '4', 'unknown']) {
          const sent = await papers('DELETE', id, 'things:read')(fixture)
          check(await fixture.send(sent), sent, {
            status: 403,
            challenges: `${BEARER}, error="insufficient_scope", scope="things:delete"`,
            body: { error: 'insufficient_scope' },
          })
        }
        assert(fixture.seen.loads === before, 'a resource was loaded')
      },
    },
    {
      name: 'a policy that cannot be asked is an outage, and nothing is loaded',
      async judge(fixture) {
        const before = fixture.seen.loads
        const sent = await papers('GET', '1', 'things:read', 'outage')(fixture)
        check(await fixture.send(sent), sent, { status: 503, retryAfter: '5' })
        assert(fixture.seen.loads === before, 'a resource was loaded')
      },
    },
    answers('strangers may what the policy allows to strangers', () => get('/open-papers/2'), {
      status: 200,
      body: { kind: 'anonymous' },
    }),
    answers('and what it does not is not there for them', () => get('/open-papers/1'), {
      status: 404,
    }),
    answers(
      'the handler of a list gets the policy to choose with',
      async ({ issuer }) =>
        get('/papers', { bearer: await issuer.token({ subject: 'alice', scope: 'things:read' }) }),
      { status: 200, body: { ids: '1 2' } },
    ),
  ]
}

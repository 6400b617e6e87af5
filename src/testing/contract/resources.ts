import { fieldsOf } from '../requests.js'
import { answers, assert, type CaseDefinition, type CaseFixture, check, request } from './case.js'
import { BEARER } from './challenges.js'

/** Whose resource it is. */
export function resources(): readonly CaseDefinition[] {
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

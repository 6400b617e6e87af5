import { fieldsOf } from '../requests.js'
import { assert, type CaseDefinition, type CaseFixture, check, get, request } from './case.js'
import { EVERY_SCHEME } from './challenges.js'

/** Routes without a rule, and many callers at once. */
export function mounting(): readonly CaseDefinition[] {
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

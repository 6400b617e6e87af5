import type { RawRequest, RawResponse } from '../send.js'
import { assert, type CaseDefinition, type CaseFixture, fieldOf, request } from './case.js'

/** The document that tells OAuth clients where to get a token (RFC 9728). */
export function metadata(): readonly CaseDefinition[] {
  return [
    asked(
      'the metadata is served to anyone, as the gate knows it',
      'GET',
      PATH,
      (answer, fixture) => {
        assertDocument(answer, fixture)
        assert(fieldOf(answer, 'cache-control') === 'max-age=3600', 'nobody may keep it')
      },
    ),
    asked('the metadata is found whatever the query', 'GET', `${PATH}?a=b`, assertDocument),
    asked(
      'the metadata is found by a whole URL',
      'GET',
      `http://api.example.com${PATH}`,
      assertDocument,
    ),
    asked('HEAD of the metadata has no body', 'HEAD', PATH, (answer) => {
      assert(answer.status === 200 && answer.body === '', told(answer))
      assert(fieldOf(answer, 'content-type').startsWith('application/json'), told(answer))
    }),
    asked('the metadata may be read from any page', 'OPTIONS', PATH, (answer) => {
      assert(answer.status === 204 && answer.body === '', told(answer))
      assert(fieldOf(answer, 'access-control-allow-origin') === '*', told(answer))
      assert(fieldOf(answer, 'access-control-allow-headers') === '*', told(answer))
    }),
    ...['POST', 'PUT', 'DELETE', 'PATCH'].map((method) =>
      asked(`the metadata cannot be changed: ${method}`, method, PATH, (answer) => {
        assert(answer.status === 405, told(answer))
        assert(fieldOf(answer, 'allow') === 'GET, HEAD, OPTIONS', told(answer))
      }),
    ),
    asked('no other path shows the metadata', 'GET', `${PATH}/`, (answer) => {
      assert(answer.status !== 200, told(answer))
    }),
    {
      name: 'the metadata needs no credential, and looks at none',
      async judge(fixture) {
        const fields = [['Authorization', 'Bearer junk']] as const
        assertDocument(await fixture.send(request('GET', PATH, fields)), fixture)
      },
    },
  ]
}

function asked(
  name: string,
  method: string,
  path: string,
  judge: (answer: RawResponse, fixture: CaseFixture) => void,
): CaseDefinition {
  const fields: RawRequest['fields'] = [
    ['Host', 'api.example.com'],
    ['Origin', 'https://client.example'],
    ...(method === 'OPTIONS' ? [['Access-Control-Request-Method', 'GET'] as const] : []),
  ]
  return {
    name,
    async judge(fixture) {
      judge(await fixture.send(request(method, path, fields)), fixture)
    },
  }
}

function assertDocument(answer: RawResponse, { issuer }: CaseFixture): void {
  assert(answer.status === 200, told(answer))
  assert(fieldOf(answer, 'content-type').startsWith('application/json'), told(answer))
  assert(fieldOf(answer, 'access-control-allow-origin') === '*', told(answer))
  const expected = {
    resource: issuer.audience,
    authorization_servers: [issuer.issuer],
    bearer_methods_supported: ['header'],
    scopes_supported: ['things:read', 'things:write', 'things:delete'],
  }
  const members = new Map(Object.entries(JSON.parse(answer.body) as object))
  for (const [name, value] of Object.entries(expected)) {
    assert(JSON.stringify(members.get(name)) === JSON.stringify(value), `${name}: ${answer.body}`)
  }
}

function told({ status, fields, body }: RawResponse): string {
  return `it was answered ${status} ${JSON.stringify(fields)} ${body}`
}

const PATH = '/.well-known/oauth-protected-resource'

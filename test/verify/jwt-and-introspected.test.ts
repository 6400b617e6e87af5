import { inspect } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createGate, type Gate } from '../../src/gate.js'
import type { GateEvent } from '../../src/outcome/event.js'
import type { PrincipalsByName } from '../../src/policy/route/rule.js'
import { remoteIntrospection } from '../../src/remote/remote-introspection.js'
import { defineScopes } from '../../src/scope/define-scopes.js'
import type { ContractRule } from '../../src/testing/adapter-contract.js'
import { sendRaw } from '../../src/testing/send.js'
import { createTestClock } from '../../src/testing/test-clock.js'
import { createTestIssuer, type TestIssuer } from '../../src/testing/test-issuer.js'
import { introspectedBearer } from '../../src/verify/introspected-bearer.js'
import { jwtBearer } from '../../src/verify/jwt-bearer.js'
import { ADAPTERS, type Served, serveOn } from '../attacks/support/serve.js'
import {
  answering,
  type IntrospectionServer,
  startIntrospectionServer,
} from '../remote/introspection-server.js'
import { NOW } from './verifier-kit.js'

const RESOURCE = 'https://api.example.com'
const clock = createTestClock(NOW)
const events: GateEvent[] = []

let server: IntrospectionServer
let issuer: TestIssuer

beforeAll(async () => {
  server = await startIntrospectionServer()
  issuer = await createTestIssuer({ issuer: server.issuer, audience: RESOURCE, clock })
})

afterAll(() => server.close())

/** The server knows two tokens, and nothing else. */
const knowing: IntrospectionServer['answer'] = (question, response) => {
  const members = { iss: server.issuer, aud: RESOURCE, sub: 'alice', exp: NOW + 60 }
  const known: Readonly<Record<string, object>> = {
    'opaque-good': { ...members, active: true, scope: 'jobs:run' },
    'opaque-poor': { ...members, active: true },
  }
  answering(known[question.parameters.get('token') ?? ''] ?? { active: false })(question, response)
}

function aGate(): Gate {
  const { endpoint } = server
  const client = { method: 'client_secret_basic', clientId: 'us', clientSecret: 'hush' } as const
  const source = remoteIntrospection({ issuer: issuer.issuer, endpoint, client })
  return createGate<PrincipalsByName, string>({
    resource: RESOURCE,
    scopes: defineScopes({ resources: { jobs: ['run', 'stop'] } }),
    clock,
    onEvent: (event) => events.push(event),
    verifiers: {
      signed: jwtBearer({ ...issuer.trust }),
      opaque: introspectedBearer({ source, audience: RESOURCE, timeoutMilliseconds: 500 }),
    },
  })
}

describe.each(ADAPTERS)('JWTs and opaque tokens on one route of %s', (adapter) => {
  let served: Served

  beforeEach(async () => {
    events.length = 0
    server.questions.length = 0
    server.answer = knowing
    const gate = aGate()
    const rule: ContractRule<unknown> = { accept: ['signed', 'opaque'], scopes: 'jobs:run' }
    served = await serveOn(adapter, {
      routes: [{ path: '/jobs', gate, rule }],
      vault: { gate, rule },
      body: (granted) => ({ who: granted?.principal }),
    })
    return () => served.close()
  })

  async function call(token: string) {
    const answer = await sendRaw(served.origin, {
      method: 'GET',
      path: '/jobs',
      fields: [['authorization', `Bearer ${token}`]],
    })
    const field = (wanted: string) => answer.fields.find(([name]) => name === wanted)?.[1]
    return { ...answer, field }
  }

  test('are told apart by their shape: nobody is asked about a JWT', async () => {
    const jwt = await call(await issuer.token({ scope: 'jobs:run' }))
    expect([jwt.status, server.questions.length]).toEqual([200, 0])
    const opaque = await call('opaque-good')
    expect([opaque.status, server.questions.length]).toEqual([200, 1])
    expect(JSON.parse(opaque.body)).toMatchObject({
      who: { issuer: server.issuer, subject: 'alice' },
    })
  })

  test('are not tried at one another: a bad JWT is refused without a question', async () => {
    const answer = await call(await issuer.hostile('tampered', { scope: 'jobs:run' }))
    expect([answer.status, server.questions.length]).toEqual([401, 0])
  })

  test('that are not active are invalid, and asked about once', async () => {
    for (let time = 0; time < 3; time++) {
      const answer = await call('opaque-unknown')
      expect(answer.status).toBe(401)
      expect(answer.field('www-authenticate')).toContain('error="invalid_token"')
    }
    expect(server.questions).toHaveLength(1)
    expect(events.at(-1)).toMatchObject({ kind: 'decided', reason: 'token_inactive' })
  })

  test('that lack the scope are told which one', async () => {
    const answer = await call('opaque-poor')
    expect(answer.status).toBe(403)
    expect(answer.field('www-authenticate')).toContain('scope="jobs:run"')
  })

  test('of a hundred requests at once cost one question', async () => {
    const statuses = await Promise.all(
      Array.from({ length: 100 }, async () => (await call('opaque-good')).status),
    )
    expect(new Set(statuses)).toEqual(new Set([200]))
    expect(server.questions).toHaveLength(1)
  })

  test.each<[string, IntrospectionServer['answer']]>([
    ['fails', (_, response) => response.writeHead(503).end()],
    ['hangs', () => {}],
    ['closes the connection', ({ request }) => request.socket.destroy()],
    ['answers with a page', answering('<html>', 'text/html')],
    ['answers nonsense', answering('{"active":"yes"}')],
    ['says what cannot be', answering({ active: true, sub: 7 })],
    ['sends elsewhere', (_, response) => response.writeHead(307, { location: '/' }).end()],
  ])(
    'are unavailable, and not invalid, when the server %s; the others are served',
    async (_, fault) => {
      expect((await call('opaque-good')).status).toBe(200)
      server.answer = fault
      const answer = await call('opaque-other')
      expect(answer.status).toBe(503)
      expect(answer.field('www-authenticate')).toBe(undefined)
      expect(Number(answer.field('retry-after'))).toBeGreaterThan(0)
      expect((await call('opaque-good')).status).toBe(200)
      expect((await call(await issuer.token({ scope: 'jobs:run' }))).status).toBe(200)
      expect(events.map(({ kind }) => kind)).toContain('introspection_failed')
      expect(inspect(events, { depth: 9 })).not.toMatch(/opaque-(good|other)|hush|aHVzaA/)
    },
  )
})

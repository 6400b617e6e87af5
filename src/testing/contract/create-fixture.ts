import { createGate, type Gate } from '../../gate.js'
import { createApiKey } from '../../lifecycle/api-key/api-key.js'
import { createOpaqueToken } from '../../lifecycle/opaque-token.js'
import { hashPassword } from '../../lifecycle/password/password.js'
import { createThrottle } from '../../lifecycle/throttle/throttle.js'
import type { Attributes } from '../../policy/condition/attributes.js'
import type { ResourceTypes } from '../../policy/definition/policy-definition.js'
import type { PrincipalsByName } from '../../policy/route/rule.js'
import { defineScopes } from '../../scope/define-scopes.js'
import type { Scopes } from '../../scope/vocabulary.js'
import { apiKey } from '../../verify/api-key.js'
import { basic } from '../../verify/basic.js'
import { jwtBearer } from '../../verify/jwt-bearer.js'
import { opaqueBearer } from '../../verify/opaque-bearer.js'
import { createTestClock } from '../test-clock.js'
import { createTestIssuer } from '../test-issuer.js'
import type { ContractFixture } from './fixture.js'
import { paperFacts, paperPolicy } from './policy-fixture.js'

/** The gate of the contract, with every kind of verifier, and the credentials that it takes and refuses. */
export async function createFixture(): Promise<ContractFixture & { readonly gate: Gate }> {
  const clock = createTestClock()
  const issuer = await createTestIssuer({ clock })
  const now = clock.now()
  const good = createApiKey({
    prefix: 'acme',
    applicationId: 'robot',
    scopes: ['things:read'],
    now,
  })
  const expired = createApiKey({
    prefix: 'acme',
    applicationId: 'robot',
    scopes: [],
    expiresIn: 60,
    now: now - 61,
  })
  const keys = new Map([good.record, expired.record].map((record) => [record.id, record]))
  const opaque = createOpaqueToken()
  const seen: ContractFixture['seen'] = { bareHandlers: 0, loads: 0, events: [] }
  const password = 'correct horse: battery staple'
  const passwordHash = await hashPassword(password)
  const scopes: Scopes<string> = defineScopes({
    resources: { things: ['read', 'write', 'delete'] },
  })
  const gate = createGate<PrincipalsByName, string, ResourceTypes, Attributes, Attributes, string>({
    resource: issuer.audience,
    clock,
    scopes,
    policy: {
      policy: paperPolicy(scopes),
      principal: paperFacts,
      anonymous: () => ({ tenant: 'acme' }),
    },
    verifiers: {
      user: jwtBearer(issuer.trust),
      session: opaqueBearer({
        store: {
          find: (hash) =>
            hash === opaque.hash
              ? {
                  hash,
                  kind: 'user',
                  issuer: 'https://id.example.com',
                  subject: 'bob',
                  scopes: ['things:read'],
                  expiresAt: now + 600,
                }
              : null,
        },
      }),
      cookie: jwtBearer({ ...issuer.trust, cookie: '__Host-token' }),
      machine: apiKey({ prefix: 'acme', store: { find: (id) => keys.get(id) ?? null } }),
      ops: basic({
        realm: 'ops',
        store: { find: (username) => (username === 'ops' ? { username, passwordHash } : null) },
      }),
      keyless: jwtBearer({
        ...issuer.trust,
        cookie: 'keyless',
        keys: {
          current: async () => ({ kind: 'unavailable', retryAfterSeconds: 7, cause: null }),
          refreshed: async () => ({ kind: 'unavailable', retryAfterSeconds: 7, cause: null }),
        },
      }),
      limited: opaqueBearer({
        cookie: 'limited',
        store: { find: () => null },
        throttle: createThrottle({
          source: {
            consume: () => Promise.reject({ msBeforeNext: 6_500 }),
            reward: async () => null,
            delete: async () => null,
          },
        }),
      }),
      storeless: opaqueBearer({
        cookie: 'storeless',
        store: {
          find: () => {
            throw new Error('the store is down')
          },
        },
      }),
    },
    onEvent: (event) => seen.events.push(event),
  })
  return {
    gate,
    issuer,
    seen,
    password,
    goodKey: good.key.reveal(),
    expiredKey: expired.key.reveal(),
    opaqueToken: opaque.token.reveal(),
  }
}

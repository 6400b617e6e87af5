import fc from 'fast-check'
import { beforeAll, describe, expect, test } from 'vitest'
import type { Credential } from '../../src/credential/credential.js'
import { createGate } from '../../src/gate.js'
import { createApiKey } from '../../src/lifecycle/api-key/api-key.js'
import { createOpaqueToken } from '../../src/lifecycle/opaque-token.js'
import { hasherOf } from '../../src/lifecycle/password/password-hasher.js'
import { scrypt } from '../../src/lifecycle/password/scrypt.js'
import { createTestIssuer } from '../../src/testing/test-issuer.js'
import { apiKey } from '../../src/verify/api-key.js'
import { basic } from '../../src/verify/basic.js'
import { introspectedBearer } from '../../src/verify/introspected-bearer.js'
import type { IntrospectionSource } from '../../src/verify/introspection/introspection-source.js'
import { jwtBearer } from '../../src/verify/jwt-bearer.js'
import { opaqueBearer } from '../../src/verify/opaque-bearer.js'
import type { Verifier } from '../../src/verify/verifier.js'
import {
  aContext,
  apiKeyCredential,
  basicCredential,
  bearerCredential,
  cookieCredential,
  NOW,
} from '../verify/verifier-kit.js'

/** What the contract needs of a verifier. To add yours, add its fixture to the list below. */
interface Fixture {
  readonly verifier: Verifier
  /** The same, with a store or key source that throws. */
  readonly cutOff: Verifier
  /** A credential that it takes. */
  readonly good: Credential
  /** A credential of its kind that holds this text. */
  readonly credential: (text: string) => Credential
}

const fixtures: Readonly<Record<string, () => Promise<Fixture>>> = {
  jwtBearer: () => jwtFixture(bearerCredential),
  'jwtBearer with a cookie': () =>
    jwtFixture((text) => cookieCredential('__Host-token', text), '__Host-token'),
  async opaqueBearer() {
    const { token, hash } = createOpaqueToken()
    const record = {
      kind: 'user',
      hash,
      subject: 'alice',
      scopes: [],
      expiresAt: NOW + 60,
    } as const
    return {
      verifier: opaqueBearer({ store: { find: (asked) => (asked === hash ? record : null) } }),
      cutOff: opaqueBearer({ store: { find: fail } }),
      good: bearerCredential(token.reveal()),
      credential: bearerCredential,
    }
  },
  async introspectedBearer() {
    const issuer = 'https://id.example.com'
    const audience = 'https://api.example.com'
    const sourceOf = (introspect: IntrospectionSource['introspect']) =>
      introspectedBearer({ source: { issuer, introspect }, audience })
    return {
      verifier: sourceOf(async ({ token }) =>
        token.reveal() === 'good'
          ? { kind: 'active', claims: { active: true, aud: audience, sub: 'alice' } }
          : { kind: 'inactive' },
      ),
      cutOff: sourceOf(fail),
      good: bearerCredential('good'),
      credential: bearerCredential,
    }
  },
  async apiKey() {
    const { key, record } = createApiKey({
      prefix: 'acme',
      applicationId: 'robot',
      scopes: [],
      now: NOW,
    })
    const find = (id: string) => (id === record.id ? record : null)
    return {
      verifier: apiKey({ prefix: 'acme', store: { find } }),
      cutOff: apiKey({ prefix: 'acme', store: { find: fail } }),
      good: apiKeyCredential(key.reveal()),
      credential: apiKeyCredential,
    }
  },
  async basic() {
    // Far too weak, and quick: a hash of full cost per text would take minutes.
    const passwords = hasherOf(scrypt, [1, 1, 1])
    const passwordHash = await passwords.hash('open sesame')
    const record = { username: 'alice', passwordHash }
    const find = (username: string) => (username === 'alice' ? record : null)
    return {
      verifier: basic({ realm: 'ops', store: { find }, passwords }),
      cutOff: basic({ realm: 'ops', store: { find: fail }, passwords }),
      good: basicCredential('alice', 'open sesame'),
      credential: (text) => basicCredential('alice', text),
    }
  },
}

describe.each(Object.entries(fixtures))('the contract of verifiers: %s', (_name, make) => {
  let fixture: Fixture
  beforeAll(async () => {
    fixture = await make()
  })

  test('verifies what is good, and names who it is in a frozen principal', async () => {
    const verification = await fixture.verifier.verify(fixture.good, aContext())
    if (verification.kind !== 'verified') throw new Error(JSON.stringify(verification))
    const { principal } = verification
    expect(principal.issuer).not.toBe('')
    expect(principal.kind === 'user' ? principal.subject : principal.applicationId).not.toBe('')
    expect(Object.isFrozen(principal)).toBe(true)
  })

  test('refuses every other text, does not throw, and repeats nothing of it', async () => {
    const texts = fc.oneof(
      fc.string({ unit: 'binary', minLength: 8 }),
      fc.stringMatching(/^[\w-]{8,60}\.[\w-]{8,60}\.[\w-]{8,60}$/),
      fc.stringMatching(/^acme_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}$/),
    )
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        const verification = await fixture.verifier.verify(fixture.credential(text), aContext())
        expect(verification.kind).toBe('refused')
        expect(JSON.stringify(verification)).not.toContain(JSON.stringify(text).slice(1, -1))
      }),
      { numRuns: 200 },
    )
  })

  test('refuses a good text with another kind of credential around it', async () => {
    const others = [
      bearerCredential('x'),
      apiKeyCredential('x'),
      basicCredential('x', 'y'),
      cookieCredential('x', 'y'),
    ].filter(({ kind }) => kind !== fixture.good.kind)
    for (const other of others) {
      expect((await fixture.verifier.verify(other, aContext())).kind).toBe('refused')
    }
  })

  test('cannot judge a good credential when what it depends on is down', async () => {
    const verification = await fixture.cutOff.verify(fixture.good, aContext())
    expect(verification.kind).toBe('unavailable')
  })

  test('stands in a gate, and not beside another that claims the same credentials', () => {
    const { verifier } = fixture
    const resource = 'https://api.example.com'
    expect(() => createGate({ resource, verifiers: { verifier } })).not.toThrow()
    expect(() => createGate({ resource, verifiers: { verifier, twin: verifier } })).toThrow(
      expect.objectContaining({ code: 'verifier_conflict' }),
    )
  })
})

async function jwtFixture(
  credential: (text: string) => Credential,
  cookie?: string,
): Promise<Fixture> {
  const issuer = await createTestIssuer({ clock: { now: () => NOW } })
  const place = cookie === undefined ? {} : { cookie }
  const keys = { current: fail, refreshed: fail }
  return {
    verifier: jwtBearer({ ...issuer.trust, ...place }),
    cutOff: jwtBearer({ ...issuer.trust, ...place, keys }),
    good: credential(await issuer.token()),
    credential,
  }
}

function fail(): never {
  throw new Error('the store is down')
}

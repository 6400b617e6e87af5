import { createHash } from 'node:crypto'
import { describe, expect, test, vi } from 'vitest'
import type { Credential } from '../../src/credential/credential.js'
import { createOpaqueToken, type OpaqueTokenRecord } from '../../src/lifecycle/opaque-token.js'
import { memoryReplayStore } from '../../src/lifecycle/replay/memory-replay-store.js'
import { Redacted } from '../../src/shared/redacted.js'
import { createTestIssuer } from '../../src/testing/test-issuer.js'
import { createTestProver } from '../../src/testing/test-prover.js'
import { introspectedBearer } from '../../src/verify/introspected-bearer.js'
import { jwtBearer } from '../../src/verify/jwt-bearer.js'
import { opaqueBearer } from '../../src/verify/opaque-bearer.js'
import {
  type SenderConstraintOptions,
  senderConstraint,
} from '../../src/verify/sender-constraint.js'
import type { Verifier } from '../../src/verify/verifier.js'
import { AUDIENCE, active, aSource } from './introspection/introspection-kit.js'
import { aContext, bearerCredential, cookieCredential, NOW } from './verifier-kit.js'

const clock = { now: () => NOW }
const issuer = await createTestIssuer({ clock })
const prover = await createTestProver({ clock })
const CERTIFICATE = Buffer.from('the DER of a certificate')
const CERTIFICATE_HASH = createHash('sha256').update(CERTIFICATE).digest('base64url')
const BOUND = { jkt: prover.thumbprint }
const CERTIFIED = { 'x5t#S256': CERTIFICATE_HASH }
const UNTYPED = { cnf: undefined, token_type: undefined }
const dpop = () => ({ replay: memoryReplayStore() })
const boundJwt = await issuer.token({ claims: { cnf: BOUND } })

/** The kinds of tokens, each with this `cnf`: what verifies it, and its text. */
const kinds: Readonly<
  Record<
    string,
    (cnf: unknown, options?: SenderConstraintOptions) => Promise<readonly [Verifier, string]>
  >
> = {
  async JWT(cnf, options) {
    const constraint = options === undefined ? {} : { senderConstraint: senderConstraint(options) }
    const token = await issuer.token({ claims: { cnf } })
    return [jwtBearer({ ...issuer.trust, ...constraint }), token]
  },
  async opaque(cnf, options) {
    const constraint = options === undefined ? {} : { senderConstraint: senderConstraint(options) }
    const { token, hash } = createOpaqueToken()
    const record = { kind: 'user', hash, subject: 'alice', scopes: [], expiresAt: NOW + 60, cnf }
    const store = { find: () => record as OpaqueTokenRecord }
    return [opaqueBearer({ store, ...constraint }), token.reveal()]
  },
  async introspected(cnf, options) {
    const constraint = options === undefined ? {} : { senderConstraint: senderConstraint(options) }
    const source = aSource(() => active({ cnf, token_type: 'DPoP', ...(cnf ? {} : UNTYPED) }))
    return [introspectedBearer({ source, audience: AUDIENCE, ...constraint }), 'any-text']
  },
}

async function judged(
  verifier: Verifier,
  credential: Credential,
  certificate: Uint8Array | null = null,
): Promise<string> {
  const request = { ...aContext().request, url: '/', clientCertificate: () => certificate }
  const verification = await verifier.verify(credential, aContext({ request }))
  return 'reason' in verification ? verification.reason : verification.kind
}

async function withProof(token: string, by = prover, claims = {}): Promise<Credential> {
  const { resource, request } = aContext()
  const proof = await by.proof({ url: `${resource}/`, method: request.method, token, claims })
  return { kind: 'dpop', token: new Redacted(token), proof }
}

describe.each(Object.entries(kinds))('a %s token', (_, make) => {
  describe('that is bound to a key', () => {
    test.each<[string, SenderConstraintOptions | undefined, string]>([
      ['nothing is configured', undefined, 'confirmation_unsupported'],
      ['certificates are configured', { mtls: true }, 'confirmation_unsupported'],
      ['DPoP is configured', { dpop: dpop() }, 'token_downgraded'],
      ['unbound tokens are taken', { dpop: dpop(), acceptUnbound: true }, 'token_downgraded'],
      ['both are configured', { dpop: dpop(), mtls: true }, 'token_downgraded'],
    ])('is refused as a plain bearer token, where %s', async (_name, options, reason) => {
      const [verifier, token] = await make(BOUND, options)
      expect(await judged(verifier, bearerCredential(token), CERTIFICATE)).toBe(reason)
    })

    test.each<[string, SenderConstraintOptions]>([
      ['DPoP is configured', { dpop: dpop() }],
      ['unbound tokens are taken as well', { dpop: dpop(), acceptUnbound: true }],
      ['both are configured', { dpop: dpop(), mtls: true }],
    ])('is taken with its proof, where %s', async (_name, options) => {
      const [verifier, token] = await make(BOUND, options)
      expect(await judged(verifier, await withProof(token))).toBe('verified')
    })

    test('is refused with the proof of somebody else', async () => {
      const [verifier, token] = await make(BOUND, { dpop: dpop() })
      const thief = await createTestProver({ clock })
      expect(await judged(verifier, await withProof(token, thief))).toBe('key_mismatch')
    })

    test('is refused without a proof', async () => {
      const [verifier, token] = await make(BOUND, { dpop: dpop() })
      const credential = { kind: 'dpop', token: new Redacted(token), proof: null } as const
      expect(await judged(verifier, credential)).toBe('proof_missing')
    })

    test('cannot be judged while the replay store is down', async () => {
      const replay = { remember: () => Promise.reject(new Error('down')) }
      const [verifier, token] = await make(BOUND, { dpop: { replay } })
      expect(await judged(verifier, await withProof(token))).toBe('replay_unavailable')
    })
  })

  describe('that is bound to a certificate', () => {
    test.each<[string, SenderConstraintOptions | undefined, Uint8Array | null, string]>([
      ['nothing is configured', undefined, CERTIFICATE, 'confirmation_unsupported'],
      ['DPoP is configured', { dpop: dpop() }, CERTIFICATE, 'confirmation_unsupported'],
      ['it is shown', { mtls: true }, CERTIFICATE, 'verified'],
      [
        'it is shown, and DPoP taken as well',
        { mtls: true, dpop: dpop() },
        CERTIFICATE,
        'verified',
      ],
      ['none is shown', { mtls: true }, null, 'certificate_missing'],
      ['another is shown', { mtls: true }, Buffer.from('another'), 'certificate_mismatch'],
      ['nothing is shown', { mtls: true }, Buffer.alloc(0), 'certificate_mismatch'],
    ])('where %s', async (_name, options, certificate, expected) => {
      const [verifier, token] = await make(CERTIFIED, options)
      expect(await judged(verifier, bearerCredential(token), certificate)).toBe(expected)
    })

    test('is refused under DPoP, which it is not bound by', async () => {
      const [verifier, token] = await make(CERTIFIED, { dpop: dpop(), mtls: true })
      expect(await judged(verifier, await withProof(token), CERTIFICATE)).toBe('token_unbound')
    })
  })

  describe('that is bound to both', () => {
    const cnf = { ...BOUND, ...CERTIFIED }

    test('needs both', async () => {
      const options = () => ({ dpop: dpop(), mtls: true })
      const [verifier, token] = await make(cnf, options())
      expect(await judged(verifier, await withProof(token))).toBe('certificate_missing')
      expect(await judged(verifier, bearerCredential(token), CERTIFICATE)).toBe('token_downgraded')
      expect(await judged(verifier, await withProof(token), CERTIFICATE)).toBe('verified')
    })

    test.each<[SenderConstraintOptions]>([[{ dpop: dpop() }], [{ mtls: true }]])(
      'is refused where only one of them can be checked: %#',
      async (options) => {
        const [verifier, token] = await make(cnf, options)
        const credential = options.dpop ? await withProof(token) : bearerCredential(token)
        expect(await judged(verifier, credential, CERTIFICATE)).toBe('confirmation_unsupported')
      },
    )
  })

  describe('that is bound to nothing', () => {
    test.each<[string, SenderConstraintOptions | undefined, string]>([
      ['nothing is configured', undefined, 'verified'],
      ['DPoP is configured', { dpop: dpop() }, 'token_unbound'],
      ['certificates are configured', { mtls: true }, 'token_unbound'],
      ['unbound tokens are taken', { dpop: dpop(), acceptUnbound: true }, 'verified'],
    ])('as a plain bearer token, where %s', async (_name, options, expected) => {
      const [verifier, token] = await make(undefined, options)
      expect(await judged(verifier, bearerCredential(token), CERTIFICATE)).toBe(expected)
    })

    test('is refused under DPoP, whatever else is taken', async () => {
      const [verifier, token] = await make(undefined, { dpop: dpop(), acceptUnbound: true })
      expect(await judged(verifier, await withProof(token))).toBe('token_unbound')
    })
  })

  test.each([[{}], [{ jwk: { kty: 'EC' } }], [{ ...BOUND, kid: 'k' }], [{ jkt: 'short' }]])(
    'that is bound by what nobody knows is refused: %j',
    async (cnf) => {
      for (const options of [undefined, { dpop: dpop(), mtls: true, acceptUnbound: true }]) {
        const [verifier, token] = await make(cnf, options)
        expect(await judged(verifier, bearerCredential(token), CERTIFICATE)).toBe(
          'confirmation_unsupported',
        )
      }
    },
  )
})

describe('a confirmation of another place', () => {
  test('a JWT whose cnf is null or a text is refused', async () => {
    for (const cnf of [null, '', 'jkt', []]) {
      const token = await issuer.token({ claims: { cnf } })
      const verifier = jwtBearer(issuer.trust)
      expect(await judged(verifier, bearerCredential(token))).toBe('confirmation_unsupported')
    }
  })

  test('an opaque token is bound by the claims of its record, too', async () => {
    const { token, hash } = createOpaqueToken()
    const record = {
      kind: 'user',
      hash,
      subject: 'alice',
      scopes: [],
      expiresAt: NOW + 60,
      claims: { cnf: BOUND },
    } as const
    const verifier = opaqueBearer({ store: { find: () => record } })
    expect(await judged(verifier, bearerCredential(token.reveal()))).toBe(
      'confirmation_unsupported',
    )
  })

  test('an opaque token of a program is bound by claims that its row has, too', async () => {
    const { token, hash } = createOpaqueToken()
    const row = { kind: 'application', hash, applicationId: 'job', scopes: [], expiresAt: NOW + 60 }
    const judgedWith = (claims: unknown) => {
      const record = { ...row, claims } as unknown as OpaqueTokenRecord
      const verifier = opaqueBearer({ store: { find: () => record }, principal: 'application' })
      return judged(verifier, bearerCredential(token.reveal()))
    }
    expect(await judgedWith({ cnf: BOUND })).toBe('confirmation_unsupported')
    expect(await judgedWith({})).toBe('verified')
    expect(await judgedWith(null)).toBe('verified')
  })

  test('a token in a cookie can be bound to a certificate', async () => {
    const token = await issuer.token({ claims: { cnf: CERTIFIED } })
    const constraint = senderConstraint({ mtls: true })
    const verifier = jwtBearer({ ...issuer.trust, cookie: 'token', senderConstraint: constraint })
    expect(await judged(verifier, cookieCredential('token', token), CERTIFICATE)).toBe('verified')
    expect(await judged(verifier, cookieCredential('token', token))).toBe('certificate_missing')
  })
})

describe('a proof that runs out while its token is asked about', () => {
  const keyed = { senderConstraint: senderConstraint({ dpop: dpop() }) }
  const { token: opaque, hash } = createOpaqueToken()
  const record: OpaqueTokenRecord = {
    kind: 'user',
    hash,
    subject: 'alice',
    scopes: [],
    expiresAt: NOW + 60,
    cnf: BOUND,
  }
  const lookup = { kind: 'set', set: issuer.trust.keys } as const
  const slowly = <Value>(wait: () => void, value: Value): Value => {
    wait()
    return value
  }

  test.each<[string, string, (wait: () => void) => Verifier]>([
    [
      'JWT',
      boundJwt,
      (wait) => {
        const current = async () => slowly(wait, lookup)
        return jwtBearer({ ...issuer.trust, ...keyed, keys: { current, refreshed: () => lookup } })
      },
    ],
    [
      'opaque',
      opaque.reveal(),
      (wait) => opaqueBearer({ ...keyed, store: { find: async () => slowly(wait, record) } }),
    ],
    [
      'introspected',
      'any-text',
      (wait) => {
        const source = aSource(() => slowly(wait, active({ cnf: BOUND })))
        return introspectedBearer({ ...keyed, source, audience: AUDIENCE })
      },
    ],
  ])(
    'is refused with a %s token: the replay store may have forgotten it',
    async (_, token, make) => {
      vi.useFakeTimers({ toFake: ['performance'] })
      try {
        for (const [wait, reason] of [
          [2_000, 'verified'],
          [3_000, 'proof_expired'],
        ] as const) {
          const verifier = make(() => vi.advanceTimersByTime(wait))
          const proof = await withProof(token, prover, { iat: NOW - 58 })
          expect(await judged(verifier, proof)).toBe(reason)
        }
      } finally {
        vi.useRealTimers()
      }
    },
  )
})

describe('what a verifier offers', () => {
  const offered = (options: SenderConstraintOptions) =>
    jwtBearer({ ...issuer.trust, senderConstraint: senderConstraint(options) }).offer
  const bearer = { scheme: 'Bearer', parameters: {} }
  const proof = { scheme: 'DPoP', parameters: { algs: 'ES256 Ed25519 EdDSA' } }

  test('is DPoP alone, where only bound tokens are taken', () => {
    expect(offered({ dpop: dpop() })).toEqual(proof)
  })

  test('is both, where tokens may come without a proof', () => {
    expect(offered({ dpop: dpop(), acceptUnbound: true })).toEqual([bearer, proof])
    expect(offered({ dpop: dpop(), mtls: true })).toEqual([bearer, proof])
  })

  test('is Bearer, where certificates alone are taken', () => {
    expect(offered({ mtls: true })).toEqual(bearer)
  })
})

describe('senderConstraint', () => {
  test.each<[string, unknown]>([
    ['nothing', {}],
    ['mtls switched off and nothing else', { mtls: false }],
    ['no replay store', { dpop: {} }],
    ['a replay store that is none', { dpop: { replay: {} } }],
    ['a misspelt option', { dpop: dpop(), mTLS: true }],
    ['options that are none', null],
  ])('does not start with %s', (_, options) => {
    expect(() => senderConstraint(options as SenderConstraintOptions)).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })

  test('cannot ask for proofs of a token in a cookie', () => {
    const constraint = senderConstraint({ dpop: dpop() })
    const options = { cookie: 'token', senderConstraint: constraint }
    expect(() => jwtBearer({ ...issuer.trust, ...options })).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })

  test('is made before it is given to a verifier', () => {
    const senderConstraint = { dpop: dpop() } as never
    expect(() => jwtBearer({ ...issuer.trust, senderConstraint })).toThrow(
      expect.objectContaining({ code: 'option_invalid' }),
    )
  })
})

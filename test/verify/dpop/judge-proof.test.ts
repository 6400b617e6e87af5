import { createSign, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, expect, test, vi } from 'vitest'
import type { Algorithm } from '../../../src/jwt/algorithms.js'
import { memoryReplayStore } from '../../../src/lifecycle/replay/memory-replay-store.js'
import { createTestProver } from '../../../src/testing/test-prover.js'
import { judgeProof } from '../../../src/verify/dpop/judge-proof.js'
import { aPolicy, aProof, aSubject, codeOf, judged, NOW, prover, TOKEN, URL } from './proof-kit.js'

const encoded = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url')
const segments = (proof: string) => proof.split('.') as [string, string, string]

/** A proof whose header and claims are given as text, rightly signed with ES256. */
const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const jwk = keys.publicKey.export({ format: 'jwk' })
function signed(header: string, claims: string, key: KeyObject = keys.privateKey): string {
  const input = [header, claims].map((part) => Buffer.from(part).toString('base64url')).join('.')
  const signature = createSign('sha256').update(input).sign({ key, dsaEncoding: 'ieee-p1363' })
  return `${input}.${signature.toString('base64url')}`
}

describe('a good proof', () => {
  test('is taken', async () => {
    expect(await judged(aProof())).toBe('proven')
  })

  test.each<[Algorithm]>([
    ['ES256'],
    ['ES384'],
    ['ES512'],
    ['PS256'],
    ['RS256'],
    ['Ed25519'],
    ['EdDSA'],
  ])('is taken with %s, where it is allowed', async (algorithm) => {
    const other = await createTestProver({ algorithm, clock: { now: () => NOW } })
    const subject = aSubject({ keyThumbprint: other.thumbprint })
    const proof = await other.proof({ url: URL, token: TOKEN })
    expect(await judged(proof, subject, aPolicy({ algorithms: [algorithm] }))).toBe('proven')
  })

  test('is taken with ES256, Ed25519 and EdDSA by default, and with no other', async () => {
    for (const [algorithm, expected] of [
      ['Ed25519', 'proven'],
      ['EdDSA', 'proven'],
      ['ES384', 'proof_algorithm'],
      ['RS256', 'proof_algorithm'],
    ] as const) {
      const other = await createTestProver({ algorithm, clock: { now: () => NOW } })
      const proof = await other.proof({ url: URL, token: TOKEN })
      expect(await judged(proof, aSubject({ keyThumbprint: other.thumbprint }))).toBe(expected)
    }
  })

  test('may say more than we read', async () => {
    const claims = { scope: 'a', exp: NOW - 100, aud: ['x'] }
    expect(await judged(aProof({ claims, header: { kid: 'k' } }))).toBe('proven')
  })
})

describe('1 and 2: one field, one well-formed JWT', () => {
  test('no field is no proof', async () => {
    expect(await judged(null)).toBe('proof_missing')
  })

  test('two proofs are none, though each alone is good', async () => {
    expect(await judged(`${await aProof()}, ${await aProof()}`)).toBe('proof_malformed')
  })

  test.each(['', 'a', 'a.b', 'a.b.c.d', '..', '[redacted]'])('%j is none', async (text) => {
    expect(await judged(text)).toBe('proof_malformed')
  })

  test.each<[string, (proof: string) => string]>([
    ['a space before it', (proof) => ` ${proof}`],
    ['padding', (proof) => `${proof}=`],
    ['no signature', (proof) => `${segments(proof).slice(0, 2).join('.')}.`],
    ['a scheme before it', (proof) => `DPoP ${proof}`],
    ['too much', (proof) => `${proof}${'A'.repeat(8_192)}`],
  ])('one with %s is none', async (_, change) => {
    expect(await judged(change(await aProof()))).toBe('proof_malformed')
  })

  test('one with a member twice is none', async () => {
    const header = JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk })
    const claims = `{"jti":"a","jti":"b","htm":"GET","htu":"${URL}","iat":${NOW}}`
    expect(await judged(signed(header, claims))).toBe('proof_malformed')
    const twice = `{"jwk":{},${header.slice(1)}`
    expect(await judged(signed(twice, claims.replace('"jti":"a",', '')))).toBe('proof_malformed')
  })

  test('one with an extension that we do not understand is none', async () => {
    const header = JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk, crit: ['exp'], exp: 1 })
    expect(await judged(signed(header, '{}'))).toBe('proof_malformed')
  })
})

describe('3: the claims are there, and of the right type and size', () => {
  test.each<[string, unknown[]]>([
    ['jti', [undefined, null, '', 1, ['a'], {}, 'a'.repeat(257)]],
    ['htm', [undefined, null, '', 1, ['GET'], 'G'.repeat(65)]],
    ['htu', [undefined, null, '', 1, [URL], `https://a.example/${'a'.repeat(4_096)}`]],
    ['iat', [undefined, null, String(NOW), -1, [NOW], true, 2 ** 53]],
    ['ath', [null, '', 1, 'a'.repeat(65)]],
    ['nonce', [null, '', 1, 'a'.repeat(257)]],
  ])('%s', async (name, wrong) => {
    for (const value of wrong) {
      expect(await judged(aProof({ claims: { [name]: value } }))).toBe(`proof_claim ${name}`)
    }
  })

  test('an id of 1 to 256 characters, and a time with a fraction, are right', async () => {
    for (const jti of ['a', 'a'.repeat(256)]) {
      expect(await judged(aProof({ claims: { jti, iat: NOW - 0.5 } }))).toBe('proven')
    }
  })
})

describe('4: the type', () => {
  test.each([
    undefined,
    'JWT',
    'at+jwt',
    'application/dpop+jwt',
    'DPOP+JWT',
    'dpop+jwt ',
    'dpop+jws',
  ])('%j is another kind of token', async (typ) => {
    expect(await judged(aProof({ header: { typ } }))).toBe('proof_type')
  })
})

describe('5: the algorithm', () => {
  test.each(['none', 'HS256', 'HS512', 'es256', 'ES256K', 'RSA-OAEP', ''])(
    'is not %j',
    async (alg) => {
      const [, claims, signature] = segments(await aProof())
      const header = encoded({ typ: 'dpop+jwt', alg, jwk: prover.publicJwk })
      expect(await judged(`${header}.${claims}.${signature}`)).toBe('proof_algorithm')
    },
  )

  test('is not one that the constraint leaves out', async () => {
    expect(await judged(aProof(), aSubject(), aPolicy({ algorithms: ['ES384'] }))).toBe(
      'proof_algorithm',
    )
  })

  test.each([['HS256'], ['none'], ['ES256', 'HS256'], []])(
    'cannot be allowed: %j',
    (...algorithms) => {
      expect(() => aPolicy({ algorithms: algorithms as Algorithm[] })).toThrow(
        expect.objectContaining({ name: 'ConfigurationError' }),
      )
    },
  )
})

describe('6: the signature', () => {
  test('of another key does not fit the key in the header', async () => {
    const other = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const header = JSON.stringify({ typ: 'dpop+jwt', alg: 'ES256', jwk: prover.publicJwk })
    const [, claims] = segments(await aProof())
    const text = Buffer.from(claims, 'base64url').toString()
    expect(await judged(signed(header, text, other))).toBe('proof_signature')
  })

  test('does not fit other claims', async () => {
    const [header, claims, signature] = segments(await aProof())
    const changed = JSON.parse(Buffer.from(claims, 'base64url').toString()) as object
    const text = `${header}.${encoded({ ...changed, jti: 'another' })}.${signature}`
    expect(await judged(text)).toBe('proof_signature')
  })

  test('is not made by a key that only its id names', async () => {
    const { publicJwk: _, thumbprint: kid } = prover
    expect(await judged(aProof({ header: { jwk: undefined, kid } }))).toBe('proof_key')
  })
})

describe('7: the key', () => {
  const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const privateJwk = ec.privateKey.export({ format: 'jwk' })
  const publicJwk = ec.publicKey.export({ format: 'jwk' })
  const small = generateKeyPairSync('rsa', { modulusLength: 1_024 }).publicKey
  const offCurve = Buffer.alloc(32, 1).toString('base64url')

  test.each<[string, unknown]>([
    ['none', undefined],
    ['null', null],
    ['a text', JSON.stringify(publicJwk)],
    ['a list', [publicJwk]],
    ['an empty one', {}],
    ['a private one', privateJwk],
    ['one off its curve', { ...publicJwk, y: offCurve }],
    ['one of another curve', { ...publicJwk, crv: 'P-384' }],
    ['one whose coordinate is padded', { ...publicJwk, x: `${publicJwk.x}=` }],
    ['one for another algorithm', { ...publicJwk, alg: 'ES384' }],
    ['one for encryption', { ...publicJwk, use: 'enc' }],
    ['one that may not verify', { ...publicJwk, key_ops: ['sign'] }],
    ['a secret', { kty: 'oct', k: offCurve }],
    ['an RSA key under ES256', small.export({ format: 'jwk' })],
  ])('is not %s', async (_, jwk) => {
    expect(await judged(aProof({ header: { jwk } }))).toBe('proof_key')
  })

  test('is not a small RSA key', async () => {
    const jwk = small.export({ format: 'jwk' })
    const [, claims, signature] = segments(await aProof())
    const header = encoded({ typ: 'dpop+jwt', alg: 'RS256', jwk })
    const policy = aPolicy({ algorithms: ['RS256'] })
    expect(await judged(`${header}.${claims}.${signature}`, aSubject(), policy)).toBe('proof_key')
  })

  test('may say what it is for', async () => {
    const jwk = { ...prover.publicJwk, alg: 'ES256', use: 'sig', key_ops: ['verify'], kid: 'k' }
    expect(await judged(aProof({ header: { jwk } }))).toBe('proven')
  })
})

describe('8: the method', () => {
  test.each([
    ['POST', 'GET'],
    ['GET', 'HEAD'],
    ['get', 'GET'],
    ['GET', 'get'],
    ['GET ', 'GET'],
  ])('%j is not %j', async (claimed, method) => {
    expect(await judged(aProof({ method: claimed }), aSubject({ method }))).toBe('proof_method')
  })

  test('of a HEAD request is HEAD', async () => {
    expect(await judged(aProof({ method: 'HEAD' }), aSubject({ method: 'HEAD' }))).toBe('proven')
  })
})

describe('9: the target', () => {
  test.each([
    'https://api.example.com/things',
    'HTTPS://API.example.com:443/things#here',
    'https://api.example.com/%74hings?other=query',
    'https://api.example.com/a/../things',
  ])('%s is the one that was called', async (htu) => {
    expect(await judged(aProof({ claims: { htu } }))).toBe('proven')
  })

  test.each([
    'https://api.example.com/things/',
    'https://api.example.com/Things',
    'https://api.example.com/other',
    'https://api.example.com/',
    'https://api.example.com',
    'http://api.example.com/things',
    'https://api.example.com:8443/things',
    'https://evil.example/things',
    'https://user@api.example.com/things',
    '/things',
    'api.example.com/things',
  ])('%s is another one', async (htu) => {
    expect(await judged(aProof({ claims: { htu } }))).toBe('proof_target')
  })

  test('is told by the configuration, whatever host the request names', async () => {
    const evil = 'https://evil.example/things'
    const request = { ...aSubject().request, url: evil, field: () => 'evil.example' }
    const subject = { ...aSubject(), request }
    expect(await judged(aProof({ url: evil }), subject)).toBe('proof_target')
    expect(await judged(aProof(), subject)).toBe('proven')
  })

  test('has the path that clients call, where a proxy takes a part of it off', async () => {
    const policy = aPolicy({ strippedPrefix: '/v1' })
    const resource = 'https://api.example.com/v1'
    const url = 'https://api.example.com/v1/things'
    expect(await judged(aProof({ url }), aSubject({ resource }), policy)).toBe('proven')
    expect(await judged(aProof(), aSubject({ resource }), policy)).toBe('proof_target')
    const mounted = aSubject({ resource, path: '/v1/things' })
    expect(await judged(aProof({ url }), mounted)).toBe('proven')
  })

  test.each(['', '/', 'v1', '/v1/', '/v1?a', '/v1/..', '.evil.example/v1', '/%76', ':8443/v1'])(
    'cannot get %j before its path',
    (strippedPrefix) => {
      expect(() => aPolicy({ strippedPrefix })).toThrow(
        expect.objectContaining({ code: 'option_invalid' }),
      )
    },
  )

  test('is not told by a request without a path', async () => {
    expect(await judged(aProof(), aSubject({ path: '*' }))).toBe('proof_target')
  })
})

describe('10: the nonce', () => {
  const secret = 'a secret of at least 32 characters'
  const policy = () => aPolicy({ nonces: { secret, step: 60 } })
  const current = aPolicy({ nonces: { secret, step: 60 } }).nonces?.current(NOW) ?? ''
  const previous = aPolicy({ nonces: { secret, step: 60 } }).nonces?.current(NOW - 60) ?? ''

  test('means nothing where none is asked for', async () => {
    expect(await judged(aProof({ nonce: 'whatever' }))).toBe('proven')
  })

  test('must be there where one is asked for', async () => {
    expect(await judged(aProof(), aSubject(), policy())).toBe('nonce_missing')
  })

  test.each(['whatever', `${current}A`, current.toLowerCase()])('is not %j', async (nonce) => {
    expect(await judged(aProof({ nonce }), aSubject(), policy())).toBe('nonce_stale')
  })

  test('of this step is taken, and no other is handed out', async () => {
    expect(await judgeProof(await aProof({ nonce: current }), aSubject(), policy())).toEqual({
      kind: 'proven',
    })
  })

  test('of the step before is taken, and the one of this step is handed out', async () => {
    const proof = await aProof({ nonce: previous })
    expect(await judgeProof(proof, aSubject(), policy())).toEqual({
      kind: 'proven',
      nonce: current,
    })
  })

  test('is not looked at before the signature is good', async () => {
    const [header, claims] = segments(await aProof({ nonce: 'stale' }))
    const [, , signature] = segments(await aProof())
    expect(await judged(`${header}.${claims}.${signature}`, aSubject(), policy())).toBe(
      'proof_signature',
    )
  })

  test('that is refused does not use the proof up', async () => {
    const replay = memoryReplayStore()
    const proof = await aProof()
    const strict = aPolicy({ replay, nonces: { secret } })
    expect(await judged(proof, aSubject(), strict)).toBe('nonce_missing')
    expect(await judged(proof, aSubject(), aPolicy({ replay }))).toBe('proven')
  })

  test.each([{ secret: 'short' }, { step: 9 }, { step: 3_601 }, { step: Number.NaN }])(
    'is not made with %j',
    (nonces) => {
      expect(() => aPolicy({ nonces })).toThrow(expect.objectContaining({ code: 'option_invalid' }))
    },
  )
})

describe('11: the time', () => {
  const madeAt = (iat: number) => aProof({ claims: { iat } })

  test('is at most a minute ago and five seconds ahead', async () => {
    expect(await judged(madeAt(NOW - 61))).toBe('proof_expired')
    expect(await judged(madeAt(NOW - 60))).toBe('proven')
    expect(await judged(madeAt(NOW + 5))).toBe('proven')
    expect(await judged(madeAt(NOW + 6))).toBe('proof_from_future')
  })

  test('can be set', async () => {
    const policy = () => aPolicy({ maxAge: 1, leeway: 0 })
    expect(await judged(madeAt(NOW - 2), aSubject(), policy())).toBe('proof_expired')
    expect(await judged(madeAt(NOW - 1), aSubject(), policy())).toBe('proven')
    expect(await judged(madeAt(NOW + 1), aSubject(), policy())).toBe('proof_from_future')
  })

  test.each([
    { maxAge: 0 },
    { maxAge: 301 },
    { leeway: -1 },
    { leeway: 61 },
    { maxAge: '6m' },
  ] as const)('cannot be set to %j', (options) => {
    expect(() => aPolicy(options)).toThrow(expect.objectContaining({ code: 'option_invalid' }))
  })
})

describe('12: the token and its key', () => {
  test('a proof for another token, or for none, is not for this one', async () => {
    expect(await judged(aProof({ token: `${TOKEN}A` }))).toBe('proof_token')
    expect(await judged(aProof({ claims: { ath: undefined } }))).toBe('proof_token')
    expect(await judged(aProof({ claims: { ath: TOKEN } }))).toBe('proof_token')
  })

  test('a proof by another key than the token names is not by its owner', async () => {
    const thief = await createTestProver({ clock: { now: () => NOW } })
    expect(await judged(thief.proof({ url: URL, token: TOKEN }))).toBe('key_mismatch')
  })
})

describe('replay', () => {
  test('a proof is taken once', async () => {
    const policy = aPolicy()
    const proof = await aProof()
    expect(await judged(proof, aSubject(), policy)).toBe('proven')
    expect(await judged(proof, aSubject(), policy)).toBe('proof_replayed')
    expect(await judged(proof, aSubject({ now: NOW + 60 }), policy)).toBe('proof_replayed')
    expect(await judged(proof, aSubject({ now: NOW + 61 }), policy)).toBe('proof_expired')
  })

  test('of a hundred uses at once one is let in', async () => {
    const policy = aPolicy()
    const proof = await aProof()
    const uses = Array.from({ length: 100 }, () => judged(proof, aSubject(), policy))
    const codes = await Promise.all(uses)
    expect(codes.filter((code) => code === 'proven')).toHaveLength(1)
    expect(new Set(codes)).toEqual(new Set(['proven', 'proof_replayed']))
  })

  test('is told by key, target and id: another spelling of target or signature is no other proof', async () => {
    const policy = aPolicy()
    const claims = { jti: 'one' }
    expect(await judged(aProof({ claims }), aSubject(), policy)).toBe('proven')
    const spelled = { ...claims, htu: 'HTTPS://api.example.com:443/things' }
    expect(await judged(aProof({ claims: spelled }), aSubject(), policy)).toBe('proof_replayed')
    const elsewhere = aProof({ claims, url: 'https://api.example.com/other' })
    expect(await judged(elsewhere, aSubject({ path: '/other' }), policy)).toBe('proven')
  })

  test('is not told by the same request, which two rules judge one after the other', async () => {
    const policy = aPolicy()
    const proof = await aProof()
    const subject = aSubject()
    const from = (source: object) => ({ ...subject, request: { ...subject.request, source } })
    const source = {}
    expect(await judged(proof, from(source), policy)).toBe('proven')
    expect(await judged(proof, from(source), policy)).toBe('proven')
    expect(await judged(proof, from({}), policy)).toBe('proof_replayed')
    expect(await judged(aProof(), from(source), policy)).toBe('proven')
  })

  test('is told to the store of each gate that judges a request', async () => {
    const [one, other] = [aPolicy(), aPolicy()]
    const proof = await aProof()
    const subject = aSubject()
    const request = { ...subject.request, source: {} }
    for (const policy of [one, other]) {
      expect(await judged(proof, { ...subject, request }, policy)).toBe('proven')
    }
    for (const policy of [one, other]) {
      expect(await judged(proof, subject, policy)).toBe('proof_replayed')
    }
  })

  test("of another client's id is none", async () => {
    const policy = aPolicy()
    const other = await createTestProver({ clock: { now: () => NOW } })
    const claims = { jti: 'one' }
    expect(await judged(aProof({ claims }), aSubject(), policy)).toBe('proven')
    const proof = other.proof({ url: URL, token: TOKEN, claims })
    const subject = aSubject({ keyThumbprint: other.thumbprint })
    expect(await judged(proof, subject, policy)).toBe('proven')
  })

  test('is not told by proofs that were refused for another reason', async () => {
    const policy = aPolicy()
    const proof = await aProof()
    expect(await judged(proof, aSubject({ method: 'POST' }), policy)).toBe('proof_method')
    expect(await judged(proof, aSubject({ token: 'other' }), policy)).toBe('proof_token')
    expect(await judged(proof, aSubject(), policy)).toBe('proven')
  })

  test('keeps an id for as long as the slowest clock would take its proof and the store may take', async () => {
    const asked: [string, number, number][] = []
    const replay = {
      remember(...given: [string, number, number]) {
        asked.push(given)
        return true
      },
    }
    await judged(
      aProof({ claims: { iat: NOW - 10.5 } }),
      aSubject(),
      aPolicy({ replay, leeway: 7 }),
    )
    const until = NOW - 10 + 60 + 7 + 2 + 2 // and two seconds for what was rounded
    expect(asked).toEqual([[expect.stringMatching(/^[\w-]{43}$/), until, NOW]])
  })

  test.each<[string, () => unknown]>([
    [
      'throws',
      () => {
        throw new Error('down')
      },
    ],
    [
      'throws null',
      () => {
        throw null
      },
    ],
    ['rejects', () => Promise.reject(new Error('down'))],
    ['answers nothing', () => undefined],
    ['answers null', () => null],
    ['answers 1', () => 1],
    ['answers OK', () => 'OK'],
    ['promises nothing', () => Promise.resolve(undefined)],
    ['never answers', () => new Promise(() => {})],
  ])('cannot be told by a store that %s: unavailable', async (_, remember) => {
    const replay = { remember } as { remember: () => boolean }
    const policy = aPolicy({ replay, timeoutMilliseconds: 20 })
    const verdict = await judgeProof(await aProof(), aSubject(), policy)
    expect(verdict.kind).toBe('unavailable')
    expect(codeOf(verdict)).toBe('replay_unavailable')
  })

  test.each([
    [500, []],
    [501, [{ kind: 'store_slow', at: NOW, milliseconds: 501, timeoutMilliseconds: 1_000 }]],
  ])(
    'is told by a store that takes %i of 1,000 ms: taken, and reported from more than half on',
    async (milliseconds, expected) => {
      const events: unknown[] = []
      const remember = () => {
        vi.useFakeTimers()
        const answer = new Promise<boolean>((resolve) => setTimeout(resolve, milliseconds, true))
        void vi.advanceTimersByTimeAsync(milliseconds)
        return answer
      }
      const policy = aPolicy({ replay: { remember }, timeoutMilliseconds: 1_000 })
      const subject = aSubject({ report: (event) => events.push(event) })
      const verdict = await judged(aProof(), subject, policy).finally(() => vi.useRealTimers())
      expect(verdict).toBe('proven')
      expect(events).toEqual(expected)
    },
  )

  test('cannot be told by a store that is full: unavailable, and what it knows stays known', async () => {
    const policy = aPolicy({ replay: memoryReplayStore({ maxEntries: 1 }) })
    const proof = await aProof()
    expect(await judged(proof, aSubject(), policy)).toBe('proven')
    expect(await judged(aProof(), aSubject(), policy)).toBe('replay_unavailable')
    expect(await judged(proof, aSubject(), policy)).toBe('proof_replayed')
  })
})

describe('the example of RFC 9449', () => {
  const vectors = JSON.parse(
    readFileSync(
      new globalThis.URL('../../vectors/rfc/rfc9449-dpop.json', import.meta.url),
      'utf8',
    ),
  ) as {
    jkt: string
    access_token: string
    proofs: { proof: string; payload: { htm: string; htu: string; iat: number; ath?: string } }[]
  }
  const subjectOf = ({ htm, htu, iat }: { htm: string; htu: string; iat: number }) =>
    aSubject({
      method: htm,
      path: new globalThis.URL(htu).pathname,
      resource: new globalThis.URL(htu).origin,
      token: vectors.access_token,
      keyThumbprint: vectors.jkt,
      now: iat,
    })

  test('its proof for a protected resource is taken', async () => {
    const { proof, payload } = vectors.proofs.find(({ payload }) => payload.ath !== undefined) ?? {
      proof: '',
      payload: { htm: '', htu: 'https://a.example', iat: 0 },
    }
    expect(await judged(proof, subjectOf(payload))).toBe('proven')
    expect(await judged(proof, { ...subjectOf(payload), now: NOW })).toBe('proof_expired')
  })

  test('its proofs for the token endpoint are not, since they name no access token', async () => {
    const others = vectors.proofs.filter(({ payload }) => payload.ath === undefined)
    expect(others).toHaveLength(2)
    for (const { proof, payload } of others) {
      expect(await judged(proof, subjectOf(payload))).toBe('proof_token')
    }
  })
})

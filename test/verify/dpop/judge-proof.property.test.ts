import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createTestProver } from '../../../src/testing/test-prover.js'
import { aPolicy, aProof, aSubject, clock, judged, prover } from './proof-kit.js'

const good = await aProof()
const provers = [prover, await createTestProver({ clock }), await createTestProver({ clock })]

/** What one request is made of; small sets, so that two of them are often equal in all but one thing. */
const situation = fc.record({
  method: fc.constantFrom('GET', 'HEAD', 'POST', 'get'),
  path: fc.constantFrom('/', '/a', '/A', '/a/', '/a/b', '/a%2Fb', '/b?a'),
  resource: fc.constantFrom('https://a.example', 'https://b.example', 'https://a.example:8443'),
  token: fc.constantFrom('token', 'Token', 'token.'),
  key: fc.constantFrom(0, 1, 2),
})

test('a proof is good for exactly the method, URL, token and key that it was made for', async () => {
  await fc.assert(
    fc.asyncProperty(situation, situation, async (made, sent) => {
      const proof = await (provers[made.key] ?? prover).proof({
        method: made.method,
        url: new URL(made.path, made.resource).href,
        token: made.token,
      })
      const subject = aSubject({
        ...sent,
        keyThumbprint: (provers[sent.key] ?? prover).thumbprint,
      })
      const isSame = JSON.stringify(made) === JSON.stringify(sent)
      expect((await judged(proof, subject)) === 'proven').toBe(isSame)
    }),
    { numRuns: 300 },
  )
})

describe('whatever stands in the field', () => {
  const policy = aPolicy()

  test('gets an answer, and only a proof is one', async () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc
        .tuple(fc.base64String(), fc.base64String(), fc.base64String())
        .map((parts) => parts.join('.')),
      fc.json().map((json) => `${Buffer.from(json).toString('base64url')}.e30.AA`),
    )
    await fc.assert(
      fc.asyncProperty(text, async (field) => {
        expect(await judged(field, aSubject(), policy)).toMatch(/^proof_(malformed|type)$/)
      }),
      { numRuns: 500 },
    )
  })

  test('any one character of a proof that is another one, gone or doubled leaves none', async () => {
    const change = fc.record({
      at: fc.nat(good.length - 1),
      by: fc.constantFrom('', 'A', '_', '.', '=', ' ', ','),
    })
    await fc.assert(
      fc.asyncProperty(change, async ({ at, by }) => {
        const field = good.slice(0, at) + by + good.slice(at + 1)
        fc.pre(field !== good)
        expect(await judged(field, aSubject(), policy)).not.toBe('proven')
        const doubled = good.slice(0, at) + good.slice(at, at + 1) + good.slice(at)
        expect(await judged(doubled, aSubject(), policy)).not.toBe('proven')
      }),
      { numRuns: 500 },
    )
    expect(await judged(good, aSubject(), policy)).toBe('proven')
  })

  test('claims and headers of any JSON get an answer, and never throw', async () => {
    const members = fc.dictionary(
      fc.constantFrom('jti', 'htm', 'htu', 'iat', 'ath', 'nonce', 'typ', 'jwk', 'kid', 'a'),
      fc.jsonValue({ maxDepth: 3 }),
    )
    const parts = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
    await fc.assert(
      fc.asyncProperty(members, members, async (header, claims) => {
        const text = `${parts({ typ: 'dpop+jwt', alg: 'ES256', ...header })}.${parts(claims)}.AAAA`
        expect(await judged(text, aSubject(), policy)).not.toBe('proven')
      }),
      { numRuns: 500 },
    )
  })
})

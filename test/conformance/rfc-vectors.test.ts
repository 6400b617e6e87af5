import { calculateJwkThumbprint } from 'jose'
import { describe, expect, it } from 'vitest'
import { type Algorithm, algorithm, checkedAlgorithms } from '../../src/jwt/algorithms.js'
import { parseCompact, parseJws } from '../../src/jwt/compact.js'
import type { Jwk } from '../../src/jwt/jwk.js'
import { keyring } from '../../src/jwt/keyring.js'
import { createJwtVerifier } from '../../src/jwt/verify-jwt.js'
import { vectors } from '../jwt/tokens.js'
import { ENGINES, type SignatureEngine } from './engines.js'

interface Vector {
  readonly alg: Algorithm
  readonly key: Jwk
  readonly jws: string
}

const rfc7515 = vectors<(Vector & { readonly id: string })[]>('rfc/rfc7515-appendix-a.json')
const rfc8037 = vectors<Vector>('rfc/rfc8037-ed25519.json')
const signed = [...rfc7515.filter(({ key }) => key !== null), rfc8037]

const signatureOf = async ({ alg, key, jws }: Vector, engine: SignatureEngine) => {
  const parsed = parseJws(jws)
  const entry = algorithm(alg)
  const found = entry && keyring({ keys: [key] }, [entry], { origin: 'static' }).find(null, entry)
  return parsed.ok && found ? engine.verify(parsed.value, found) : 'unreadable'
}

describe.each(ENGINES)(
  'the signatures of RFC 7515 and RFC 8037, as $name judges them',
  (engine) => {
    it.each(signed)('are valid: $alg', async (vector) => {
      expect(await signatureOf(vector, engine)).toBe('valid')
    })

    it.each(signed)('are invalid if one byte of them differs: $alg', async (vector) => {
      const dot = vector.jws.lastIndexOf('.') + 1
      const other = vector.jws[dot] === 'A' ? 'B' : 'A'
      const jws = vector.jws.slice(0, dot) + other + vector.jws.slice(dot + 1)
      expect(await signatureOf({ ...vector, jws }, engine)).toBe('signature_invalid')
    })
  },
)

describe('the tokens of RFC 7515 appendix A and RFC 8037 appendix A', () => {
  it('hold claims that were good until 2011, with a strict verifier of the time', async () => {
    const verdicts = rfc7515
      .filter(({ id }) => ['A.1', 'A.2', 'A.3'].includes(id))
      .map(({ alg, key, jws }) => {
        const verifier = createJwtVerifier({
          issuer: 'joe',
          audience: 'nobody',
          algorithms: [alg],
          keys: { keys: [key] },
          types: ['JWT'],
          dangerouslyAllowMissingType: true,
          maxLifetime: null,
        })
        return verifier.verify(jws, 1_300_819_379)
      })
    // They name no audience, and there is no way to make a verifier that does not ask for one.
    expect(await Promise.all(verdicts)).toEqual(
      Array.from({ length: 3 }, () => ({ kind: 'refused', reason: 'claim_missing', claim: 'aud' })),
    )
  })

  it('are no JWT where the payload is not JSON', () => {
    const a4 = rfc7515.find(({ id }) => id === 'A.4')
    for (const jws of [a4?.jws ?? '', rfc8037.jws]) {
      expect(parseJws(jws).ok).toBe(true)
      expect(parseCompact(jws)).toEqual({ ok: false, reason: 'token_malformed' })
    }
  })

  it('are refused unsigned', () => {
    const unsigned = rfc7515.find(({ key }) => key === null)
    expect(parseJws(unsigned?.jws ?? '')).toEqual({ ok: false, reason: 'token_malformed' })
  })
})

describe('the thumbprints of RFC 7638, 8037 and 9449', () => {
  const prints = vectors<{ rfc: string; jwk: Jwk; sha256: string }[]>(
    'rfc/rfc7638-thumbprints.json',
  )

  it.each(prints)('are those that name our keys: $rfc', async ({ jwk, sha256 }) => {
    // jose's type lists the registered algorithms; these keys are the RFCs' own.
    const print = await calculateJwkThumbprint(jwk as Parameters<typeof calculateJwkThumbprint>[0])
    expect(print).toBe(sha256)
  })

  it('belong to keys that can be loaded', () => {
    for (const { jwk } of prints) {
      const names = { RSA: 'RS256', EC: 'ES256', OKP: 'EdDSA' } as const
      const name = names[jwk.kty as keyof typeof names] // the file holds one key of each of these types
      expect(() =>
        keyring({ keys: [jwk] }, checkedAlgorithms([name]), { origin: 'static' }),
      ).not.toThrow()
    }
  })
})

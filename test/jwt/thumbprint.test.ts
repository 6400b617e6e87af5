import { calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import { describe, expect, test } from 'vitest'
import { type Algorithm, checkedAlgorithms } from '../../src/jwt/algorithms.js'
import { vetKey } from '../../src/jwt/key-vetting.js'
import { jwkThumbprint } from '../../src/jwt/thumbprint.js'
import { vectors } from './tokens.js'

const thumbprintOf = (jwk: unknown, algorithm: Algorithm) => {
  const vetted = vetKey(jwk, checkedAlgorithms([algorithm]), 'verify')
  return vetted.ok ? jwkThumbprint(vetted.value.material) : vetted.reason
}

describe('the thumbprint of a key', () => {
  const cases = vectors<{ rfc: string; jwk: { kty: string; crv?: string }; sha256: string }[]>(
    'rfc/rfc7638-thumbprints.json',
  )

  test.each(cases.map(({ rfc, jwk, sha256 }) => [rfc, jwk, sha256] as const))(
    'is the one of RFC %s',
    (_, jwk, sha256) => {
      const algorithm = { RSA: 'RS256', EC: 'ES256', OKP: 'EdDSA' }[jwk.kty] as Algorithm
      expect(thumbprintOf(jwk, algorithm)).toBe(sha256)
    },
  )

  test.each<[Algorithm]>([['ES256'], ['ES512'], ['PS256'], ['EdDSA']])(
    'is the one that jose calculates: %s',
    async (algorithm) => {
      const { publicKey } = await generateKeyPair(algorithm, { extractable: true })
      const jwk = await exportJWK(publicKey)
      const named = { ...jwk, kid: 'any', use: 'sig', alg: algorithm }
      expect(thumbprintOf(named, algorithm)).toBe(await calculateJwkThumbprint(jwk))
    },
  )
})

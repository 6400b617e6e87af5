import { describe, expect, it } from 'vitest'
import { createJwtVerifier } from '../../src/jwt/verify-jwt.js'
import { segment, vectors } from '../jwt/tokens.js'

interface Corpus {
  readonly secret: string
  readonly now: number
  readonly cases: readonly {
    readonly id: string
    readonly token: string
    readonly expect: 'accept' | 'must-reject' | 'bar-reject' | 'either'
  }[]
}

const { secret, now, cases } = vectors<Corpus>('attack-classes/hostile-signed-hs256.json')

// As loose as a verifier can be made, so that each token is refused for its own fault and not by a default.
const verifier = createJwtVerifier({
  issuer: 'https://as',
  audience: 'api',
  algorithms: ['HS256'],
  keys: { keys: [{ kty: 'oct', k: segment(secret) }] },
  types: ['JWT', 'at+jwt'],
  dangerouslyAllowMissingType: true,
  maxLifetime: null,
})

describe('the hostile tokens, most of which carry a right signature', () => {
  it.each(cases.map(({ id, token, expect: verdict }) => [id, verdict, token]))(
    '%s: %s',
    async (_, verdict, token) => {
      const { kind } = await verifier.verify(token, now)
      if (verdict === 'accept') expect(kind).toBe('verified')
      else if (verdict === 'either') expect(['verified', 'refused']).toContain(kind)
      else expect(kind).toBe('refused')
    },
  )

  it('are 34, and the control is the only one that must be accepted', () => {
    expect(cases).toHaveLength(34)
    expect(cases.filter(({ expect: verdict }) => verdict === 'accept')).toHaveLength(1)
  })

  it('are refused for the reason that each was made for', async () => {
    const reasons = await Promise.all(
      cases.map(async ({ id, token }) => {
        const verification = await verifier.verify(token, now)
        return [id, verification.kind === 'refused' ? verification.reason : verification.kind]
      }),
    )
    expect(Object.fromEntries(reasons)).toEqual(REASONS)
  })
})

const REASONS = {
  good: 'verified',
  'sig-trailing-bits': 'token_malformed',
  'sig-padded': 'token_malformed',
  'leading-space': 'token_malformed',
  'space-in-sig': 'token_malformed',
  'fourth-segment': 'token_malformed',
  'dup-header-alg': 'token_malformed',
  'dup-claim-sub': 'token_malformed',
  'exp-1e400': 'token_malformed',
  'exp-0': 'token_expired',
  'exp-negative': 'claim_malformed',
  'exp-string': 'claim_malformed',
  'exp-null': 'claim_malformed',
  'exp-missing': 'claim_missing',
  'nbf-future': 'token_not_yet_valid',
  'nbf-string-future': 'claim_malformed',
  'iat-string': 'claim_malformed',
  'crit-unknown': 'critical_header',
  'crit-empty': 'critical_header',
  'b64-false-crit': 'critical_header',
  'zip-on-jws': 'token_malformed',
  'typ-dpop': 'token_type',
  'cty-jwt': 'verified', // `cty` is for the application, and the payload is a set of claims all the same
  bom: 'token_malformed',
  'bad-utf8': 'token_malformed',
  'payload-array': 'token_malformed',
  'header-array': 'token_malformed',
  'alg-none': 'token_malformed', // its signature is empty
  'alg-nOnE': 'token_malformed',
  'aud-other': 'audience_mismatch',
  'aud-missing': 'claim_missing',
  'iss-suffix': 'issuer_mismatch',
  'iss-missing': 'claim_missing',
  'kid-object': 'token_malformed',
}

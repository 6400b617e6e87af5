import { describe, expect, it } from 'vitest'
import { type ClaimsPolicy, judgeClaims } from '../../src/jwt/claims.js'
import { AUDIENCE, CLAIMS, ISSUER, NOW } from './tokens.js'

const POLICY: ClaimsPolicy = {
  issuer: ISSUER,
  audiences: new Set([AUDIENCE, 'second']),
  leewaySeconds: 5,
  maxLifetimeSeconds: 3_600,
}

const judge = (claims: object, policy: Partial<ClaimsPolicy> = {}, now = NOW) => {
  const judged = judgeClaims({ ...CLAIMS, ...claims }, null, { ...POLICY, ...policy }, now)
  return judged.kind === 'accepted' ? 'accepted' : `${judged.reason} ${judged.claim}`
}

describe('judgeClaims', () => {
  it('hands on the registered claims in our words, frozen', () => {
    const wire = {
      nbf: NOW,
      jti: 'j',
      client_id: 'c',
      auth_time: NOW - 9,
      acr: 'gold',
      amr: ['pwd'],
    }
    const judged = judgeClaims({ ...CLAIMS, ...wire }, null, POLICY, NOW)
    expect(judged).toEqual({
      kind: 'accepted',
      claims: {
        issuer: ISSUER,
        audiences: [AUDIENCE],
        subject: 'alice',
        clientId: 'c',
        jwtId: 'j',
        expiresAt: NOW + 840,
        notBefore: NOW,
        issuedAt: NOW - 60,
        authentication: { time: NOW - 9, acr: 'gold', amr: ['pwd'] },
      },
    })
    const claims = judged.kind === 'accepted' ? judged.claims : null
    expect(
      [claims, claims?.audiences, claims?.authentication, claims?.authentication.amr].every(
        Object.isFrozen,
      ),
    ).toBe(true)
  })

  it('wants of an access token all that RFC 9068 requires, and of another JWT less', () => {
    for (const name of ['iss', 'aud', 'exp', 'iat', 'sub', 'client_id', 'jti'] as const) {
      const claims = { ...CLAIMS, [name]: undefined }
      expect(judgeClaims(claims, 'at+jwt', POLICY, NOW)).toEqual({
        kind: 'refused',
        reason: 'claim_missing',
        claim: name,
      })
      const isBasic = ['iss', 'aud', 'exp', 'iat'].includes(name)
      expect(judgeClaims(claims, 'jwt', POLICY, NOW).kind).toBe(isBasic ? 'refused' : 'accepted')
    }
    expect(judgeClaims(CLAIMS, 'at+jwt', POLICY, NOW).kind).toBe('accepted')
  })

  it('says null for what the token does not say', () => {
    const { iss, aud, iat, exp } = CLAIMS
    const judged = judgeClaims({ iss, aud, iat, exp }, null, POLICY, NOW)
    expect(judged.kind === 'accepted' && judged.claims).toMatchObject({
      subject: null,
      clientId: null,
      jwtId: null,
      notBefore: null,
      authentication: { time: null, acr: null, amr: [] },
    })
  })

  it.each(['iss', 'aud', 'exp', 'iat'])('refuses a token without %s', (claim) => {
    expect(judge({ [claim]: undefined })).toBe(`claim_missing ${claim}`)
  })

  it.each(['', 1, null, true, [ISSUER], { iss: ISSUER }, 'x'.repeat(1_025)])(
    'refuses an issuer, subject, client, jti and acr of %j',
    (value) => {
      for (const claim of ['iss', 'sub', 'client_id', 'jti', 'acr']) {
        expect(judge({ [claim]: value })).toBe(`claim_malformed ${claim}`)
      }
    },
  )

  it.each([
    '1767226440',
    '',
    -1,
    -0.001,
    null,
    true,
    [],
    [NOW],
    {},
    Number.NaN,
    Number.POSITIVE_INFINITY,
    2 ** 53,
  ])('refuses a time of %j', (value) => {
    for (const claim of ['exp', 'iat', 'nbf', 'auth_time']) {
      expect(judge({ [claim]: value }, { maxLifetimeSeconds: null })).toBe(
        `claim_malformed ${claim}`,
      )
    }
  })

  it.each([null, 1, '', [], [1], [''], [[AUDIENCE]], { 0: AUDIENCE }, [AUDIENCE, 1]])(
    'refuses an audience of %j',
    (aud) => {
      expect(judge({ aud })).toBe('claim_malformed aud')
    },
  )

  it('refuses half a character in what names something, and takes whole ones', () => {
    const halves = ['\ud800', 'alice\udfff', '\udc00\ud800', 'a\ud83d!']
    for (const half of halves) {
      for (const claim of ['iss', 'aud', 'sub', 'client_id', 'jti', 'acr']) {
        expect(judge({ [claim]: half }), claim).toBe(`claim_malformed ${claim}`)
      }
    }
    expect(judge({ sub: 'alice \ud83d\ude00 \u00e9 \ufffd' })).toBe('accepted')
  })

  it.each([null, 'pwd', [1], [''], {}])('refuses an amr of %j', (amr) => {
    expect(judge({ amr })).toBe('claim_malformed amr')
  })

  it.each([
    `${ISSUER}/`,
    `${ISSUER}.evil`,
    'https://id.example.co',
    ISSUER.toUpperCase(),
    ` ${ISSUER}`,
    'id.example.com',
  ])('refuses the issuer %j, which only looks like ours', (iss) => {
    expect(judge({ iss })).toBe('issuer_mismatch iss')
  })

  it.each([
    'other',
    `${AUDIENCE}/`,
    AUDIENCE.slice(0, -1),
    AUDIENCE.toUpperCase(),
    `${AUDIENCE} second`,
  ])('refuses the audience %j, which only looks like ours', (aud) => {
    expect(judge({ aud })).toBe('audience_mismatch aud')
    expect(judge({ aud: [aud] })).toBe('audience_mismatch aud')
  })

  it.each(['second', [AUDIENCE], ['other', 'second'], [AUDIENCE, AUDIENCE]])(
    'takes the audience %j',
    (aud) => {
      expect(judge({ aud })).toBe('accepted')
    },
  )

  it.each([
    [NOW - 5, 5, 'token_expired exp'],
    [NOW - 4, 5, 'accepted'],
    [NOW - 6, 5, 'token_expired exp'],
    [NOW - 4.5, 5, 'accepted'],
    [NOW, 0, 'token_expired exp'],
    [NOW + 1, 0, 'accepted'],
    [NOW - 1, 0, 'token_expired exp'],
    [NOW - 59, 60, 'accepted'],
    [NOW - 60, 60, 'token_expired exp'],
  ])('judges exp %d with a leeway of %d: %s', (exp, leewaySeconds, verdict) => {
    expect(judge({ exp, iat: NOW - 100 }, { leewaySeconds })).toBe(verdict)
  })

  it.each([
    [NOW + 5, 5, 'accepted'],
    [NOW + 6, 5, 'token_not_yet_valid nbf'],
    [NOW + 4, 5, 'accepted'],
    [NOW, 0, 'accepted'],
    [NOW + 1, 0, 'token_not_yet_valid nbf'],
    [0, 0, 'accepted'],
  ])('judges nbf %d with a leeway of %d: %s', (nbf, leewaySeconds, verdict) => {
    expect(judge({ nbf }, { leewaySeconds })).toBe(verdict)
  })

  it.each([
    [NOW + 5, 5, 'accepted'],
    [NOW + 6, 5, 'token_from_future iat'],
    [NOW, 0, 'accepted'],
    [NOW + 1, 0, 'token_from_future iat'],
  ])('judges iat %d with a leeway of %d: %s', (iat, leewaySeconds, verdict) => {
    expect(judge({ iat }, { leewaySeconds })).toBe(verdict)
  })

  it.each([
    [3_599, 'accepted'],
    [3_600, 'accepted'],
    [3_600.5, 'lifetime_too_long exp'],
    [3_601, 'lifetime_too_long exp'],
    [315_360_000, 'lifetime_too_long exp'],
  ])('judges a declared lifetime of %d s: %s', (lifetime, verdict) => {
    expect(judge({ iat: NOW, exp: NOW + lifetime })).toBe(verdict)
  })

  it('needs no iat and limits no lifetime if told so by name, but still refuses one from the future', () => {
    const unlimited = { maxLifetimeSeconds: null }
    expect(judge({ iat: undefined, exp: 4_102_444_800 }, unlimited)).toBe('accepted')
    expect(judge({ iat: 0, exp: 4_102_444_800 }, unlimited)).toBe('accepted')
    expect(judge({ iat: NOW + 6 }, unlimited)).toBe('token_from_future iat')
  })

  it('refuses a token that ends before it begins', () => {
    expect(judge({ iat: NOW + 2, exp: NOW + 2 })).toBe('claim_malformed exp')
    expect(judge({ iat: NOW + 2, exp: NOW + 1 })).toBe('claim_malformed exp')
    expect(judge({ iat: NOW + 1, exp: NOW + 2 })).toBe('accepted')
  })

  it('gives one reason, in one order: missing, malformed, issuer, audience, expiry, start, issue, lifetime', () => {
    const faults: readonly [object, string][] = [
      [{ iat: undefined }, 'claim_missing iat'],
      [{ sub: 1 }, 'claim_malformed sub'],
      [{ iss: 'x' }, 'issuer_mismatch iss'],
      [{ aud: 'x' }, 'audience_mismatch aud'],
      [{ exp: NOW - 5 }, 'token_expired exp'],
      [{ nbf: NOW + 100 }, 'token_not_yet_valid nbf'],
      [{ iat: NOW + 50, exp: NOW + 9_000 }, 'token_from_future iat'],
      [{ iat: NOW, exp: NOW + 9_000 }, 'lifetime_too_long exp'],
    ]
    faults.forEach(([, verdict], first) => {
      // Each fault together with all that come after it, itself winning over their members.
      const claims = Object.assign(
        {},
        ...faults
          .slice(first)
          .reverse()
          .map(([fault]) => fault),
      )
      expect(judge(claims)).toBe(verdict)
    })
  })

  it('refuses everything if now is not a number', () => {
    expect(judge({}, {}, Number.NaN)).toBe('token_expired exp')
  })
})

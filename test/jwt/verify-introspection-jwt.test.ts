import { describe, expect, test } from 'vitest'
import { generateSigningKey, signJwt } from '../../src/jwt/sign-jwt.js'
import { createIntrospectionJwtVerifier } from '../../src/jwt/verify-introspection-jwt.js'
import { createJwtVerifier } from '../../src/jwt/verify-jwt.js'
import { createTestClock } from '../../src/testing/test-clock.js'
import { createTestIssuer } from '../../src/testing/test-issuer.js'

const NOW = 1_800_000_000
const ISSUER = 'https://id.example.com'
const INSIDE = { active: true, sub: 'alice' }
const { privateJwk, publicJwk } = await generateSigningKey('ES256')
const foreign = await generateSigningKey('ES256')

const verify = createIntrospectionJwtVerifier({
  issuer: ISSUER,
  clientId: 'us',
  algorithms: ['ES256'],
  keys: { keys: [publicJwk] },
})

/** An answer as a server signs it; a member that is undefined is left out. */
function anAnswer(
  members: Readonly<Record<string, unknown>> = {},
  { key = privateJwk, type = 'token-introspection+jwt' } = {},
) {
  const claims = { iss: ISSUER, aud: 'us', iat: NOW, exp: NOW + 9, token_introspection: INSIDE }
  return signJwt({ ...claims, ...members }, { key, type })
}

async function verdictOn(...of: Parameters<typeof anAnswer>) {
  return verify(await anAnswer(...of), NOW)
}

describe('a signed answer', () => {
  test('is what stands inside `token_introspection`', async () => {
    expect(await verdictOn()).toEqual({ kind: 'verified', answer: INSIDE })
  })

  test('may be for several clients, and have its type spelt in any way', async () => {
    expect(await verdictOn({ aud: ['them', 'us'] })).toMatchObject({ kind: 'verified' })
    const type = 'application/Token-Introspection+JWT'
    expect(await verdictOn({}, { type })).toMatchObject({ kind: 'verified' })
  })

  test('says nothing by a `sub` or a scope beside it', async () => {
    expect(await verdictOn({ sub: 'mallory', scope: 'admin', active: false })).toEqual({
      kind: 'verified',
      answer: INSIDE,
    })
  })

  test.each<[string, Parameters<typeof anAnswer>, object]>([
    ['of another issuer', [{ iss: `${ISSUER}/` }], { reason: 'issuer_mismatch', claim: 'iss' }],
    ['for another client', [{ aud: 'them' }], { reason: 'audience_mismatch', claim: 'aud' }],
    ['for a client of a longer name', [{ aud: 'us2' }], { reason: 'audience_mismatch' }],
    ['for no client', [{ aud: [] }], { reason: 'claim_malformed', claim: 'aud' }],
    ['that does not say whose it is', [{ iss: undefined }], { reason: 'claim_missing' }],
    ['that does not say whom it is for', [{ aud: undefined }], { reason: 'claim_missing' }],
    ['that does not say when', [{ iat: undefined }], { reason: 'claim_missing', claim: 'iat' }],
    ['with its time in a text', [{ iat: String(NOW) }], { reason: 'claim_malformed' }],
    [
      'that says nothing of a token',
      [{ token_introspection: undefined, active: true }],
      { reason: 'claim_missing', claim: 'token_introspection' },
    ],
    ['that is over', [{ exp: NOW }], { reason: 'token_expired', claim: 'exp' }],
    ['signed by somebody else', [{}, { key: foreign.privateJwk }], { reason: 'key_unknown' }],
    [
      "signed by somebody else in our server's name",
      [{}, { key: { ...foreign.privateJwk, kid: publicJwk.kid } }],
      { reason: 'signature_invalid' },
    ],
    ['of the type of an access token', [{}, { type: 'at+jwt' }], { reason: 'token_type' }],
    ['of the type of any token', [{}, { type: 'JWT' }], { reason: 'token_type' }],
  ])('is refused %s', async (_, answer, refusal) => {
    expect(await verdictOn(...answer)).toMatchObject({ kind: 'refused', ...refusal })
  })

  test('may be a minute off our clock, either way, and not a second more', async () => {
    const times = { iat: NOW, exp: NOW + 3_600 }
    const at = async (now: number) => verify(await anAnswer(times), now)
    for (const now of [NOW - 60, NOW + 60])
      expect(await at(now)).toMatchObject({ kind: 'verified' })
    expect(await at(NOW - 61)).toMatchObject({ reason: 'token_from_future', claim: 'iat' })
    expect(await at(NOW + 61)).toMatchObject({ reason: 'token_expired', claim: 'iat' })
    expect(await at(Number.NaN)).toMatchObject({ kind: 'refused' })
  })

  test('is refused if anything about its text is not canonical', async () => {
    const text = await anAnswer()
    const [header, payload, signature] = text.split('.')
    for (const other of [
      `${text}=`,
      `${text}\n`,
      ` ${text}`,
      `${text}.`,
      `${header}.${payload}`,
      `${header}.${payload}.`,
      `e30.${payload}.${signature}`,
      '',
    ]) {
      expect(await verify(other, NOW)).toMatchObject({ kind: 'refused' })
    }
  })

  test('is refused unsigned, and by an algorithm that was not allowed', async () => {
    const [, payload] = (await anAnswer()).split('.')
    for (const alg of ['none', 'HS256', 'RS256']) {
      const header = Buffer.from(JSON.stringify({ alg, typ: 'token-introspection+jwt' }))
      expect(await verify(`${header.toString('base64url')}.${payload}.AA`, NOW)).toEqual({
        kind: 'refused',
        reason: 'algorithm_not_allowed',
      })
    }
  })
})

describe('answers and access tokens never pass for one another', () => {
  test('an answer is no access token, whatever stands beside its `token_introspection`', async () => {
    const answer = await anAnswer({ sub: 'alice', client_id: 'web', jti: 'one' })
    for (const types of [['at+jwt'], ['JWT']]) {
      const tokens = createJwtVerifier({
        issuer: ISSUER,
        audience: 'us',
        algorithms: ['ES256'],
        keys: { keys: [publicJwk] },
        types,
        dangerouslyAllowMissingType: true,
      })
      expect(await tokens.verify(answer, NOW)).toEqual({ kind: 'refused', reason: 'token_type' })
    }
  })

  test('an access token of the same issuer and key is no answer, though it says the same', async () => {
    const issuer = await createTestIssuer({
      issuer: ISSUER,
      audience: 'us',
      clock: createTestClock(NOW),
    })
    const token = await issuer.token({ claims: { token_introspection: INSIDE } })
    const { algorithms, keys } = issuer.trust
    const answers = createIntrospectionJwtVerifier({
      issuer: ISSUER,
      clientId: 'us',
      algorithms,
      keys,
    })
    expect(await answers(token, NOW)).toEqual({ kind: 'refused', reason: 'token_type' })
    const untyped = await issuer.token({ header: { typ: undefined } })
    expect(await answers(untyped, NOW)).toEqual({ kind: 'refused', reason: 'token_type' })
  })
})

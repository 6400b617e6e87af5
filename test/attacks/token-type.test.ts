/** Signed texts of another kind than an access token, and encrypted ones. */
import { createPublicKey } from 'node:crypto'
import { CompactEncrypt, FlattenedEncrypt } from 'jose'
import { expect, test } from 'vitest'
import { segment } from '../jwt/tokens.js'
import { onEveryAdapter } from './support/attack.js'
import type { Signer } from './support/signer.js'
import { createTarget } from './support/target.js'

const target = await createTarget()
const rsaKey = createPublicKey({ key: { ...target.doors.rs.signer.jwk }, format: 'jwk' })

onEveryAdapter(target, (attack) => {
  test('type-id-token: a token of another kind, rightly signed by the same issuer', async () => {
    await attack.refusesTokens((signer) => {
      const { iss, sub, client_id, iat, exp, jti } = signer.claims()
      const kinds: [typ: unknown, payload: object][] = [
        ['JWT', { ...signer.claims(), nonce: 'n', at_hash: 'h' }],
        [undefined, { ...signer.claims(), nonce: 'n' }],
        ['refresh+jwt', signer.claims()],
        ['rt+jwt', signer.claims()],
        [
          'logout+jwt',
          {
            ...signer.claims(),
            events: { 'http://schemas.openid.net/event/backchannel-logout': {} },
          },
        ],
        ['dpop+jwt', { ...signer.claims(), htm: 'GET', htu: 'https://api.example.com/es' }],
        ['client-authentication+jwt', { ...signer.claims(), iss: client_id, sub: client_id }],
        ['oauth-state+jwt', signer.claims()],
        ['secevent+jwt', signer.claims()],
        [
          'token-introspection+jwt',
          { ...signer.claims(), token_introspection: { active: true, sub } },
        ],
        ['at+jwt2', { iss, sub, iat, exp, jti, aud: signer.claims().aud }],
        ['xat+jwt', signer.claims()],
        ['at+jwt; a=b', signer.claims()],
        ['application/application/at+jwt', signer.claims()],
        ['text/at+jwt', signer.claims()],
        ['at+jwt ', signer.claims()],
        ['', signer.claims()],
      ]
      return kinds.map(([typ, payload]): [string, string] => [
        signer.token({ header: { ...signer.header, typ }, payload }),
        'token_type',
      ])
    })
    await attack.refusesTokens((signer) =>
      [null, 1, ['at+jwt'], { typ: 'at+jwt' }].map((typ) =>
        signer.token({ header: { ...signer.header, typ } }),
      ),
    )
  })

  test('type-jwe: a token encrypted to the public key, as anyone can make one', async () => {
    const payload = new TextEncoder().encode(JSON.stringify(target.doors.rs.signer.claims()))
    const inner = new TextEncoder().encode(target.doors.rs.signer.token())
    const headers = [
      { alg: 'RSA-OAEP-256', enc: 'A256GCM', typ: 'at+jwt' },
      {
        alg: 'RSA-OAEP',
        enc: 'A128CBC-HS256',
        typ: 'at+jwt',
        kid: target.doors.rs.signer.header.kid,
      },
      { alg: 'RSA-OAEP-256', enc: 'A256GCM', typ: 'at+jwt', cty: 'JWT' },
    ]
    const tokens = await Promise.all(
      headers.flatMap((header) =>
        [payload, inner].map((text) =>
          new CompactEncrypt(text).setProtectedHeader(header).encrypt(rsaKey),
        ),
      ),
    )
    await attack.refusesTokens(() => tokens, 'token_malformed')
    // Cut to the shape of a signed one.
    await attack.refusesTokens(
      () => tokens.map((token) => token.split('.').slice(0, 3).join('.')),
      /^(token_malformed|algorithm_not_allowed)$/,
    )
  })

  test('type-jws-json: the JSON serialisations, and texts that are both', async () => {
    const encrypted = await new FlattenedEncrypt(new TextEncoder().encode('{}'))
      .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM' })
      .encrypt(rsaKey)
    for (const door of target.jwtDoors) {
      for (const text of [...serialisations(door.signer), JSON.stringify(encrypted)]) {
        await attack.isRefused(door, door.present(text), { status: 400, error: 'invalid_request' })
        await attack.isRefused(door, door.present(segment(text)), {
          status: 401,
          error: 'invalid_token',
        })
      }
    }
  })

  test('type-jws-json: as the body of a request it is nobody’s credential', async () => {
    const { es } = target.doors
    for (const body of serialisations(es.signer)) {
      const fields = [['Content-Type', 'application/jose+json']] as const
      const answer = await attack.send({ method: 'POST', path: es.path, fields, body })
      expect(answer.status).toBe(401)
    }
  })
})

function serialisations(signer: Signer): string[] {
  const token = signer.token()
  const [protectedHeader, payload, signature] = token.split('.')
  const flattened = { protected: protectedHeader, payload, signature }
  return [
    JSON.stringify(flattened),
    JSON.stringify({ payload, signatures: [{ protected: protectedHeader, signature }] }),
    JSON.stringify({ ...flattened, header: signer.header }),
    JSON.stringify(token),
    // Read as JSON by one parser, as three segments by another (CVE-2022-39227).
    `{"${token.replace('.', '":".').replace(/$/, '"}')}`,
    `${token},{"payload":"${payload}"}`,
  ]
}

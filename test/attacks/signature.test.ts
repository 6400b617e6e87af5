/** Tokens whose signature is missing, forged, or made with something that is no secret. */
import { Buffer } from 'node:buffer'
import { createHmac, generateKeyPairSync, sign } from 'node:crypto'
import { describe, test } from 'vitest'
import { segment } from '../jwt/tokens.js'
import { onEveryAdapter } from './support/attack.js'
import type { Signer } from './support/signer.js'
import { createTarget } from './support/target.js'

const target = await createTarget()

const raised = (signer: Signer) => ({ ...signer.claims(), sub: 'admin', scope: 'admin:all' })

/** A token with any header, raised claims, and whatever signature. */
function forged(signer: Signer, header: object, signature: string | ((input: string) => string)) {
  const input = `${segment({ ...signer.header, ...header })}.${segment(raised(signer))}`
  return `${input}.${typeof signature === 'string' ? signature : signature(input)}`
}

const mac = (key: string | Uint8Array, hash: string) => (input: string) =>
  createHmac(hash, key).update(input).digest('base64url')

onEveryAdapter(target, (attack) => {
  test('alg-none-4: a token that says it needs no signature, in every spelling', async () => {
    const spellings = ['none', 'None', 'NONE', 'nOnE', 'none ', ' none', 'none\u0000', '']
    await attack.refusesTokens((signer) =>
      spellings.flatMap((alg) => [
        [forged(signer, { alg }, ''), 'token_malformed'],
        [forged(signer, { alg }, signer.signature), 'algorithm_not_allowed'],
        [forged(signer, { alg }, 'AAAA'), 'algorithm_not_allowed'],
      ]),
    )
    await attack.refusesTokens(
      (signer) =>
        [undefined, null, 0, false, {}, ['none']].map((alg) => forged(signer, { alg }, 'AAAA')),
      'token_malformed',
    )
  })

  test('null-signature: a good header, good claims and an empty third segment', async () => {
    await attack.refusesTokens((signer) => {
      const [header, payload] = signer.token().split('.')
      return [`${header}.${payload}.`, `${header}.${payload}`, `${header}.${payload}..`]
    }, 'token_malformed')
  })

  test('blank-hmac-key: an HMAC over an empty or a zeroed secret', async () => {
    const blanks = ['', '\0', '\0'.repeat(32), 'null', 'undefined']
    await attack.refusesTokens(
      (signer) =>
        [256, 384, 512].flatMap((bits) =>
          blanks.map((blank) => forged(signer, { alg: `HS${bits}` }, mac(blank, `sha${bits}`))),
        ),
      /^(signature_invalid|algorithm_not_allowed)$/,
    )
  })

  test('unverified: something of the header, payload or signature is another', async () => {
    await attack.refusesTokens((signer) => {
      const [header = '', payload = '', signature = ''] = signer.token().split('.')
      const other = (text: string, from: string, to: string) =>
        segment(Buffer.from(text, 'base64url').toString().replace(from, to))
      const bytes = Buffer.from(signature, 'base64url')
      const flipped = Buffer.from(bytes)
      flipped[7] = 0xff ^ (flipped[7] ?? 0)
      return [
        [`${header}.${segment(raised(signer))}.${signature}`, 'signature_invalid'],
        [`${header}.${other(payload, 'sub-of', 'sub-oF')}.${signature}`, 'signature_invalid'],
        [`${other(header, '}', ',"x":1}')}.${payload}.${signature}`, 'signature_invalid'],
        ...[flipped, bytes.subarray(0, -1), Buffer.concat([bytes, bytes])].map(
          (wrong): [string, string] => [
            `${header}.${payload}.${wrong.toString('base64url')}`,
            'signature_invalid',
          ],
        ),
        [`${payload}.${header}.${signature}`, 'token_malformed'],
      ]
    })
  })

  test('key-confusion-pem: the public key, in any spelling, as the secret of a MAC', async () => {
    await attack.refusesTokens((signer) => {
      const spellings = publicSpellings(signer)
      return [256, 384, 512].flatMap((bits) =>
        spellings.map((key) => forged(signer, { alg: `HS${bits}` }, mac(key, `sha${bits}`))),
      )
    }, /^(signature_invalid|algorithm_not_allowed)$/)
  })

  test('key-confusion-pem: a signature of another family or hash than the key is for', async () => {
    const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
    const algorithms = ['RS256', 'RS512', 'PS256', 'ES256', 'ES384', 'ES512', 'EdDSA', 'HS256']
    await attack.refusesTokens((signer) =>
      algorithms
        .filter((alg) => alg !== signer.algorithm)
        .map((alg): [string, string] => [
          forged(signer, { alg }, (input) =>
            sign('sha256', Buffer.from(input), ec).toString('base64url'),
          ),
          'algorithm_not_allowed',
        ]),
    )
  })

  describe('ec-zero-sig: an ECDSA signature', () => {
    const n = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'
    const [zero, one] = ['0'.repeat(64), '1'.padStart(64, '0')]
    const outOfRange = [
      ...[zero, one, n].flatMap((r) => [zero, one, n].map((s) => r + s)),
      'f'.repeat(128),
    ]

    test('of zeros, ones or the order of the curve', async () => {
      await attack.refusesTokens(
        (signer) =>
          outOfRange.map((hex) =>
            forged(signer, {}, Buffer.from(hex, 'hex').toString('base64url')),
          ),
        'signature_invalid',
      )
    })

    test('of another length, or in DER', async () => {
      const { es } = target.doors
      const [header, payload, signature = ''] = es.signer.token().split('.')
      const raw = Buffer.from(signature, 'base64url')
      for (const bytes of [
        raw.subarray(0, 63),
        Buffer.concat([raw, Buffer.alloc(1)]),
        Buffer.concat([Buffer.alloc(1), raw]),
        Buffer.concat([raw, raw]),
        der(raw),
      ]) {
        await attack.isRefused(
          es,
          es.present(`${header}.${payload}.${bytes.toString('base64url')}`),
          {
            status: 401,
            error: 'invalid_token',
            reason: 'signature_invalid',
          },
        )
      }
    })
  })
})

/** PEM with and without its last line end, DER, PKCS#1 and JWK: what a server might have taken for a text. */
function publicSpellings(signer: Signer): (string | Uint8Array)[] {
  const { publicKey, jwk } = signer
  // The door for HMAC has no public key; its key id is public all the same.
  if (publicKey === null) return [jwk.kid]
  const pems = [publicKey.export({ type: 'spki', format: 'pem' }).toString()]
  if (publicKey.asymmetricKeyType === 'rsa')
    pems.push(publicKey.export({ type: 'pkcs1', format: 'pem' }).toString())
  return [
    ...pems.flatMap((pem) => [
      pem,
      pem.trim(),
      `${pem}\n`,
      ` ${pem}`,
      pem.replaceAll('\n', '\r\n'),
    ]),
    publicKey.export({ type: 'spki', format: 'der' }),
    JSON.stringify(jwk),
    JSON.stringify({ keys: [jwk] }),
    String(jwk.n ?? jwk.x),
    Buffer.from(String(jwk.n ?? jwk.x), 'base64url'),
  ]
}

/** The same two numbers in ASN.1. */
function der(raw: Uint8Array): Buffer {
  const integer = (bytes: Uint8Array): Buffer => {
    const positive = (bytes[0] ?? 0) > 0x7f ? Buffer.concat([Buffer.alloc(1), bytes]) : bytes
    return Buffer.concat([Buffer.from([0x02, positive.length]), positive])
  }
  const body = Buffer.concat([integer(raw.subarray(0, 32)), integer(raw.subarray(32))])
  return Buffer.concat([Buffer.from([0x30, body.length]), body])
}

/** A proof whose key is none that may prove anything (RFC 9449 section 4.3). */
import { createHmac, generateKeyPairSync } from 'node:crypto'
import { expect, test } from 'vitest'
import {
  boundToken,
  dpop,
  expectLetIn,
  ORIGIN,
  onEveryServer,
  owner,
  PROOF_REFUSED,
  thief,
} from './support/dpop-target.js'

const url = `${ORIGIN}/strict`
const encoded = (part: unknown) => Buffer.from(JSON.stringify(part)).toString('base64url')

onEveryServer((attack) => {
  const isRefused = async (token: string, proof: string) =>
    expect(await attack({ fields: dpop(token, proof) })).toEqual(PROOF_REFUSED)

  test('dpop-key: an unsigned proof, and one with a MAC by the public key', async () => {
    const token = await boundToken()
    const [, claims = '', signature = ''] = (await owner.proof({ url, token })).split('.')
    for (const alg of ['none', 'None', 'NONE', '']) {
      const header = encoded({ typ: 'dpop+jwt', alg, jwk: owner.publicJwk })
      await isRefused(token, `${header}.${claims}.`)
      await isRefused(token, `${header}.${claims}.${signature}`)
    }
    const secret = JSON.stringify(owner.publicJwk)
    const symmetric = { kty: 'oct', k: Buffer.from(secret).toString('base64url') }
    for (const jwk of [owner.publicJwk, symmetric]) {
      const input = `${encoded({ typ: 'dpop+jwt', alg: 'HS256', jwk })}.${claims}`
      const mac = createHmac('sha256', secret).update(input).digest('base64url')
      await isRefused(token, `${input}.${mac}`)
    }
    await expectLetIn(attack)
  })

  test('dpop-key: a private key, no key, and keys that only have a name or an address', async () => {
    const token = await boundToken()
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
    const headers = [
      { jwk: privateKey.export({ format: 'jwk' }) },
      { jwk: { ...owner.publicJwk, d: 'AAAA' } },
      { jwk: undefined },
      { jwk: null },
      { jwk: undefined, kid: owner.thumbprint },
      { jwk: undefined, jku: 'https://evil.example/keys' },
      { jwk: { ...owner.publicJwk, crv: 'P-384' } },
      { jwk: { ...owner.publicJwk, y: owner.publicJwk.x } },
    ]
    for (const header of headers) {
      await isRefused(token, await owner.proof({ url, token, header }))
    }
  })

  test("dpop-key: the thief's own key, and the owner's key over the thief's signature", async () => {
    const token = await boundToken()
    const own = await thief.proof({ url, token })
    expect(await attack({ fields: dpop(token, own) })).toEqual({
      status: 401,
      errors: ['DPoP invalid_token'],
    })
    await isRefused(token, await thief.proof({ url, token, header: { jwk: owner.publicJwk } }))
  })

  test('dpop-key: another kind of token in the place of a proof', async () => {
    const token = await boundToken()
    await isRefused(token, token)
    for (const typ of ['JWT', 'at+jwt', 'application/dpop+jwt', 'DPoP+jwt', undefined]) {
      await isRefused(token, await owner.proof({ url, token, header: { typ } }))
    }
  })
})

import { Buffer } from 'node:buffer'
import { constants, createPrivateKey, sign } from 'node:crypto'
import { expect, test } from 'vitest'
import { algorithm } from '../../src/jwt/algorithms.js'
import { parseJws } from '../../src/jwt/compact.js'
import { verificationKey } from '../../src/jwt/keys.js'
import { generateSigningKey } from '../../src/jwt/sign-jwt.js'
import { ENGINES } from '../conformance/engines.js'

test.each([
  ['RS256', constants.RSA_PKCS1_PADDING],
  ['PS256', constants.RSA_PKCS1_PSS_PADDING],
] as const)(
  'no engine takes a signature of %s without its leading zero byte',
  async (alg, padding) => {
    const { privateJwk, publicJwk } = await generateSigningKey(alg)
    const privateKey = createPrivateKey({ key: { ...privateJwk }, format: 'jwk' })
    const vetted = verificationKey(publicJwk, [algorithm(alg) ?? expect.fail()])
    const key = vetted.ok ? vetted.value : expect.fail(vetted.reason)
    expect(key.signatureBytes).toBe(256)
    for (let number = 0; ; number++) {
      const header = Buffer.from(JSON.stringify({ alg, number })).toString('base64url')
      const input = `${header}.e30`
      const saltLength = padding === constants.RSA_PKCS1_PSS_PADDING ? 32 : undefined
      const options = { key: privateKey, padding, ...(saltLength && { saltLength }) }
      const signature = sign('sha256', Buffer.from(input), options)
      if (signature[0] !== 0) continue
      const verdicts = (bytes: Buffer) => {
        const jws = parseJws(`${input}.${bytes.toString('base64url')}`)
        return Promise.all(
          ENGINES.map(({ verify }) => verify(jws.ok ? jws.value : expect.fail(jws.reason), key)),
        )
      }
      expect(new Set(await verdicts(signature))).toEqual(new Set(['valid']))
      expect(new Set(await verdicts(signature.subarray(1)))).toEqual(new Set(['signature_invalid']))
      return
    }
  },
)

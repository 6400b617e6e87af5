/** A token that is bound to a key, sent so that nobody asks for the key (RFC 9449 section 7.2). */
import { expect, test } from 'vitest'
import {
  boundToken,
  dpop,
  expectLetIn,
  issuer,
  ORIGIN,
  onEveryServer,
  owner,
} from './support/dpop-target.js'

onEveryServer((attack) => {
  const paths = [
    ['/strict', 'DPoP'],
    ['/mixed', 'Bearer'],
  ] as const

  test('dpop-downgrade: a bound token as a plain bearer token, with its proof beside it or not', async () => {
    for (const [path, scheme] of paths) {
      const token = await boundToken()
      const proof = await owner.proof({ url: ORIGIN + path, token })
      const refused = { status: 401, errors: [`${scheme} invalid_token`] }
      for (const spelling of ['Bearer', 'bearer', 'BEARER']) {
        const bearer = ['Authorization', `${spelling} ${token}`] as const
        expect(await attack({ path, fields: [bearer] })).toEqual(refused)
        expect(await attack({ path, fields: [bearer, ['DPoP', proof]] })).toEqual(refused)
      }
      await expectLetIn(attack, path)
    }
  })

  test('dpop-downgrade: a bound token without a proof, or with an empty one', async () => {
    for (const [path] of paths) {
      const authorization = ['Authorization', `DPoP ${await boundToken()}`] as const
      const refused = { status: 401, errors: ['DPoP invalid_dpop_proof'] }
      expect(await attack({ path, fields: [authorization] })).toEqual(refused)
      expect(await attack({ path, fields: [authorization, ['DPoP', '']] })).toEqual(refused)
    }
  })

  test('dpop-downgrade: both schemes at once, in either order', async () => {
    for (const [path] of paths) {
      const token = await boundToken()
      const fields = dpop(token, await owner.proof({ url: ORIGIN + path, token }))
      const bearer = ['Authorization', `Bearer ${token}`] as const
      expect((await attack({ path, fields: [bearer, ...fields] })).status).toBe(400)
      expect((await attack({ path, fields: [...fields, bearer] })).status).toBe(400)
    }
  })

  test('dpop-downgrade: a token whose binding cannot be read, and one that is bound to nothing', async () => {
    for (const cnf of [null, {}, { jkt: '' }, { JKT: owner.thumbprint }, [], 'jkt', undefined]) {
      const token = await issuer.token({ claims: { cnf } })
      const proof = await owner.proof({ url: `${ORIGIN}/strict`, token })
      expect((await attack({ fields: [['Authorization', `Bearer ${token}`]] })).status).toBe(401)
      expect((await attack({ fields: dpop(token, proof) })).status).toBe(401)
    }
  })
})

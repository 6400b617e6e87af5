/** A proof that was seen, sent again: here, elsewhere, by another method, with another token (RFC 9449 section 11.1). */
import { expect, test } from 'vitest'
import {
  boundToken,
  dpop,
  expectLetIn,
  ORIGIN,
  onEveryServer,
  owner,
  PROOF_REFUSED,
} from './support/dpop-target.js'

const url = `${ORIGIN}/strict`

onEveryServer((attack) => {
  test('dpop-replay: one proof twice, one after the other and many at once', async () => {
    const token = await boundToken()
    const fields = dpop(token, await owner.proof({ url, token }))
    expect((await attack({ fields })).status).toBe(200)
    expect(await attack({ fields })).toEqual(PROOF_REFUSED)
    const fresh = dpop(token, await owner.proof({ url, token }))
    const ends = await Promise.all(Array.from({ length: 100 }, () => attack({ fields: fresh })))
    expect(ends.filter(({ status }) => status === 200)).toHaveLength(1)
    expect(ends.filter(({ status }) => status === 401)).toHaveLength(99)
  })

  test('dpop-replay: the same proof under other spellings of the request', async () => {
    const token = await boundToken()
    const fields = dpop(token, await owner.proof({ url, token }))
    expect((await attack({ fields })).status).toBe(200)
    for (const path of ['/strict?again=1', '/%73trict', '/strict#x']) {
      const { status } = await attack({ path, fields })
      expect([400, 401, 404]).toContain(status)
    }
  })

  test('dpop-replay: a proof for another method, another URL, another token', async () => {
    const token = await boundToken()
    const others = [
      { url, token, method: 'POST' },
      { url, token, method: 'HEAD' },
      { url, token, method: 'get' },
      { url: `${ORIGIN}/mixed`, token },
      { url: `${ORIGIN}/strict/`, token },
      { url: `${ORIGIN}:8443/strict`, token },
      { url: url.replace('https', 'http'), token },
      { url: 'https://evil.example/strict', token },
      { url, token: await boundToken() },
      { url },
    ]
    for (const other of others) {
      const fields = dpop(token, await owner.proof(other))
      expect(await attack({ fields }), JSON.stringify(other)).toEqual(PROOF_REFUSED)
    }
    await expectLetIn(attack)
  })
})

import { describe, expect, test } from 'vitest'
import { readConfirmation } from '../../src/verify/confirmation.js'

const HASH = '0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I'

describe('a confirmation', () => {
  test('that is not there asks for nothing', () => {
    expect(readConfirmation(undefined)).toEqual({ keyThumbprint: null, certificateHash: null })
  })

  test('names a key, a certificate, or both', () => {
    expect(readConfirmation({ jkt: HASH })).toEqual({ keyThumbprint: HASH, certificateHash: null })
    expect(readConfirmation({ 'x5t#S256': HASH })).toEqual({
      keyThumbprint: null,
      certificateHash: HASH,
    })
    expect(readConfirmation({ jkt: HASH, 'x5t#S256': HASH })).toEqual({
      keyThumbprint: HASH,
      certificateHash: HASH,
    })
  })

  test.each([
    null,
    '',
    HASH,
    1,
    true,
    [],
    [{ jkt: HASH }],
    {},
    { jkt: '' },
    { jkt: null },
    { jkt: undefined },
    { jkt: HASH.slice(1) },
    { jkt: `${HASH}A` },
    { jkt: [HASH] },
    { jkt: HASH, kid: 'k' },
    { jkt: HASH, 'x5t#S256': null },
    { jwk: { kty: 'EC' } },
    { kid: 'k' },
    { jku: 'https://a.example/' },
    { 'x5t#s256': HASH },
    { JKT: HASH },
    { ['__proto__']: HASH },
  ])('of %j cannot be confirmed', (cnf) => {
    expect(readConfirmation(cnf)).toBeNull()
  })

  test('takes nothing from a prototype', () => {
    expect(readConfirmation(Object.create({ jkt: HASH }))).toBeNull()
  })
})

import { describe, expect, it } from 'vitest'
import { tokenKind } from '../../src/jwt/media-type.js'

describe('tokenKind', () => {
  it.each(['at+jwt', 'AT+JWT', 'application/at+jwt', 'Application/At+JWT'])(
    'takes %s for an access token',
    (typ) => {
      expect(tokenKind(typ)).toBe('at+jwt')
    },
  )

  it.each(['JWT', 'dpop+jwt', 'at+jwt2', 'xat+jwt', 'application-at+jwt'])(
    'keeps %s apart',
    (typ) => {
      expect(tokenKind(typ)).toBe(typ.toLowerCase())
      expect(tokenKind(typ)).not.toBe('at+jwt')
    },
  )

  it.each([
    '',
    'application/',
    'text/at+jwt',
    'application/application/at+jwt',
    ' at+jwt',
    'at+jwt\n',
    'to\u212aen',
    'at+jw\u0442',
  ])('takes %j for no kind at all', (typ) => {
    expect(tokenKind(typ)).toBeNull()
  })
})

import { Buffer } from 'node:buffer'
import { describe, expect, it } from 'vitest'
import { parseCompact, parseJws } from '../../src/jwt/compact.js'
import { CLAIMS, HEADER, mac, macToken, segment } from './tokens.js'

const malformed = { ok: false, reason: 'token_malformed' }
const withHeader = (more: object) => parseCompact(macToken({ header: { ...HEADER, ...more } }))

describe('parseCompact', () => {
  it('reads header, claims and what was signed', () => {
    const token = macToken({ header: { ...HEADER, kid: 'k1' } })
    const parsed = parseCompact(token)
    expect(parsed).toEqual({
      ok: true,
      value: {
        header: { alg: 'HS256', typ: 'at+jwt', kid: 'k1' },
        payload: CLAIMS,
        signingInput: token.slice(0, token.lastIndexOf('.')),
        signature: Buffer.from(token.slice(token.lastIndexOf('.') + 1), 'base64url'),
        text: token,
      },
    })
  })

  it('reads an absent typ and kid as null', () => {
    const parsed = parseCompact(macToken({ header: { alg: 'HS256' } }))
    expect(parsed.ok && parsed.value.header).toEqual({ alg: 'HS256', typ: null, kid: null })
  })

  it('reads one header in the same way however often it comes, and whatever came between', () => {
    const [first, second] = ['k1', 'k2'].map((kid) => macToken({ header: { ...HEADER, kid } }))
    const kidOf = (token = '') => {
      const parsed = parseCompact(token)
      return parsed.ok && parsed.value.header.kid
    }
    for (let round = 0; round < 3; round++) {
      expect([kidOf(first), kidOf(second)]).toEqual(['k1', 'k2'])
      for (let other = 0; other < 70; other++) withHeader({ kid: `other ${other}` })
    }
    expect(withHeader({ kid: 'k1', crit: ['exp'] })).toEqual({
      ok: false,
      reason: 'critical_header',
    })
  })

  it('ignores keys and addresses in the header', () => {
    const header = { jwk: { kty: 'oct' }, jku: 'https://evil.example', x5u: 'file:///', x5c: ['A'] }
    const parsed = withHeader(header)
    expect(parsed.ok && Object.keys(parsed.value.header)).toEqual(['alg', 'typ', 'kid'])
  })

  const good = macToken()
  const [header = '', payload = '', signature = ''] = good.split('.')
  it.each([
    ['the empty string', ''],
    ['no dot', header],
    ['one dot', `${header}.${payload}`],
    ['two dots and no signature', `${header}.${payload}.`],
    ['no header', `.${payload}.${signature}`],
    ['no payload', `${header}..${signature}`],
    ['only dots', '..'],
    ['a fourth segment', `${good}.x`],
    ['an empty fourth segment', `${good}.`],
    ['five segments, as a JWE has', `${header}.${payload}.${payload}.${payload}.${signature}`],
    ['padding', `${good}=`],
    ['padding in the header', `${header}=.${payload}.${signature}`],
    ['a space in front', ` ${good}`],
    ['a space behind', `${good} `],
    ['a newline behind', `${good}\n`],
    ['a tab inside', `${header}.${payload}.${signature.slice(0, 9)}\t${signature.slice(9)}`],
    ['a null character', `${good}\0`],
    ['the alphabet of base64', `${header}.${payload}.${signature.slice(1)}+`],
    ['a character that case folding would make good', good.replace('k', '\u212a')],
    ['a full-width dot', good.replace('.', '\uff0e')],
    ['a lone surrogate', `${good}\ud800`],
    ['JSON serialization', JSON.stringify({ payload, protected: header, signature })],
    ['a scheme in front', `Bearer ${good}`],
    ['a segment of impossible length', `${header}.${payload}.${'A'.repeat(41)}`],
  ])('refuses %s', (_, token) => {
    expect(parseCompact(token)).toEqual(malformed)
  })

  it('refuses every text that spells the bytes of a good token in another way', () => {
    const last = signature.at(-1) ?? ''
    const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
    const twins = [...alphabet].filter((character) => {
      const twin = `${signature.slice(0, -1)}${character}`
      return (
        character !== last &&
        Buffer.from(twin, 'base64url').equals(Buffer.from(signature, 'base64url'))
      )
    })
    expect(twins).toHaveLength(3)
    for (const character of twins) {
      expect(parseCompact(`${good.slice(0, -1)}${character}`)).toEqual(malformed)
    }
  })

  it('takes 8,192 characters and refuses one more, however they are meant', () => {
    const claims = { ...CLAIMS, pad: 'x'.repeat(5_920) }
    const padded = macToken({ header: { ...HEADER, pad: '' }, payload: claims })
    expect(padded).toHaveLength(8_192)
    expect(parseCompact(padded).ok).toBe(true)
    const tooLarge = { ok: false, reason: 'token_too_large' }
    expect(parseCompact(`${padded}A`)).toEqual(tooLarge)
    expect(parseCompact('.'.repeat(8_193))).toEqual(tooLarge)
    expect(parseCompact('.'.repeat(10_000_000))).toEqual(tooLarge)
    expect(parseCompact('.'.repeat(8_192))).toEqual(malformed)
  })

  it.each([
    ['an array', '[1]'],
    ['null', 'null'],
    ['a string', '"x"'],
    ['not JSON', 'x'],
    ['with a duplicate member', '{"alg":"none","alg":"HS256"}'],
    ['with a byte order mark', '\ufeff{"alg":"HS256"}'],
    ['with an infinite number', '{"alg":"HS256","x":1e999}'],
    ['too deep', `{"alg":"HS256","x":${'['.repeat(16)}${']'.repeat(16)}}`],
    ['not UTF-8', Uint8Array.of(0x7b, 0x22, 0xff, 0x22, 0x3a, 0x31, 0x7d)],
    ['UTF-16', Buffer.from('{"alg":"HS256"}', 'utf16le')],
  ])('refuses a header or a payload that is %s', (_, text) => {
    expect(parseCompact(macToken({ header: text }))).toEqual(malformed)
    expect(parseCompact(macToken({ payload: text }))).toEqual(malformed)
  })

  it.each([
    ['no alg', { alg: undefined }],
    ['an alg that is not a string', { alg: ['HS256'] }],
    ['a typ that is not a string', { typ: 1 }],
    ['a typ of null', { typ: null }],
    ['a kid that is an object', { kid: { a: 1 } }],
    ['a kid of null', { kid: null }],
    ['an empty kid', { kid: '' }],
    ['a kid of 257 characters', { kid: 'k'.repeat(257) }],
    ['zip', { zip: 'DEF' }],
    ['enc', { enc: 'A128GCM' }],
  ])('refuses a header with %s', (_, more) => {
    expect(withHeader(more)).toEqual(malformed)
  })

  it('takes a kid of one and of 256 characters', () => {
    expect(withHeader({ kid: 'k' }).ok && withHeader({ kid: 'k'.repeat(256) }).ok).toBe(true)
  })

  it.each([
    ['names an unknown extension', { crit: ['x'], x: 1 }],
    ['names nothing', { crit: [] }],
    ['names a registered member', { crit: ['alg'] }],
    ['is not a list', { crit: 'x' }],
    ['is null', { crit: null }],
    ['names b64', { crit: ['b64'], b64: false }],
  ])('refuses a crit that %s', (_, more) => {
    expect(withHeader(more)).toEqual({ ok: false, reason: 'critical_header' })
  })

  it.each([true, false, null])('refuses b64 without crit: %s', (b64) => {
    expect(withHeader({ b64 })).toEqual({ ok: false, reason: 'critical_header' })
  })

  it('has claims by name only, not those that every object inherits', () => {
    const parsed = parseCompact(macToken({ payload: '{"__proto__":{"sub":"admin"},"iss":"i"}' }))
    const claims = parsed.ok ? parsed.value.payload : {}
    expect(claims['sub']).toBeUndefined()
    expect(claims['toString']).toBeUndefined()
    expect(Object.getPrototypeOf(claims)).toBeNull()
    expect(Object.keys(claims)).toEqual(['__proto__', 'iss'])
  })

  it('finds no header member that only a prototype has', () => {
    const header = '{"__proto__":{"alg":"HS256"}}'
    expect(parseCompact(macToken({ header }))).toEqual(malformed)
  })

  it('refuses what is not a string, as untyped code may pass', () => {
    for (const value of [undefined, null, 1, {}, [good], Buffer.from(good)]) {
      expect(parseCompact(value as unknown as string)).toEqual(malformed)
    }
  })
})

describe('parseJws', () => {
  it('takes a payload of any bytes, even none', () => {
    const empty = `${segment(HEADER)}.`
    const parsed = parseJws(`${empty}.${mac(empty)}`)
    expect(parsed.ok && parsed.value.payload.length).toBe(0)
  })
})

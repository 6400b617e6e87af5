import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createOpaqueToken, hashOpaqueToken } from '../../src/lifecycle/opaque-token.js'
import { decodeBase64url } from '../../src/shared/base64.js'

describe('createOpaqueToken', () => {
  test('makes 256 bits of base64url and the hash to keep', () => {
    const { token, hash } = createOpaqueToken()
    const bytes = decodeBase64url(token.reveal())
    expect(bytes.ok && bytes.value.length).toBe(32)
    expect(hash).toBe(hashOpaqueToken(token.reveal()))
  })

  test('makes another one each time', () => {
    const tokens = Array.from({ length: 50 }, () => createOpaqueToken().token.reveal())
    expect(new Set(tokens).size).toBe(50)
  })

  test('the token cannot be printed by accident', () => {
    const created = createOpaqueToken()
    expect(JSON.stringify(created)).not.toContain(created.token.reveal())
  })
})

describe('hashOpaqueToken', () => {
  test('is SHA-256 of the UTF-8 text in hexadecimal, as node:crypto computes it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(hashOpaqueToken(text)).toBe(createHash('sha256').update(text).digest('hex'))
      }),
    )
  })
})

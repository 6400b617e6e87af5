import { Buffer } from 'node:buffer'
import fc from 'fast-check'
import { beforeEach, describe, expect, it, vi } from 'vitest'
import { decodeBase64url as portable } from '../../src/shared/base64.js'
import { withoutNode } from '../support/without-node.js'

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The module anew: it looks once whether there is a `Buffer`. */
const fresh = async () => {
  vi.resetModules()
  return (await import('../../src/runtime/base64url.js')).decodeBase64url
}

/** Text that is nearly base64url: some of its characters are from elsewhere. */
const nearly = fc
  .array(
    fc.oneof(
      { weight: 20, arbitrary: fc.constantFrom(...ALPHABET) },
      { weight: 1, arbitrary: fc.constantFrom(...'+/=. \n\t\0\u00c1\u0141\u212a\ud800') },
    ),
    { maxLength: 40 },
  )
  .map((characters) => characters.join(''))

const expected = (text: string) => {
  const decoded = portable(text)
  return decoded.ok ? Buffer.from(decoded.value) : null
}
const asBuffer = (bytes: Uint8Array | null) => bytes && Buffer.from(bytes)

describe('decodeBase64url, with a Buffer', () => {
  let decode: (text: string) => Uint8Array | null
  beforeEach(async () => {
    decode = await fresh()
  })

  it('reads the bytes that the only spelling of them spells', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        const text = Buffer.from(bytes).toString('base64url')
        expect(asBuffer(decode(text))).toEqual(Buffer.from(bytes))
      }),
    )
  })

  it('agrees with the portable one on every text of up to three characters of the alphabet', () => {
    const texts = ['', ...ALPHABET]
    for (const first of ALPHABET) for (const second of ALPHABET) texts.push(first + second)
    for (const last of ALPHABET) texts.push(`AA${last}`, `AAAA${last}`, `_-${last}`)
    for (const text of texts) expect(asBuffer(decode(text))).toEqual(expected(text))
  })

  it('agrees with the portable one on every character in any place', () => {
    for (let code = 0; code < 0x250; code++) {
      const character = String.fromCharCode(code)
      for (const text of [character, `${character}A`, `A${character}AA`, `AAA${character}`]) {
        expect(asBuffer(decode(text))).toEqual(expected(text))
      }
    }
  })

  it('agrees with the portable one on what is nearly base64url', () => {
    fc.assert(
      fc.property(nearly, (text) => {
        expect(asBuffer(decode(text))).toEqual(expected(text))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('decodeBase64url, without a Buffer', () => {
  it('is the portable one', async () => {
    await withoutNode(async () => {
      const decode = await fresh()
      fc.assert(
        fc.property(nearly, (text) => {
          expect(asBuffer(decode(text))).toEqual(expected(text))
        }),
      )
    })
  })
})

import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { withoutNode } from '../support/without-node.js'

/** The module anew: it looks once whether the runtime has the hash. */
const fresh = async () => {
  vi.resetModules()
  return (await import('../../src/runtime/sha256.js')).sha256Base64url
}

const agrees = (hash: (text: string) => string) =>
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const expected = createHash('sha256').update(Buffer.from(text)).digest('base64url')
      expect(hash(text)).toBe(expected)
    }),
  )

describe('sha256Base64url', () => {
  it('is SHA-256 of the text in UTF-8, lone surrogates included', async () => {
    const hash = await fresh()
    agrees(hash)
    expect(hash('\ud800')).toBe(hash('\ufffd'))
  })

  it('is the same where there is no node:crypto', async () => {
    await withoutNode(async () => {
      const hash = await fresh()
      agrees(hash)
      expect(hash('\ud800')).toBe(hash('\ufffd'))
    })
  })
})

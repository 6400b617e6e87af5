import { Buffer } from 'node:buffer'
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it, vi } from 'vitest'
import { withoutNode } from '../support/without-node.js'

/** The module anew: it looks once whether the runtime has the hash. */
const fresh = async () => {
  vi.resetModules()
  return import('../../src/runtime/sha256.js')
}

async function agreesWithNode(): Promise<void> {
  const { sha256Base64url, sha256Hex } = await fresh()
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
      const expected = createHash('sha256').update(Buffer.from(text)).digest()
      expect(sha256Base64url(text)).toBe(expected.toString('base64url'))
      expect(sha256Hex(text)).toBe(expected.toString('hex'))
    }),
  )
  expect(sha256Base64url('\ud800')).toBe(sha256Base64url('\ufffd'))
  expect(sha256Hex('\ud800')).toBe(sha256Hex('\ufffd'))
}

describe('SHA-256 of a text', () => {
  it('is that of its UTF-8, lone surrogates included', agreesWithNode)

  it('is the same where there is no node:crypto', () => withoutNode(agreesWithNode))
})

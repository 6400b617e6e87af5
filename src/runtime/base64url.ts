import {
  decodeBase64url as decodePortably,
  encodeBase64url as encodePortably,
} from '../shared/base64.js'
import { nodeBuiltin } from './node-builtin.js'

/**
 * As `decodeBase64url` of `shared`: null for anything but canonical, unpadded base64url. Several times faster where
 * there is a `Buffer`.
 *
 * The bytes may lie in memory that the runtime shares with other buffers: read them, and keep no view of them.
 */
export function decodeBase64url(text: string): Uint8Array | null {
  if (native === undefined) native = nodeBuffer()
  if (native === null) {
    const decoded = decodePortably(text)
    return decoded.ok ? decoded.value : null
  }
  const bytes = native.from(text, 'base64url')
  // `Buffer` skips what it cannot read, and takes padding and both alphabets. There is one way to write bytes down,
  // though: a text that is not that one is refused.
  return bytes.toString('base64url') === text ? bytes : null
}

/** Unpadded base64url, as `encodeBase64url` of `shared`; several times faster where there is a `Buffer`. */
export function encodeBase64url(bytes: Uint8Array): string {
  if (native === undefined) native = nodeBuffer()
  if (native === null) return encodePortably(bytes)
  return native.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64url')
}

/** The part of `Buffer` that is used here. */
interface NodeBuffer {
  from(text: string, encoding: 'base64url'): NodeBytes
  /** A view, not a copy. */
  from(memory: ArrayBufferLike, offset: number, length: number): NodeBytes
}

type NodeBytes = Uint8Array & { toString(encoding: 'base64url'): string }

function nodeBuffer(): NodeBuffer | null {
  const module = nodeBuiltin('node:buffer', 'Buffer')
  // `nodeBuiltin` has shown that it exists; it knows base64url since version 15.7.
  return module === null ? null : (module as { readonly Buffer: NodeBuffer }).Buffer
}

/** Looked up once, when it is first needed. */
let native: NodeBuffer | null | undefined

import { sha256 } from '@noble/hashes/sha2.js'
import { encodeBase64url } from '../shared/base64.js'
import { hex, utf8Bytes } from '../shared/bytes.js'
import { nodeBuiltin } from './node-builtin.js'

/** SHA-256 of a text in UTF-8, as 43 characters of base64url; by the runtime itself where it does so at once. */
export function sha256Base64url(text: string): string {
  if (native === undefined) native = nodeHash()
  return native === null
    ? encodeBase64url(sha256(utf8Bytes(text)))
    : native.hash('sha256', text, 'base64url')
}

/** The same as 64 lower-case hexadecimal digits. */
export function sha256Hex(text: string): string {
  if (native === undefined) native = nodeHash()
  return native === null ? hex(sha256(utf8Bytes(text))) : native.hash('sha256', text, 'hex')
}

interface NodeHash {
  hash(algorithm: 'sha256', text: string, encoding: 'base64url' | 'hex'): string
}

function nodeHash(): NodeHash | null {
  // `nodeBuiltin` shows that it exists; its signature is Node's since versions 20.12 and 21.7.
  return nodeBuiltin('node:crypto', 'hash') as NodeHash | null
}

/** Looked up once, when it is first needed. */
let native: NodeHash | null | undefined

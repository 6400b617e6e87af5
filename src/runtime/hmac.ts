import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { encodeBase64url } from '../shared/base64.js'
import { utf8Bytes } from '../shared/bytes.js'
import { nodeBuiltin } from './node-builtin.js'

/**
 * HMAC-SHA-256 of a text under a key that is a text, both in UTF-8, as 43 characters of base64url; by the runtime itself
 * where it does so at once.
 *
 * @see RFC 2104
 */
export function hmacBase64url(key: string, message: string): string {
  if (native === undefined) native = nodeHmac()
  return native === null
    ? encodeBase64url(hmac(sha256, utf8Bytes(key), utf8Bytes(message)))
    : native.createHmac('sha256', key).update(message).digest('base64url')
}

interface NodeHmac {
  createHmac(
    algorithm: 'sha256',
    key: string,
  ): { update(text: string): { digest(encoding: 'base64url'): string } }
}

function nodeHmac(): NodeHmac | null {
  // `nodeBuiltin` shows that it exists; its signature is Node's.
  return nodeBuiltin('node:crypto', 'createHmac') as NodeHmac | null
}

/** Looked up once, when it is first needed. */
let native: NodeHmac | null | undefined

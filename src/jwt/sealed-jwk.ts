import { decodeProtectedHeader } from 'jose/decode/protected_header'
import { compactDecrypt } from 'jose/jwe/compact/decrypt'
import { CompactEncrypt } from 'jose/jwe/compact/encrypt'
import { encodeBase64url } from '../shared/base64.js'
import { utf8Bytes } from '../shared/bytes.js'
import { isJsonObject, type JsonObject, parseStrictJson } from '../shared/json.js'
import { fail, type Result, succeed } from '../shared/result.js'
import type { PrivateJwk } from './jwk.js'
import { jwkThumbprint } from './thumbprint.js'

/** A key that seals others: 32 random bytes, and the name that sealed texts know it by. */
export interface SealingKey {
  readonly id: string
  readonly bytes: Uint8Array
}

/** @param bytes 32 of them, random; copied. That they are is for the caller to check. */
export function sealingKey(bytes: Uint8Array): SealingKey {
  const copy = bytes.slice()
  return { id: jwkThumbprint({ kty: 'oct', k: encodeBase64url(copy) }), bytes: copy }
}

/**
 * A private key as a text that says nothing to whoever lacks the sealing key: a JWE with `dir` and `A256GCM`.
 *
 * @param place what the text is bound to: put elsewhere, it does not open
 * @see RFC 7516, RFC 7517 section 7
 */
export function sealJwk(jwk: PrivateJwk, sealing: SealingKey, place: string): Promise<string> {
  return new CompactEncrypt(utf8Bytes(JSON.stringify(jwk)))
    .setProtectedHeader({ ...SEAL, cty: 'jwk+json', kid: sealing.id, place })
    .encrypt(sealing.bytes)
}

/**
 * Opens what {@link sealJwk} has sealed. What comes out is what went in, bit by bit; whether that is a good key is not
 * looked at. Never rejects.
 *
 * @param known every sealing key that may have been used
 */
export async function openJwk(
  text: string,
  known: readonly SealingKey[],
  place: string,
): Promise<Result<JsonObject, 'sealing_key_unknown' | 'not_sealed_here'>> {
  const id = sealedBy(text)
  const sealing = known.find((key) => key.id === id)
  if (sealing === undefined) return fail('sealing_key_unknown')
  try {
    const { plaintext, protectedHeader } = await compactDecrypt(text, sealing.bytes, {
      keyManagementAlgorithms: [SEAL.alg],
      contentEncryptionAlgorithms: [SEAL.enc],
    })
    const json = parseStrictJson(plaintext)
    if (protectedHeader['place'] !== place || !json.ok || !isJsonObject(json.value)) {
      return fail('not_sealed_here')
    }
    return succeed(json.value)
  } catch {
    return fail('not_sealed_here')
  }
}

/** The name of the sealing key that a text claims, or null if it is not sealed. */
export function sealedBy(text: string): string | null {
  try {
    return decodeProtectedHeader(text).kid ?? null
  } catch {
    return null
  }
}

const SEAL = { alg: 'dir', enc: 'A256GCM' } as const

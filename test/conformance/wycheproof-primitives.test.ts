import { Buffer } from 'node:buffer'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Algorithm, algorithm } from '../../src/jwt/algorithms.js'
import { parseJws } from '../../src/jwt/compact.js'
import type { Jwk } from '../../src/jwt/jwk.js'
import { type VerificationKey, verificationKey } from '../../src/jwt/keys.js'
import { segment, vectors } from '../jwt/tokens.js'
import { ENGINES, type SignatureEngine } from './engines.js'
import { substituteMessage } from './substitute-message.js'

interface Suite {
  readonly testGroups: readonly Group[]
}

interface Group {
  readonly publicKey?: { readonly wx?: string; readonly wy?: string }
  readonly publicKeyJwk?: Jwk
  readonly keyJwk?: Jwk
  /** In bits. */
  readonly tagSize?: number
  readonly tests: readonly {
    readonly tcId: number
    readonly key?: string
    readonly msg: string
    readonly sig?: string
    readonly tag?: string
    readonly result: 'valid' | 'invalid' | 'acceptable'
  }[]
}

/** What came of the vectors of one file. Every vector is counted once. */
interface Tally {
  /** Good signatures accepted, bad ones refused. */
  accepted: number
  refused: number
  /** Good signatures that are refused all the same, by a rule that a JWT verifier has and a primitive has not. */
  keyRefused: number
  tagTruncated: number
  readonly wrong: string[]
}

const substitute = substituteMessage()
beforeEach(substitute.begin)
afterEach(substitute.end)

function keyOf(group: Group, secret: string | undefined, name: Algorithm): VerificationKey | null {
  const entry = algorithm(name)
  const { wx, wy } = group.publicKey ?? {}
  const jwk: Jwk | undefined =
    secret !== undefined
      ? { kty: 'oct', k: base64url(secret) }
      : (group.publicKeyJwk ??
        group.keyJwk ??
        // Some groups of ECDSA have no JWK, only the coordinates.
        (wx !== undefined && wy !== undefined && entry?.curve
          ? { kty: 'EC', crv: entry.curve, x: base64url(wx), y: base64url(wy) }
          : undefined))
  const made = entry && verificationKey(jwk, [entry])
  return made?.ok ? made.value : null
}

const base64url = (hex: string) => Buffer.from(hex, 'hex').toString('base64url')

async function judge(file: string, name: Algorithm, engine: SignatureEngine): Promise<Tally> {
  const tally: Tally = { accepted: 0, refused: 0, keyRefused: 0, tagTruncated: 0, wrong: [] }
  const hashBytes = algorithm(name)?.hashBytes ?? 0
  for (const group of vectors<Suite>(`wycheproof/${file}`).testGroups) {
    for (const { tcId, key: secret, msg, sig, tag, result } of group.tests) {
      const key = keyOf(group, secret, name)
      const token = `${segment({ alg: name })}.${segment({})}.${base64url(sig ?? tag ?? '')}`
      const parsed = parseJws(token)
      substitute.message = Buffer.from(msg, 'hex')
      const isAccepted =
        parsed.ok && key !== null && (await engine.verify(parsed.value, key)) === 'valid'
      const isTruncated = group.tagSize !== undefined && group.tagSize < hashBytes * 8
      if (isAccepted && result === 'valid' && !isTruncated) tally.accepted += 1
      else if (!isAccepted && result !== 'valid') tally.refused += 1
      else if (!isAccepted && key === null) tally.keyRefused += 1
      else if (!isAccepted && isTruncated) tally.tagTruncated += 1
      else tally.wrong.push(`${tcId} ${isAccepted ? 'falsely accepted' : 'falsely refused'}`)
    }
  }
  return tally
}

const none = { keyRefused: 0, tagTruncated: 0, wrong: [] }
/** JWS has no truncated tags, and we take no secret that is shorter than the hash. */
const HMAC: Tally = { accepted: 30, refused: 108, keyRefused: 6, tagTruncated: 30, wrong: [] }

describe.each(ENGINES)('$name, with the primitive vectors of Wycheproof as tokens', (engine) => {
  it.each<[string, Algorithm, Tally]>([
    ['ecdsa_secp256r1_sha256_p1363_test.json', 'ES256', { accepted: 173, refused: 89, ...none }],
    ['ecdsa_secp384r1_sha384_p1363_test.json', 'ES384', { accepted: 193, refused: 87, ...none }],
    ['ecdsa_secp521r1_sha512_p1363_test.json', 'ES512', { accepted: 231, refused: 87, ...none }],
    ['ed25519_test.json', 'Ed25519', { accepted: 88, refused: 63, ...none }],
    ['ed25519_test.json', 'EdDSA', { accepted: 88, refused: 63, ...none }],
    // Vector 8 is `acceptable`, a signature from before the NULL was required: it is refused.
    [
      'rsa_signature_2048_sha256_test.json',
      'RS256',
      { accepted: 7, refused: 250, ...none, keyRefused: 2 }, // exponent 3
    ],
    ['rsa_pss_2048_sha256_mgf1_32_test.json', 'PS256', { accepted: 63, refused: 45, ...none }],
    ['hmac_sha256_test.json', 'HS256', HMAC],
    ['hmac_sha384_test.json', 'HS384', HMAC],
    ['hmac_sha512_test.json', 'HS512', HMAC],
  ])('gives every verdict of %s for %s', async (file, name, tally) => {
    expect(await judge(file, name, engine)).toEqual(tally)
  })
})

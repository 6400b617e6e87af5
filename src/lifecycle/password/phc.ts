import { decodeBase64, encodeBase64 } from '../../shared/base64.js'
import { utf8Bytes, utf8Text } from '../../shared/bytes.js'
import { fail, type Result, succeed } from '../../shared/result.js'
import type { Costs, PasswordAlgorithm } from './password-algorithm.js'
import { PASSWORD_ALGORITHMS } from './password-algorithms.js'
import { isPepperId } from './pepper.js'

/** A password's hash with all that is needed to make it again. */
export interface PasswordHash {
  readonly algorithm: PasswordAlgorithm
  readonly costs: Costs
  /** The id of the pepper that was mixed in; null if none was. */
  readonly pepperId: string | null
  /** 8 to 64 bytes. */
  readonly salt: Uint8Array
  /** 16 to 64 bytes. */
  readonly hash: Uint8Array
}

/**
 * Reads a PHC string, such as `$argon2id$v=19$m=19456,t=2,p=1$<salt>$<hash>` or `$scrypt$ln=17,r=8,p=1$<salt>$<hash>`.
 *
 * Only the one spelling that {@link formatPhc} writes: costs in this order without leading zeros, canonical unpadded
 * base64, and no parameter besides but `keyid` behind the costs: the id of a pepper in base64. Costs beyond what the algorithm's entry calls bearable are refused, so that a corrupt
 * or planted record cannot take all memory. Weak costs are read: old hashes have them.
 *
 * @see https://github.com/P-H-C/phc-string-format/blob/master/phc-sf-spec.md
 */
export function parsePhc(text: string): Result<PasswordHash, 'phc_malformed' | 'phc_costs'> {
  if (text.length > MAX_LENGTH) return fail('phc_malformed')
  const [empty, name = '', ...segments] = text.split('$')
  const algorithm = PASSWORD_ALGORITHMS.get(name)
  if (empty !== '' || algorithm === undefined) return fail('phc_malformed')
  if (algorithm.version !== null && segments.shift() !== algorithm.version) {
    return fail('phc_malformed')
  }
  const [costsText = '', saltText = '', hashText = '', ...surplus] = segments
  const parameters = parseParameters(costsText, algorithm)
  const salt = decodeUnpadded(saltText, 8)
  const hash = decodeUnpadded(hashText, 16)
  if (parameters === null || salt === null || hash === null || surplus.length > 0) {
    return fail('phc_malformed')
  }
  return algorithm.isBearable(parameters.costs)
    ? succeed({ algorithm, ...parameters, salt, hash })
    : fail('phc_costs')
}

/** The PHC string of a hash. Does not check it; {@link parsePhc} reads back what is within its bounds. */
export function formatPhc({ algorithm, costs, pepperId, salt, hash }: PasswordHash): string {
  const version = algorithm.version === null ? '' : `$${algorithm.version}`
  const costsText = algorithm.costNames.map((name, index) => `${name}=${costs[index]}`).join(',')
  const keyId = pepperId === null ? '' : `,keyid=${encodeUnpadded(utf8Bytes(pepperId))}`
  return `$${algorithm.name}${version}$${costsText}${keyId}$${encodeUnpadded(salt)}$${encodeUnpadded(hash)}`
}

function parseParameters(
  text: string,
  { costNames }: PasswordAlgorithm,
): Pick<PasswordHash, 'costs' | 'pepperId'> | null {
  const parts = text.split(',')
  const [first, second, third] = costNames.map((name, index) => parseCost(parts[index] ?? '', name))
  if (!first || !second || !third) return null
  const [keyId, ...surplus] = parts.slice(costNames.length)
  const pepperId = keyId === undefined ? null : parseKeyId(keyId)
  if (pepperId === undefined || surplus.length > 0) return null
  return { costs: [first, second, third], pepperId }
}

/** The id behind `keyid=`, or undefined. */
function parseKeyId(text: string): string | undefined {
  const bytes = text.startsWith(KEY_ID) ? decodeUnpadded(text.slice(KEY_ID.length), 1) : null
  const id = bytes === null ? null : utf8Text(bytes)
  return id !== null && isPepperId(id) ? id : undefined
}

/** A positive decimal number of up to nine digits behind `name=`, or null. */
function parseCost(text: string, name: string): number | null {
  const digits = text.slice(name.length + 1)
  if (!text.startsWith(`${name}=`) || digits.length > 9) return null
  for (const digit of digits) if (digit < '0' || digit > '9') return null
  // An empty text and a leading zero are the other two ways to spell a number in no canonical way.
  return digits === '' || digits.startsWith('0') ? null : Number(digits)
}

function decodeUnpadded(text: string, minBytes: number): Uint8Array | null {
  if (text.includes('=')) return null
  const bytes = decodeBase64(text + '='.repeat((4 - (text.length % 4)) % 4))
  if (!bytes.ok || bytes.value.length < minBytes || bytes.value.length > MAX_BYTES) return null
  return bytes.value
}

function encodeUnpadded(bytes: Uint8Array): string {
  const padded = encodeBase64(bytes)
  return padded.slice(0, Math.ceil((bytes.length * 4) / 3))
}

const KEY_ID = 'keyid='
/** Of a salt or a hash. */
const MAX_BYTES = 64
/** Longer than the longest that is well-formed. */
const MAX_LENGTH = 256

import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { utf8Bytes } from '../../shared/bytes.js'
import { Redacted } from '../../shared/redacted.js'

/** A secret that lies apart from the stored hashes: whoever has stolen the table only cannot guess a password of it. */
export interface Pepper {
  /** What stored hashes know it by: 1 to 8 of `A-Z`, `a-z`, `0-9`, `-`, `_`. Not a secret. */
  readonly id: string
  /** At least 32 random bytes, used for nothing else. Copied when the hasher is made. */
  readonly secret: Uint8Array | Redacted<Uint8Array>
}

/** The peppers that a hasher knows. */
export interface Peppers {
  /** What new hashes are made with; null for none. */
  readonly current: string | null
  readonly secrets: ReadonlyMap<string, Redacted<Uint8Array>>
}

/** @returns null if two of them have one id */
export function peppersOf(current: Pepper | undefined, former: readonly Pepper[]): Peppers | null {
  const all = current === undefined ? former : [current, ...former]
  const secrets = new Map<string, Redacted<Uint8Array>>()
  for (const { id, secret } of all) {
    if (secrets.has(id)) return null
    secrets.set(id, new Redacted(Uint8Array.from(bytesOf(secret))))
  }
  return { current: current?.id ?? null, secrets }
}

/**
 * What is hashed in place of the password: `HMAC-SHA-256(secret, "sallyport password" 00 password)`, 32 bytes.
 *
 * Before the hash and not after it, so that one way serves every algorithm and engine. Nobody can tell from a stored hash
 * whether the password or the pepper was guessed wrong.
 */
export function peppered(password: Uint8Array, secret: Redacted<Uint8Array>): Uint8Array {
  return hmac.create(sha256, secret.reveal()).update(LABEL).update(password).digest()
}

/** Whether this can be the id of a pepper. */
export function isPepperId(id: string): boolean {
  return /^[A-Za-z0-9_-]{1,8}$/.test(id)
}

/** Whether this is long enough to be the secret of a pepper. Cannot see whether it is random. */
export function isPepperSecret(secret: unknown): secret is Pepper['secret'] {
  const bytes: unknown = secret instanceof Redacted ? secret.reveal() : secret
  return bytes instanceof Uint8Array && bytes.length >= LEAST_BYTES
}

function bytesOf(secret: Pepper['secret']): Uint8Array {
  return secret instanceof Redacted ? secret.reveal() : secret
}

/** Keeps these apart from what else is authenticated with the same secret, should it be used elsewhere after all. */
const LABEL = /* @__PURE__ */ utf8Bytes('sallyport password\0')
const LEAST_BYTES = 32

/** Of a hasher without any. */
export const NO_PEPPERS: Peppers = { current: null, secrets: /* @__PURE__ */ new Map() }

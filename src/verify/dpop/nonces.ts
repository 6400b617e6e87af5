import { hmac } from '@noble/hashes/hmac.js'
import { sha256 } from '@noble/hashes/sha2.js'
import { randomBytes } from '../../runtime/random.js'
import { timingSafeEqual } from '../../runtime/timing-safe.js'
import { encodeBase64url } from '../../shared/base64.js'
import { utf8Bytes } from '../../shared/bytes.js'

/** The nonces that DPoP proofs have to name: nothing is stored, one secret and the time say it all. */
export interface DpopNonces {
  /** What proofs should name now: 43 characters of base64url. */
  current(now: number): string
  /** `stale` means that it was never handed out, or longer ago than two steps. */
  judge(nonce: string, now: number): 'current' | 'previous' | 'stale'
}

/**
 * Makes nonces that roll: the HMAC-SHA256 of the number of the time step. A nonce is taken in its own step and in the
 * next one, so for one to two steps.
 *
 * Who does not have the secret cannot tell a nonce before it is handed out, so a proof cannot be made in advance for
 * later. A nonce is no secret and not for one client; what keeps a proof from being used twice is the replay store.
 *
 * @param secret shared by all processes that answer for one API; null for one that this process makes up, of which the
 *   other processes know nothing
 * @see RFC 9449 sections 8 and 9
 */
export function rollingNonces(secret: string | null, stepSeconds: number): DpopNonces {
  // Made when first needed: some edge runtimes give out no random bytes at start-up.
  let key: Uint8Array | null = secret === null ? null : utf8Bytes(secret)
  const made = new Map<number, string>()
  const nonceOf = (step: number): string => {
    const known = made.get(step)
    if (known !== undefined) return known
    key ??= randomBytes(32)
    const nonce = encodeBase64url(hmac(sha256, key, utf8Bytes(`${PURPOSE}${step}`)))
    if (made.size >= KEPT_STEPS) made.clear()
    made.set(step, nonce)
    return nonce
  }
  const isNonceOf = (step: number, nonce: string): boolean =>
    timingSafeEqual(utf8Bytes(nonce), utf8Bytes(nonceOf(step)))
  return {
    current: (now) => nonceOf(Math.floor(now / stepSeconds)),
    judge(nonce, now) {
      const step = Math.floor(now / stepSeconds)
      if (isNonceOf(step, nonce)) return 'current'
      return isNonceOf(step - 1, nonce) ? 'previous' : 'stale'
    },
  }
}

/** So that a secret that is also used elsewhere makes no other value the same. */
const PURPOSE = 'sallyport/dpop-nonce/'
const KEPT_STEPS = 4

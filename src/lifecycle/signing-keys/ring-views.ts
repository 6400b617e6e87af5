import type { KeySetLookup } from '../../jwt/jwk-set.js'
import { unavailable } from '../store/steps.js'
import { nextRemoval, publishedKeysOf, type RingTimes, signingKeyOf } from './key-ring.js'
import { type KeySetDocument, keySetDocument } from './key-set-document.js'
import type { OpenRing } from './ring-desk.js'
import type { SigningKeyLookup } from './signing-key-source.js'

/**
 * Which key of a ring this process signs with. INVARIANT: once it has signed with the next one it does not go back to the
 * one before, whatever its clock does.
 */
export class SigningView {
  /** The `kid` of the key that it has got to. */
  #reached: string | null = null
  #lookup: Extract<SigningKeyLookup, { readonly kind: 'key' }> | null = null

  of({ ring, privateKeys }: OpenRing, now: number): SigningKeyLookup {
    const { next } = ring
    const place = next.publicKey.kid === this.#reached ? next : signingKeyOf(ring, now)
    const { kid } = place.publicKey
    this.#reached = kid
    const key = privateKeys.get(kid)
    if (key === undefined) return unavailable(new Error('the signing key is not open'))
    if (this.#lookup?.key !== key) this.#lookup = Object.freeze({ kind: 'key', key })
    return this.#lookup
  }
}

/** What a ring shows at one time. INVARIANT: the same objects for as long as the keys are the same. */
export interface Published {
  readonly lookup: Extract<KeySetLookup, { readonly kind: 'set' }>
  readonly document: KeySetDocument
}

/** The keys of a ring that verify. */
export class PublishedView {
  readonly #times: RingTimes
  readonly #maxAgeSeconds: number
  #shown: Published | null = null
  /** Of which ring `#shown` is, and from when until when. */
  #of: OpenRing | null = null
  #from = 0
  #until = 0

  constructor(times: RingTimes, maxAgeSeconds: number) {
    this.#times = times
    this.#maxAgeSeconds = maxAgeSeconds
  }

  of(open: OpenRing, now: number): Published {
    const shown = this.#shown
    if (shown !== null && this.#of === open && now >= this.#from && now < this.#until) return shown
    const set = Object.freeze({
      keys: Object.freeze(publishedKeysOf(open.ring, now, this.#times)),
    })
    const document = keySetDocument(set, this.#maxAgeSeconds)
    this.#of = open
    this.#from = now
    this.#until = nextRemoval(open.ring, now, this.#times)
    if (shown?.document.body === document.body) return shown
    this.#shown = Object.freeze({ lookup: Object.freeze({ kind: 'set' as const, set }), document })
    return this.#shown
  }
}

import * as z from 'zod/mini'
import { algorithm } from '../../jwt/algorithms.js'
import type { PublicJwk } from '../../jwt/jwk.js'
import { vetKey } from '../../jwt/key-vetting.js'
import { jwkThumbprint } from '../../jwt/thumbprint.js'
import { MAX_VALUE_LENGTH } from '../store/store.js'
import type { KeyRing } from './key-ring.js'

/** A ring as it stands in the store. Throws if there are too many keys for one record. */
export function ringText(ring: KeyRing): string {
  const text = JSON.stringify(ring)
  if (text.length > MAX_VALUE_LENGTH) throw new Error('too many signing keys for one record')
  return text
}

/** The ring of a record. Throws if it is none, or holds a key that nobody should verify with. */
export function parseRing(value: string): KeyRing {
  return z.parse(RING, JSON.parse(value))
}

/**
 * The members of a public key and nothing else, or null: one that is weak, has another name than its thumbprint, or shows
 * its private half is not published, however it came to be in the store.
 */
function checkedPublicKey(jwk: Readonly<Record<string, unknown>>): PublicJwk | null {
  const entry = typeof jwk['alg'] === 'string' ? algorithm(jwk['alg']) : null
  if (entry === null || entry.family === 'hmac') return null
  const vetted = vetKey(jwk, [entry], 'verify')
  if (!vetted.ok) return null
  const { kid, material } = vetted.value
  if (kid === null || kid !== jwkThumbprint(material)) return null
  const { kty } = material
  if (typeof kty !== 'string') return null
  return Object.freeze({ ...material, kty, kid, alg: entry.name, use: 'sig' })
}

const TIME = /* @__PURE__ */ z.int()

const PUBLIC_KEY = /* @__PURE__ */ z.pipe(
  z.record(z.string(), z.unknown()),
  z.transform((jwk, context) => {
    const key = checkedPublicKey(jwk)
    if (key !== null) return key
    context.issues.push({ code: 'custom', input: null, message: 'not a key to publish' })
    return z.NEVER
  }),
)

const RING_KEY = /* @__PURE__ */ z.object({
  publicKey: PUBLIC_KEY,
  privateKey: z.string(),
  publishedAt: TIME,
  activateAt: TIME,
})

const RING = /* @__PURE__ */ z.object({
  active: RING_KEY,
  next: RING_KEY,
  retired: z.array(/* @__PURE__ */ z.object({ publicKey: PUBLIC_KEY, retiredAt: TIME })),
  compromised: z.array(
    /* @__PURE__ */ z.object({ kid: z.string(), compromisedAt: TIME, until: TIME }),
  ),
})

import { ConfigurationError } from '../../errors.js'
import type { Algorithm } from '../../jwt/algorithms.js'
import type { Jwk, PrivateJwk, PublicJwk } from '../../jwt/jwk.js'
import { openJwk, type SealingKey, sealedBy, sealJwk } from '../../jwt/sealed-jwk.js'
import { assertSigningKey, generateSigningKey } from '../../jwt/sign-jwt.js'
import type { Eventual } from '../../shared/eventual.js'
import type { KeyRing, RingKey, SpareKey, SpareKeys } from './key-ring.js'

/** Private keys on their way into a ring and out of it. */
export interface PrivateKeys {
  /** Two new key pairs. */
  makeSpares(): Promise<SpareKeys>
  /** The private halves of a ring, by `kid`. Rejects if one cannot be opened, or is not the half of its key. */
  open(ring: KeyRing): Promise<ReadonlyMap<string, PrivateJwk>>
  /** New texts for those that are in clear or sealed by an older key, by the old ones. Empty if there is nothing to do. */
  reseal(
    ring: KeyRing,
    opened: ReadonlyMap<string, PrivateJwk>,
  ): Promise<ReadonlyMap<string, string>>
}

/**
 * @param sealing the first one seals, all of them open; none: in clear
 * @param name of the ring: what is sealed for one is of no use in another
 */
export function createPrivateKeys(
  algorithm: Algorithm,
  sealing: readonly SealingKey[],
  name: string,
): PrivateKeys {
  const [current = null] = sealing
  /** INVARIANT: one object for each key, so that it is imported once. Holds what the last ring held. */
  let known: ReadonlyMap<string, PrivateJwk> = new Map()

  const textOf = (jwk: PrivateJwk): Eventual<string> =>
    current === null ? JSON.stringify(jwk) : sealJwk(jwk, current, placeOf(jwk.kid))
  const placeOf = (kid: string): string => `${name} ${kid}`

  const makeSpare = async (): Promise<SpareKey> => {
    const { publicJwk, privateJwk } = await generateSigningKey(algorithm)
    return { publicKey: publicJwk, privateKey: await textOf(privateJwk) }
  }

  const openKey = async ({ publicKey, privateKey }: RingKey): Promise<PrivateJwk> => {
    const { kid } = publicKey
    const opened = known.get(kid)
    if (opened !== undefined) return opened
    if (isClear(privateKey)) return privateHalf(JSON.parse(privateKey), publicKey)
    const result = await openJwk(privateKey, sealing, placeOf(kid))
    if (result.ok) return privateHalf(result.value, publicKey)
    throw new ConfigurationError('key_invalid', PROBLEMS[result.reason])
  }

  return {
    makeSpares: () => Promise.all([makeSpare(), makeSpare()]),
    async open(ring) {
      const keys = await Promise.all([ring.active, ring.next].map(openKey))
      known = new Map(keys.map((key) => [key.kid, key]))
      return known
    },
    async reseal({ active, next }, opened) {
      const texts = new Map<string, string>()
      for (const { publicKey, privateKey } of [active, next]) {
        const key = opened.get(publicKey.kid)
        if (key === undefined || current === null || sealedBy(privateKey) === current.id) continue
        texts.set(privateKey, await textOf(key))
      }
      return texts
    },
  }
}

/** The private key, if it is the other half of this public one. Throws ConfigurationError if it is not. */
function privateHalf(members: unknown, publicKey: PublicJwk): PrivateJwk {
  const key = Object.freeze({ ...(members as PrivateJwk) }) // judged below
  const { use: _use, ...needed } = publicKey
  const fits = Object.entries(needed).every(([name, value]) => key[name as keyof Jwk] === value)
  if (!fits) throw new ConfigurationError('key_invalid', PROBLEMS.not_sealed_here)
  assertSigningKey(key)
  return key
}

/** A JSON object; the compact form of a JWE starts with a letter. */
function isClear(text: string): boolean {
  return text.startsWith('{')
}

const PROBLEMS = {
  sealing_key_unknown:
    'createSigningKeys: the keys in the store are sealed by a keyEncryptionKey that was not given.',
  not_sealed_here:
    'createSigningKeys: a private key in the store is damaged, or belongs to another key.',
} as const

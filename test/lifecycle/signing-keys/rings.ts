/** Rings for tests: real public halves, private halves that only say whose they are. */
import { generateSigningKey } from '../../../src/jwt/sign-jwt.js'
import type {
  KeyRing,
  RingTimes,
  SpareKey,
  SpareKeys,
} from '../../../src/lifecycle/signing-keys/key-ring.js'

export const NOW = 1_790_000_000

export const TIMES: RingTimes = {
  rotation: 10_000,
  lead: 1_000,
  retention: 2_000,
  memory: 2_500,
}

const pairs = await Promise.all(Array.from({ length: 24 }, () => generateSigningKey('ES256')))

/** As many spares as wanted, each another one. */
export function spareKeys(): () => SpareKeys {
  const rest = [...pairs]
  const take = (): SpareKey => {
    const pair = rest.pop()
    if (pair === undefined) throw new Error('the tests need more keys')
    return { publicKey: pair.publicJwk, privateKey: `private ${pair.publicJwk.kid}` }
  }
  return () => [take(), take()]
}

/** Every `kid` of a ring that anybody may sign or verify with. */
export function usedKids({ active, next, retired }: KeyRing): readonly string[] {
  return [active, next, ...retired].map(({ publicKey }) => publicKey.kid)
}

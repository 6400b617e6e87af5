import type { PublicJwk } from '../../jwt/jwk.js'

/**
 * The signing keys of one issuer: one record, so that each change of it is one write.
 *
 * Every node reads the states off it by its own clock. INVARIANT: only `active` and `next` can sign; a key that has
 * left these two places has no private half any more, so that no clock can bring it back.
 */
export interface KeyRing {
  /** Signs until `next` does. */
  readonly active: RingKey
  /** Published long before it signs: verifiers know it by then, and an emergency finds it ready. */
  readonly next: RingKey
  /** They verify what they have signed. Oldest first. */
  readonly retired: readonly RetiredKey[]
  readonly compromised: readonly CompromisedKey[]
}

export interface RingKey {
  readonly publicKey: PublicJwk
  /** The private half: sealed, or in clear. */
  readonly privateKey: string
  /** Seconds since the epoch, as all times here. */
  readonly publishedAt: number
  /** The first second in which it signs. */
  readonly activateAt: number
}

export interface RetiredKey {
  readonly publicKey: PublicJwk
  /** Since when it does not sign. */
  readonly retiredAt: number
}

/** A key that somebody else may hold. It never comes back; it is remembered until nothing can depend on it any more. */
export interface CompromisedKey {
  readonly kid: string
  readonly compromisedAt: number
  readonly until: number
}

/** The spans that rings are turned by, in seconds. */
export interface RingTimes {
  /** From one activation to the next. */
  readonly rotation: number
  /** INVARIANT: no key signs earlier than this after its publication, but in an emergency or in a new ring. */
  readonly lead: number
  /** How long a retired key is published. */
  readonly retention: number
  /** How long a compromised key is remembered. */
  readonly memory: number
}

/** A key pair that nobody has used. */
export type SpareKey = Pick<RingKey, 'publicKey' | 'privateKey'>

/** Enough for every change of a ring. */
export type SpareKeys = readonly [SpareKey, SpareKey]

/** A new ring. Its first key signs at once: nobody can have cached anything. */
export function newRing([first, second]: SpareKeys, now: number, times: RingTimes): KeyRing {
  const active = { ...first, publishedAt: now, activateAt: now }
  return { active, next: upcoming(second, active, now, times), retired: [], compromised: [] }
}

/** The key to sign with. */
export function signingKeyOf({ active, next }: KeyRing, now: number): RingKey {
  return now >= next.activateAt ? next : active
}

/** The keys that may verify, oldest first, so that a rotation leaves their order as it is. */
export function publishedKeysOf(
  { active, next, retired }: KeyRing,
  now: number,
  { retention }: RingTimes,
): readonly PublicJwk[] {
  const leaving = [...retired, { publicKey: active.publicKey, retiredAt: next.activateAt }]
  const verifying = leaving.filter(({ retiredAt }) => now < retiredAt + retention)
  return [...verifying.map(({ publicKey }) => publicKey), next.publicKey]
}

/** The next time at which `publishedKeysOf` answers differently, if the ring stays as it is. */
export function nextRemoval(
  { next, retired }: KeyRing,
  now: number,
  { retention }: RingTimes,
): number {
  const ends = [...retired.map(({ retiredAt }) => retiredAt), next.activateAt]
  return Math.min(...ends.map((end) => end + retention).filter((end) => end > now), Infinity)
}

/** Whether a ring is to be turned. */
export function isDue({ active, next }: KeyRing, now: number, times: RingTimes): boolean {
  const latest = latestActivation(active, now, times)
  // A small step of a clock must not make two nodes write against each other.
  return now >= next.activateAt || next.activateAt > latest + times.lead
}

/**
 * The ring as it should be now, or the same object if nothing is due: once `next` has begun to sign, it is the active
 * one and gets a successor. A successor that is scheduled too late, as after a change of the configuration or by a clock
 * that was ahead, is brought forward.
 */
export function turnedRing(
  ring: KeyRing,
  now: number,
  times: RingTimes,
  [spare]: readonly [SpareKey, ...SpareKey[]],
): KeyRing {
  if (!isDue(ring, now, times)) return ring
  const { active, next } = ring
  if (now < next.activateAt) {
    return { ...ring, next: { ...next, activateAt: latestActivation(active, now, times) } }
  }
  return swept(
    {
      ...ring,
      active: next,
      next: upcoming(spare, next, now, times),
      retired: [...ring.retired, { publicKey: active.publicKey, retiredAt: next.activateAt }],
    },
    now,
    times,
  )
}

/**
 * The ring without a compromised key, or null if it has no such key. Where that key was the one to sign with, the next
 * one signs from now on, however long it has been published.
 */
export function ringWithout(
  kid: string,
  ring: KeyRing,
  now: number,
  times: RingTimes,
  [first, second]: SpareKeys,
): KeyRing | null {
  const turned = turnedRing(ring, now, times, [first])
  const { active, next } = turned
  // A spare must not be in the ring twice.
  const unused = next.publicKey.kid === first.publicKey.kid ? second : first
  const rest = withoutPlace()
  if (rest === null) return null
  const mark = { kid, compromisedAt: now, until: now + times.memory }
  return swept({ ...rest, compromised: [...rest.compromised, mark] }, now, times)

  function withoutPlace(): KeyRing | null {
    if (kid === next.publicKey.kid) return { ...turned, next: upcoming(unused, active, now, times) }
    if (kid === active.publicKey.kid) {
      const promoted = { ...next, activateAt: now }
      return { ...turned, active: promoted, next: upcoming(unused, promoted, now, times) }
    }
    const retired = turned.retired.filter(({ publicKey }) => publicKey.kid !== kid)
    return retired.length === turned.retired.length ? null : { ...turned, retired }
  }
}

export function isCompromised({ compromised }: KeyRing, kid: string): boolean {
  return compromised.some((key) => key.kid === kid)
}

function upcoming(spare: SpareKey, active: RingKey, now: number, times: RingTimes): RingKey {
  return { ...spare, publishedAt: now, activateAt: latestActivation(active, now, times) }
}

function latestActivation(active: RingKey, now: number, { rotation, lead }: RingTimes): number {
  return Math.max(active.activateAt + rotation, now + lead)
}

function swept(ring: KeyRing, now: number, { retention }: RingTimes): KeyRing {
  return {
    ...ring,
    retired: ring.retired.filter(({ retiredAt }) => now < retiredAt + retention),
    compromised: ring.compromised.filter(({ until }) => now < until),
  }
}

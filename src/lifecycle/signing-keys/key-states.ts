import { type KeyRing, type RingTimes, signingKeyOf } from './key-ring.js'

/** A key of a ring at one time. A key that is removed is not in the ring any more. */
export interface KeyState {
  readonly kid: string
  /**
   * `pending`: published, does not sign yet. `active`: signs. `retiring`: published, for what it has signed.
   * `compromised`: never used again.
   */
  readonly state: 'pending' | 'active' | 'retiring' | 'compromised'
  /** Seconds since the epoch. */
  readonly since: number
  /** The first second in which that ends, as things are. */
  readonly until: number
}

/** Every key of a ring, oldest first, then those that are compromised. */
export function keyStates(ring: KeyRing, now: number, times: RingTimes): readonly KeyState[] {
  const { active, next, retired, compromised } = ring
  const isActive = signingKeyOf(ring, now) === active
  const leaving = isActive
    ? retired
    : [...retired, { publicKey: active.publicKey, retiredAt: next.activateAt }]
  const signing = isActive ? active : next
  const signsUntil = isActive ? next.activateAt : next.activateAt + times.rotation
  return [
    ...leaving
      .map(({ publicKey: { kid }, retiredAt }): KeyState => {
        return { kid, state: 'retiring', since: retiredAt, until: retiredAt + times.retention }
      })
      .filter(({ until }) => now < until),
    {
      kid: signing.publicKey.kid,
      state: 'active',
      since: signing.activateAt,
      until: signsUntil,
    },
    ...(isActive ? [pending()] : []),
    ...compromised.map(({ kid, compromisedAt: since, until }): KeyState => {
      return { kid, state: 'compromised', since, until }
    }),
  ]

  function pending(): KeyState {
    const { publicKey, publishedAt: since, activateAt: until } = next
    return { kid: publicKey.kid, state: 'pending', since, until }
  }
}

import { describe, expect, it } from 'vitest'
import {
  isDue,
  type KeyRing,
  newRing,
  publishedKeysOf,
  ringWithout,
  signingKeyOf,
  turnedRing,
} from '../../../src/lifecycle/signing-keys/key-ring.js'
import { keyStates } from '../../../src/lifecycle/signing-keys/key-states.js'
import { NOW, spareKeys, TIMES, usedKids } from './rings.js'

const { rotation, lead, retention, memory } = TIMES

describe('a new ring', () => {
  it('signs at once, and shows the key that will sign next', () => {
    const ring = aRing()
    expect(signingKeyOf(ring, NOW)).toBe(ring.active)
    expect(kidsShown(ring, NOW)).toEqual([kidOf(ring.active), kidOf(ring.next)])
    expect(isDue(ring, NOW, TIMES)).toBe(false)
  })

  it('changes the key that signs at the second of the schedule, not before', () => {
    const ring = aRing()
    expect(signingKeyOf(ring, NOW + rotation - 1)).toBe(ring.active)
    expect(signingKeyOf(ring, NOW + rotation)).toBe(ring.next)
    expect(isDue(ring, NOW + rotation - 1, TIMES)).toBe(false)
    expect(isDue(ring, NOW + rotation, TIMES)).toBe(true)
  })
})

describe('a ring that is turned', () => {
  it('is the same ring when nothing is due', () => {
    const ring = aRing()
    expect(turnedRing(ring, NOW + rotation - 1, TIMES, spareKeys()())).toBe(ring)
  })

  it('retires the key that signed, without its private half, and has a successor', () => {
    const [ring, turned] = aTurnedRing()
    expect(turned.active).toEqual(ring.next)
    expect(turned.retired).toEqual([
      { publicKey: ring.active.publicKey, retiredAt: NOW + rotation },
    ])
    expect(JSON.stringify(turned)).not.toContain(ring.active.privateKey)
    expect(turned.next).toMatchObject({
      publishedAt: NOW + rotation,
      activateAt: NOW + 2 * rotation,
    })
  })

  it('shows a retired key until nothing it signed can be alive, and not a second longer', () => {
    const [ring, turned] = aTurnedRing()
    const retired = kidOf(ring.active)
    expect(kidsShown(turned, NOW + rotation + retention - 1)).toContain(retired)
    expect(kidsShown(turned, NOW + rotation + retention)).not.toContain(retired)
    // The same where nobody has turned it yet.
    expect(kidsShown(ring, NOW + rotation + retention - 1)).toContain(retired)
    expect(kidsShown(ring, NOW + rotation + retention)).not.toContain(retired)
  })

  it('publishes for the whole lead, however late it is turned', () => {
    const ring = aRing()
    const late = NOW + 7 * rotation
    const turned = turnedRing(ring, late, TIMES, spareKeys()())
    expect(turned.next.activateAt).toBe(late + lead)
    expect(signingKeyOf(turned, late + lead - 1)).toEqual(ring.next)
  })

  it('does not sign with a key that was retired, whatever the clock says', () => {
    const [ring, turned] = aTurnedRing()
    for (const now of [0, NOW, NOW + rotation - 1, NOW + 99 * rotation]) {
      expect(kidOf(signingKeyOf(turned, now))).not.toBe(kidOf(ring.active))
    }
  })

  it('forgets what has run out when it is written', () => {
    const [, turned] = aTurnedRing()
    const again = turnedRing(turned, NOW + 2 * rotation, TIMES, spareKeys()())
    expect(again.retired.map(kidOf)).toEqual([kidOf(turned.active)])
  })

  it('brings forward a successor that is much too late, as after a shorter rotation was configured', () => {
    const slow = { ...TIMES, rotation: 9 * rotation }
    const ring = newRing(spareKeys()(), NOW, slow)
    const now = NOW + rotation
    const turned = turnedRing(ring, now, TIMES, spareKeys()())
    expect(turned.next).toEqual({ ...ring.next, activateAt: now + lead })
    expect(turnedRing(turned, now + 1, TIMES, spareKeys()())).toBe(turned)
    // A small step of a clock writes nothing.
    const late = turnedRing(aRing(), NOW + 2 * rotation, TIMES, spareKeys()())
    expect(isDue(late, NOW + 2 * rotation - lead, TIMES)).toBe(false)
  })
})

describe('a ring without a compromised key', () => {
  it('signs with the standby at once, if it was the one to sign with', () => {
    const ring = aRing()
    const rest = without(kidOf(ring.active), ring, NOW + 5)
    expect(kidOf(signingKeyOf(rest, NOW + 5))).toBe(kidOf(ring.next))
    expect(kidsShown(rest, NOW + 5)).toEqual([kidOf(ring.next), kidOf(rest.next)])
    expect(rest.next.activateAt).toBe(NOW + 5 + rotation)
  })

  it('gets another standby, if it was the standby', () => {
    const ring = aRing()
    const rest = without(kidOf(ring.next), ring, NOW + 5)
    expect(rest.active).toEqual(ring.active)
    expect(kidOf(rest.next)).not.toBe(kidOf(ring.next))
    expect(rest.next.activateAt).toBe(NOW + rotation)
    const late = without(kidOf(ring.next), ring, NOW + rotation - 1)
    expect(late.next.activateAt).toBe(NOW + rotation - 1 + lead)
  })

  it('does not go back to a retired key, if the ring was still to be turned', () => {
    const ring = aRing()
    const rest = without(kidOf(ring.next), ring, NOW + rotation)
    expect([kidOf(ring.active), kidOf(ring.next)]).not.toContain(kidOf(rest.active))
    expect(kidOf(rest.active)).not.toBe(kidOf(rest.next))
    expect(signingKeyOf(rest, NOW + rotation)).toBe(rest.active)
    expect(kidsShown(rest, NOW + rotation)[0]).toBe(kidOf(ring.active))
  })

  it('shows no longer what was retired', () => {
    const [ring, turned] = aTurnedRing()
    const rest = without(kidOf(ring.active), turned, NOW + rotation + 1)
    expect(rest.retired).toEqual([])
    expect([rest.active, rest.next]).toEqual([turned.active, turned.next])
  })

  it('holds nothing of the key but its name, for as long as that may matter', () => {
    const ring = aRing()
    const kid = kidOf(ring.active)
    const rest = without(kid, ring, NOW)
    expect(JSON.stringify(rest)).not.toContain(ring.active.privateKey)
    expect(rest.compromised).toEqual([{ kid, compromisedAt: NOW, until: NOW + memory }])
    const other = kidOf(rest.next)
    expect(without(other, rest, NOW + memory - 1).compromised.map((key) => key.kid)).toEqual([
      kid,
      other,
    ])
    expect(without(other, rest, NOW + memory).compromised.map((key) => key.kid)).toEqual([other])
  })

  it('is none if there is no such key', () => {
    expect(ringWithout('another', aRing(), NOW, TIMES, spareKeys()())).toBeNull()
  })
})

describe('the states of keys', () => {
  it('are told oldest first, each with its second of change', () => {
    const [ring, turned] = aTurnedRing()
    const [one, two, three] = [ring.active, ring.next, turned.next].map(kidOf)
    const start = NOW + rotation
    expect(keyStates(turned, start, TIMES)).toEqual([
      { kid: one, state: 'retiring', since: start, until: start + retention },
      { kid: two, state: 'active', since: start, until: NOW + 2 * rotation },
      { kid: three, state: 'pending', since: start, until: NOW + 2 * rotation },
    ])
  })

  it('do not depend on whether the ring was turned in time', () => {
    const [ring, turned] = aTurnedRing()
    const pending = turned.next.publicKey.kid
    for (const now of [NOW + rotation, NOW + rotation + retention, NOW + 2 * rotation - 1]) {
      expect(keyStates(ring, now, TIMES)).toEqual(
        keyStates(turned, now, TIMES).filter(({ kid }) => kid !== pending),
      )
    }
  })

  it('tell of a compromised key', () => {
    const ring = aRing()
    const rest = without(kidOf(ring.active), ring, NOW)
    expect(keyStates(rest, NOW, TIMES).at(-1)).toEqual({
      kid: kidOf(ring.active),
      state: 'compromised',
      since: NOW,
      until: NOW + memory,
    })
    expect(usedKids(rest)).not.toContain(kidOf(ring.active))
  })
})

function aRing(): KeyRing {
  return newRing(first(), NOW, TIMES)
}

/** A ring, and what it is after its first rotation. */
function aTurnedRing(): readonly [KeyRing, KeyRing] {
  const spares = spareKeys()
  const ring = newRing(spares(), NOW, TIMES)
  return [ring, turnedRing(ring, NOW + rotation, TIMES, spares())]
}

function without(kid: string, ring: KeyRing, now: number): KeyRing {
  const spares = spareKeys()
  let pair = spares()
  while (pair.some(({ publicKey }) => mentions(ring, publicKey.kid))) pair = spares()
  const rest = ringWithout(kid, ring, now, TIMES, pair)
  if (rest === null) throw new Error('there is no such key')
  return rest
}

function mentions(ring: KeyRing, kid: string): boolean {
  return JSON.stringify(ring).includes(kid)
}

function first() {
  return spareKeys()()
}

function kidsShown(ring: KeyRing, now: number): readonly string[] {
  return publishedKeysOf(ring, now, TIMES).map(({ kid }) => kid)
}

function kidOf({ publicKey }: { readonly publicKey: { readonly kid: string } }): string {
  return publicKey.kid
}

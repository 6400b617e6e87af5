import { Buffer } from 'node:buffer'
import { generateKeyPairSync, sign, verify } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { curveOrder } from '../../src/jwt/curve-points.js'
import { derSignature, rawSignature } from '../../src/jwt/ecdsa-signature.js'

const order = Uint8Array.of(0x80, 0x01, 0x00)
const der = (...bytes: number[]) => derSignature(Uint8Array.from(bytes), order)

describe('derSignature', () => {
  it('writes each number as short as it can be', () => {
    expect(der(0, 0, 1, 0, 0, 0x7f)).toEqual(Uint8Array.of(0x30, 6, 2, 1, 1, 2, 1, 0x7f))
    expect(der(0, 1, 0, 0x12, 0x34, 0x56)).toEqual(
      Uint8Array.of(0x30, 9, 2, 2, 1, 0, 2, 3, 0x12, 0x34, 0x56),
    )
  })

  it('keeps a number positive whose top bit is set', () => {
    expect(der(0, 0, 0x80, 0x80, 0, 0xff)).toEqual(
      Uint8Array.of(0x30, 10, 2, 2, 0, 0x80, 2, 4, 0, 0x80, 0, 0xff),
    )
  })

  it('takes both numbers from 1 to n - 1 and nothing outside', () => {
    const [zero, one, last, n, beyond] = [
      [0, 0, 0],
      [0, 0, 1],
      [0x80, 0, 0xff],
      [0x80, 1, 0],
      [0xff, 0xff, 0xff],
    ]
    const isTaken = (r: number[] = [], s: number[] = []) => der(...r, ...s) !== null
    expect(isTaken(one, one) && isTaken(last, last) && isTaken(one, last)).toBe(true)
    for (const bad of [zero, n, beyond]) {
      expect([isTaken(bad, one), isTaken(one, bad), isTaken(bad, bad)]).toEqual([
        false,
        false,
        false,
      ])
    }
  })

  it('takes nothing of another length', () => {
    for (const length of [0, 1, 3, 5, 7, 12]) {
      expect(derSignature(new Uint8Array(length).fill(1), order)).toBeNull()
    }
  })

  it.each(['P-256', 'P-384', 'P-521'])('spells what the runtime itself reads on %s', (curve) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: curve })
    const n = curveOrder(curve) ?? expect.fail()
    const big = (bytes: Uint8Array) => BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (message) => {
        const raw = sign('sha512', message, { key: privateKey, dsaEncoding: 'ieee-p1363' })
        const spelt = derSignature(raw, n) ?? expect.fail()
        expect(verify('sha512', message, publicKey, spelt)).toBe(true)
        // The twin, s turned into n - s, is a valid signature as well: by this the order is the right one.
        const half = raw.length / 2
        const twin = (big(n) - big(raw.subarray(half))).toString(16).padStart(2 * half, '0')
        const twins = Buffer.concat([raw.subarray(0, half), Buffer.from(twin, 'hex')])
        const twinSpelt = derSignature(twins, n) ?? expect.fail()
        expect(verify('sha512', message, publicKey, twinSpelt)).toBe(true)
      }),
      { numRuns: 30 },
    )
  })
})

describe('rawSignature', () => {
  const numbers = fc.tuple(
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc.uint8Array({ minLength: 32, maxLength: 32 }),
    fc.nat({ max: 31 }),
  )
  const largest = new Uint8Array(32).fill(0xff)

  it('reads back what derSignature writes, whatever zeros the numbers begin with', () => {
    fc.assert(
      fc.property(numbers, ([r, s, zeros]) => {
        r.fill(0, 0, zeros)
        r[31] = 1
        s[31] = 1
        const raw = Uint8Array.of(...r, ...s)
        const der = derSignature(raw, largest) ?? expect.fail()
        expect(rawSignature(der, 32)).toEqual(raw)
      }),
    )
  })

  it('takes nothing that was cut, grown or changed in its frame', () => {
    const raw = new Uint8Array(64).fill(0x81)
    const der = derSignature(raw, largest) ?? expect.fail()
    expect(rawSignature(der, 31)).toBeNull()
    expect(rawSignature(Uint8Array.of(...der, 0), 32)).toBeNull()
    for (let length = 0; length < der.length; length++) {
      expect(rawSignature(der.subarray(0, length), 32)).toBeNull()
    }
    for (const at of [0, 1, 2, 3, 37, 38]) {
      const changed = Uint8Array.from(der)
      changed[at] = (changed[at] ?? 0) ^ 1
      expect(rawSignature(changed, 32)).toBeNull()
    }
  })
})

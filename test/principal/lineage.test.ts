import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import {
  claimsOfLineage,
  EPOCH_NAMES,
  lineageOfClaims,
  NO_EPOCHS,
  NO_LINEAGE,
} from '../../src/principal/lineage.js'

describe('the lineage that claims tell', () => {
  test('is what their issuer wrote', () => {
    const claims = {
      sub: 'alice',
      sid: 'phone',
      family: 'f1',
      tenant: 'north',
      epochs: { subject: 3, everything: 1 },
    }
    expect(lineageOfClaims(claims, 'k1')).toEqual({
      keyId: 'k1',
      family: 'f1',
      session: 'phone',
      tenant: 'north',
      epochs: { everything: 1, tenant: 0, client: 0, subject: 3, session: 0 },
    })
  })

  test('is none where they are silent', () => {
    expect(lineageOfClaims({ sub: 'alice' }, null)).toEqual(NO_LINEAGE)
  })

  test.for([-1, 0.5, Number.NaN, Infinity, 2 ** 53, '3', null, [], { three: 3 }])(
    'has no counter where one says %s',
    (count) => {
      expect(lineageOfClaims({ epochs: { subject: count } }, null).epochs).toEqual(NO_EPOCHS)
    },
  )

  test('takes no counter from a prototype', () => {
    const inherited = Object.create({ subject: 9 }) as object
    expect(lineageOfClaims({ epochs: inherited }, null).epochs).toEqual(NO_EPOCHS)
  })

  test('is as good as absent where another issuer means something else', () => {
    const foreign = { sid: 7, family: { name: 'Liddell' }, tenant: ['a'], epochs: 'Jurassic' }
    expect(lineageOfClaims(foreign, null)).toEqual(NO_LINEAGE)
  })
})

test('a lineage that is written to claims is read back as it was', () => {
  const text = fc.option(fc.string())
  const epochs = fc.record({
    everything: fc.maxSafeNat(),
    tenant: fc.maxSafeNat(),
    client: fc.maxSafeNat(),
    subject: fc.maxSafeNat(),
    session: fc.maxSafeNat(),
  })
  const lineage = fc.record({ keyId: text, family: text, session: text, tenant: text, epochs })
  fc.assert(
    fc.property(lineage, (told) => {
      const wire: unknown = JSON.parse(JSON.stringify(claimsOfLineage(told)))
      expect(lineageOfClaims(wire as Readonly<Record<string, unknown>>, told.keyId)).toEqual(told)
    }),
  )
})

test('whatever claims say, a lineage holds texts and counts only, and cannot be changed', () => {
  const claims = fc.dictionary(
    fc.constantFrom('sid', 'family', 'tenant', 'epochs'),
    fc.oneof(
      fc.anything(),
      fc.dictionary(fc.constantFrom('subject', 'everything', '__proto__'), fc.anything()),
    ),
  )
  fc.assert(
    fc.property(claims, (told) => {
      const { epochs, ...texts } = lineageOfClaims(told, null)
      for (const text of Object.values(texts)) expect(['string', 'object']).toContain(typeof text)
      for (const name of EPOCH_NAMES) expect(Number.isSafeInteger(epochs[name])).toBe(true)
      expect(Object.isFrozen(epochs)).toBe(true)
    }),
  )
})

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { RevocationNotice } from '../../../src/lifecycle/revocation/notice.js'
import { Revocations } from '../../../src/lifecycle/revocation/revocations.js'
import type { FeedEntry } from '../../../src/lifecycle/store/store.js'
import type { UserPrincipal } from '../../../src/principal/principal.js'
import { anEntry, aUser, ISSUER, NOW } from './revocation-kit.js'

type Told = FeedEntry & { readonly notice: RevocationNotice }

/** The model: all notices in a list, each looked at. */
function isRevokedByAny(list: readonly Told[], user: UserPrincipal): boolean {
  const { keyId, family, session, tenant, epochs } = user.lineage
  const ids = { key: keyId, family, session, tenant, client: user.clientId, subject: user.subject }
  const named = { ...ids, token: user.credentialId, everything: '' }
  return list.some(({ notice, version }) => {
    if (notice.id !== named[notice.kind]) return false
    if (notice.kind === 'token') return true
    if (user.issuer !== ISSUER) return false
    if (notice.kind === 'family' || notice.kind === 'key') return true
    const captured = epochs[notice.kind]
    const later = list.some((other) => {
      const same = other.notice.kind === notice.kind && other.notice.id === notice.id
      return same && other.version > version
    })
    const keep = 'keep' in notice ? (notice.keep ?? []) : []
    const isKept = keep.some(([id, from]) => id === session && captured >= from)
    return captured < version && !(isKept && !later)
  })
}

// Few ids, so that notices and principals meet.
const id = fc.constantFrom('a', 'b', '')
const idOrNone = fc.option(id)
const count = fc.nat(4)
const epochs = fc.record({
  everything: count,
  tenant: count,
  client: count,
  subject: count,
  session: count,
})
const user = fc
  .record({
    told: fc.record({
      issuer: fc.constantFrom(ISSUER, ISSUER, 'https://other.example'),
      subject: id,
      clientId: idOrNone,
      credentialId: idOrNone,
    }),
    lineage: fc.record({
      keyId: idOrNone,
      family: idOrNone,
      session: idOrNone,
      tenant: idOrNone,
      epochs,
    }),
  })
  .map(({ told, lineage }) => aUser(told, lineage))

/**
 * What is kept belongs to one raising: the same version of the same counter always keeps the same, and from the count
 * before it on, as `raiseEpoch` does where the session was not kept then.
 */
const told: fc.Arbitrary<Told> = fc
  .record({
    kind: fc.constantFrom<RevocationNotice['kind']>(
      ...(['token', 'family', 'key', 'everything', 'tenant', 'client', 'session'] as const),
      ...(['subject', 'subject', 'subject'] as const),
    ),
    id,
    version: fc.integer({ min: 1, max: 5 }),
    until: fc.integer({ min: NOW - 5, max: NOW + 5 }),
  })
  .map(({ kind, id: named, version, until }) => {
    const keep = kind === 'subject' && version % 2 === 0 ? [['a', version - 1] as const] : []
    const notice: RevocationNotice = {
      kind,
      id: kind === 'everything' ? '' : named,
      ...(keep.length === 0 ? {} : { keep }),
    }
    return { ...anEntry(notice, { version, until }), notice }
  })

describe('what is known to be revoked', () => {
  test('is what a list says of which every notice is looked at', () => {
    fc.assert(
      fc.property(
        fc.array(told, { maxLength: 12 }),
        fc.array(user, { minLength: 1 }),
        (list, who) => {
          const revocations = learning(list)
          for (const principal of who) {
            expect(revocations.revokes(principal)).toBe(isRevokedByAny(list, principal))
          }
        },
      ),
      { numRuns: 500 },
    )
  })

  test('does not depend on the order of the notices, or on how often they come', () => {
    const lists = fc
      .array(told, { maxLength: 12 })
      .chain((list) =>
        fc.tuple(
          fc.constant(list),
          fc.shuffledSubarray([...list, ...list], { minLength: list.length * 2 }),
        ),
      )
    fc.assert(
      fc.property(lists, user, ([list, shuffled], principal) => {
        expect(learning(shuffled).revokes(principal)).toBe(learning(list).revokes(principal))
        expect(learning(shuffled).size).toBe(learning(list).size)
      }),
      { numRuns: 300 },
    )
  })

  test('only grows with what is learnt, unless the same raising keeps a session', () => {
    fc.assert(
      fc.property(fc.array(told), told, user, (list, one, principal) => {
        fc.pre(!('keep' in one.notice))
        const before = learning(list).revokes(principal)
        expect(!before || learning([...list, one]).revokes(principal)).toBe(true)
      }),
    )
  })

  test('still has all that has not run out after something was forgotten', () => {
    fc.assert(
      fc.property(fc.array(told), fc.integer({ min: 1, max: 9 }), user, (list, step, principal) => {
        const revocations = learning(list)
        for (let round = 0; round < 40; round += 1) revocations.forget(NOW, step)
        const live = list.filter(({ until }) => until > NOW)
        if (isRevokedByAny(live, principal)) expect(revocations.revokes(principal)).toBe(true)
        if (!isRevokedByAny(list, principal)) expect(revocations.revokes(principal)).toBe(false)
      }),
      { numRuns: 300 },
    )
  })
})

function learning(list: readonly Told[]): Revocations {
  const revocations = new Revocations([ISSUER])
  for (const { notice, ...entry } of list) revocations.learn(notice, entry)
  return revocations
}

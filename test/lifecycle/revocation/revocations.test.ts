import { describe, expect, test } from 'vitest'
import type { RevocationNotice } from '../../../src/lifecycle/revocation/notice.js'
import { Revocations } from '../../../src/lifecycle/revocation/revocations.js'
import type { EpochName } from '../../../src/principal/lineage.js'
import type { IdentifiedPrincipal } from '../../../src/principal/principal.js'
import { anApplication, anEntry, aUser, captured, ISSUER, NOW } from './revocation-kit.js'

type Learnt = readonly [RevocationNotice, version?: number, until?: number]

function knowing(...learnt: readonly Learnt[]): Revocations {
  const revocations = new Revocations([ISSUER])
  for (const [notice, version = 1, until = NOW + 900] of learnt) {
    revocations.learn(notice, anEntry(notice, { version, until }))
  }
  return revocations
}

const revoked = (principal: IdentifiedPrincipal, ...learnt: readonly Learnt[]) =>
  knowing(...learnt).revokes(principal)

describe('a notice revokes what it names and nothing else:', () => {
  test.each<[RevocationNotice['kind'], string]>([
    ['token', 't1'],
    ['family', 'f1'],
    ['key', 'k1'],
    ['tenant', 'north'],
    ['client', 'web'],
    ['subject', 'alice'],
    ['session', 'phone'],
    ['everything', ''],
  ])('%s', (kind, id) => {
    expect(revoked(aUser(), [{ kind, id }])).toBe(true)
    if (kind !== 'everything') expect(revoked(aUser(), [{ kind, id: `${id}x` }])).toBe(false)
  })

  test('an id of one kind is none of another', () => {
    const everyId = ['t1', 'f1', 'k1', 'north', 'web', 'alice', 'phone']
    const own: Readonly<Record<string, string>> = {
      token: 't1',
      family: 'f1',
      key: 'k1',
      tenant: 'north',
      client: 'web',
      subject: 'alice',
      session: 'phone',
    }
    for (const kind of ['token', 'family', 'key', 'tenant', 'client', 'subject'] as const) {
      const others = everyId.filter((id) => id !== own[kind])
      expect(revoked(aUser(), ...others.map((id): Learnt => [{ kind, id }]))).toBe(false)
    }
  })

  test('an application is revoked as a client, and is nobody’s subject', () => {
    expect(revoked(anApplication(), [{ kind: 'client', id: 'web' }])).toBe(true)
    expect(revoked(anApplication(), [{ kind: 'subject', id: 'web' }])).toBe(false)
    expect(revoked(anApplication(), [{ kind: 'token', id: 'a1' }])).toBe(true)
  })

  test('what a credential does not say cannot revoke it', () => {
    const silent = aUser(
      { clientId: null, credentialId: null },
      { keyId: null, family: null, session: null, tenant: null },
    )
    for (const kind of ['token', 'family', 'key', 'tenant', 'client', 'session'] as const) {
      expect(revoked(silent, [{ kind, id: '' }], [{ kind, id: 'null' }])).toBe(false)
    }
    expect(revoked(silent, [{ kind: 'everything', id: '' }])).toBe(true)
  })

  test('names such as __proto__ are names', () => {
    for (const id of ['__proto__', 'constructor', 'toString', '']) {
      expect(revoked(aUser({ subject: id }))).toBe(false)
      expect(revoked(aUser({ subject: id }), [{ kind: 'subject', id }])).toBe(true)
    }
  })
})

describe('a counter', () => {
  const NAMES: readonly EpochName[] = ['everything', 'tenant', 'client', 'subject', 'session']
  const IDS = { everything: '', tenant: 'north', client: 'web', subject: 'alice', session: 'phone' }

  test.each(NAMES)('of %s revokes what has captured less, from both sides', (name) => {
    const notice = { kind: name, id: IDS[name] }
    for (const [count, is] of [
      [0, true],
      [2, true],
      [3, false],
      [4, false],
    ] as const) {
      expect(revoked(aUser({}, captured({ [name]: count })), [notice, 3])).toBe(is)
    }
  })

  test.each(NAMES)('of %s is none of the others', (name) => {
    const others = Object.fromEntries(NAMES.filter((other) => other !== name).map((o) => [o, 9]))
    const notice = { kind: name, id: IDS[name] }
    expect(revoked(aUser({}, captured(others)), [notice, 3])).toBe(true)
  })

  test('never goes down, whatever comes late', () => {
    const subject = { kind: 'subject', id: 'alice' } as const
    expect(revoked(aUser({}, captured({ subject: 4 })), [subject, 5], [subject, 2])).toBe(true)
    expect(revoked(aUser({}, captured({ subject: 4 })), [subject, 2], [subject, 5])).toBe(true)
    expect(revoked(aUser({}, captured({ subject: 5 })), [subject, 5], [subject, 2])).toBe(false)
  })

  test('that is no number has captured nothing', () => {
    const foreign = aUser({}, { epochs: {} as never }) // what a verifier in JavaScript may make
    expect(revoked(foreign, [{ kind: 'subject', id: 'alice' }])).toBe(true)
  })
})

describe('a session that is kept', () => {
  const keeping = (from: number): RevocationNotice => ({
    kind: 'subject',
    id: 'alice',
    keep: [['phone', from]],
  })

  test('goes on with what it has captured from then on, and no other session does', () => {
    expect(revoked(aUser({}, captured({ subject: 2 })), [keeping(2), 3])).toBe(false)
    expect(revoked(aUser({}, captured({ subject: 1 })), [keeping(2), 3])).toBe(true)
    const tablet = { ...captured({ subject: 2 }), session: 'tablet' }
    expect(revoked(aUser({}, tablet), [keeping(2), 3])).toBe(true)
    const none = { ...captured({ subject: 2 }), session: null }
    expect(revoked(aUser({}, none), [keeping(2), 3])).toBe(true)
  })

  test('ends with the next raising that does not keep it, in whatever order the two come', () => {
    const next: Learnt = [{ kind: 'subject', id: 'alice' }, 4]
    const user = aUser({}, captured({ subject: 2 }))
    expect(revoked(user, [keeping(2), 3], next)).toBe(true)
    expect(revoked(user, next, [keeping(2), 3])).toBe(true)
  })

  test('is kept by its subject’s counter only', () => {
    const user = aUser({}, captured({ subject: 2 }))
    expect(revoked(user, [keeping(2), 3], [{ kind: 'session', id: 'phone' }])).toBe(true)
    expect(revoked(user, [keeping(2), 3], [{ kind: 'everything', id: '' }])).toBe(true)
  })
})

describe('another issuer', () => {
  const stranger = aUser({ issuer: 'https://other.example' })

  test('may use our ids for something else', () => {
    const ours: readonly RevocationNotice[] = [
      { kind: 'family', id: 'f1' },
      { kind: 'key', id: 'k1' },
      { kind: 'tenant', id: 'north' },
      { kind: 'client', id: 'web' },
      { kind: 'subject', id: 'alice' },
      { kind: 'session', id: 'phone' },
      { kind: 'everything', id: '' },
    ]
    expect(revoked(stranger, ...ours.map((notice): Learnt => [notice, 9]))).toBe(false)
  })

  test('has no say about a token that is revoked by its own id', () => {
    expect(revoked(stranger, [{ kind: 'token', id: 't1' }])).toBe(true)
  })
})

describe('what has run out', () => {
  const notices = Array.from(
    { length: 50 },
    (_, i): Learnt => [{ kind: i % 2 === 0 ? 'token' : 'subject', id: `x${i}` }, 1, NOW + (i % 5)],
  )
  const forgetAll = (revocations: Revocations, now: number) => {
    for (let round = 0; round < 30; round += 1) revocations.forget(now, 7)
  }

  test('is forgotten from its last second on, a few at a time', () => {
    const revocations = knowing(...notices)
    revocations.forget(NOW + 2, 7)
    expect(revocations.size).toBeGreaterThan(40)
    forgetAll(revocations, NOW + 2)
    expect(revocations.size).toBe(20)
    expect(revocations.revokes(aUser({ credentialId: 'x2' }))).toBe(false)
    expect(revocations.revokes(aUser({ credentialId: 'x8' }))).toBe(true)
  })

  test('is kept as long as the longest of its notices says', () => {
    const token = { kind: 'token', id: 't1' } as const
    const subject = { kind: 'subject', id: 'alice' } as const
    const revocations = knowing(
      [token, 1, NOW + 9],
      [token, 1, NOW + 1],
      [subject, 2, NOW + 1],
      [subject, 1, NOW + 9],
    )
    forgetAll(revocations, NOW + 8)
    expect(revocations.size).toBe(2)
    forgetAll(revocations, NOW + 9)
    expect(revocations.size).toBe(0)
  })
})

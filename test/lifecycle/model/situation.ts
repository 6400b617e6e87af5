/** Where the operations begin: a family with a history, a code that nobody has used, a ring of keys that is due. */
import type { Authorization } from '../../../src/lifecycle/family/authorization.js'
import type { FamilySettings } from '../../../src/lifecycle/family/family-steps.js'
import type { RefreshToken } from '../../../src/lifecycle/family/refresh-token.js'
import type { RingTimes, SpareKeys } from '../../../src/lifecycle/signing-keys/key-ring.js'
import type { Steps, StoreCall } from '../../../src/lifecycle/store/steps.js'
import { RecentMap } from '../../../src/shared/recent-map.js'
import { spareKeys } from '../signing-keys/rings.js'
import { hasWritten, runOn, Snapshot } from './explore.js'
import type { Machine } from './load-machine.js'

export interface Situation {
  readonly name: string
  readonly machine: Machine
  readonly settings: FamilySettings
  readonly snapshot: Snapshot
  readonly authorization: Authorization
  readonly familyId: string
  /** The family's tokens, the newest first. */
  readonly tokens: readonly [RefreshToken, ...RefreshToken[]]
  /** A token that the store has forgotten before another took its place. */
  readonly stray: RefreshToken | null
  /** Its access token from the start. */
  readonly access: string
  /** A code of another session of the same user, and what verifies it. */
  readonly code: string
  readonly verifier: string
  readonly codeAuthorization: Authorization
  readonly spares: SpareKeys
  /** By how much the clock of each operation differs. */
  readonly skew: readonly number[]
  /** No token of the family may bring anything. */
  readonly isOver: boolean
  /** The store has lost the last rotation. */
  readonly isRolledBack: boolean
}

export const NOW = 1_800_000_000
const GRACE = 30
export const RING = 'ring'
export const RING_TIMES: RingTimes = {
  rotation: 10_000,
  lead: 1_000,
  retention: 2_000,
  memory: 2_500,
}
export const OWN_KEY = { jkt: 'own' }

export const SITUATIONS = [
  'fresh',
  'rotated once',
  'rotated twice',
  'rotated before the grace',
  'clocks apart',
  'no grace',
  'ended',
  'expired',
  'kept',
  'bound to a key',
  'peppered',
  'rolled back, peppered',
  'rolled back',
  'rolled back, then rotated',
  'reuse ends the session',
  'reuse ends the subject',
  'subject revoked before',
  'other session kept before',
  'known to its process',
] as const

export type SituationName = (typeof SITUATIONS)[number]

export function createSituation(machine: Machine, name: SituationName): Situation {
  let store = machine.memoryStore()
  let stray: RefreshToken | null = null
  const log: StoreCall[] = []
  const stream = { seed: name, drawn: 0 }
  const run = <Result>(steps: Steps<Result>): Result =>
    runOn(machine, store, stream, steps, (call, answer) => {
      if (hasWritten(call, answer)) log.push(call)
    })
  const { settings, isConfidential = false, isBound = false, skew = [0, 0, 0] } = SETTINGS(name)
  const authorization: Authorization = {
    ...AUTHORIZATION,
    client: { id: 'app', type: isConfidential ? 'confidential' : 'public' },
    confirmation: isBound ? OWN_KEY : null,
  }
  const familyId = 'F'.repeat(22)
  const born = NOW - 2_000
  const begun = run(machine.beginFamily(familyId, authorization, settings, born))
  if (begun === null) throw new Error('the family was there')
  const tokens: [RefreshToken, ...RefreshToken[]] = [begun.token]
  const rotate = (now: number): void => {
    const presented = {
      token: tokens[0],
      clientId: 'app',
      confirmation: authorization.confirmation,
      scopes: null,
      audiences: null,
    }
    const refreshed = run(machine.refreshFamily(presented, settings, now))
    if (refreshed.kind === 'refreshed') tokens.unshift(refreshed.token)
  }
  const access = run(
    machine.insertOpaqueToken(accessTokenFacts(authorization, familyId, born + 86_400, NOW)),
  )
  let lost: readonly StoreCall[] = []
  switch (name) {
    case 'fresh':
    case 'kept':
      break
    case 'rotated once':
    case 'no grace':
    case 'clocks apart':
    case 'known to its process':
    case 'bound to a key':
      rotate(NOW - 10)
      break
    case 'rotated before the grace':
      rotate(NOW - GRACE - 1)
      break
    case 'rotated twice':
    case 'peppered':
    case 'reuse ends the session':
    case 'reuse ends the subject':
      rotate(NOW - 1_000)
      rotate(NOW - 10)
      break
    case 'expired':
      rotate(NOW - 1_000)
      break
    case 'ended':
      rotate(NOW - 10)
      run(machine.endFamily(familyId, 'revoked', settings, NOW - 5))
      break
    case 'rolled back':
    case 'rolled back, peppered':
      rotate(NOW - 20)
      rotate(NOW - 10)
      lost = log.splice(-1)
      break
    case 'rolled back, then rotated':
      rotate(NOW - 30)
      rotate(NOW - 20)
      stray = tokens.shift() ?? null
      log.splice(-1)
      store = Snapshot.first(machine, log).copy()
      rotate(NOW - 15)
      rotate(NOW - 10)
      break
    case 'subject revoked before':
      rotate(NOW - 10)
      run(machine.raiseEpoch('subject', 'alice', { now: NOW - 5, until: NOW + 900 }))
      break
    case 'other session kept before':
      rotate(NOW - 10)
      run(machine.raiseEpoch('subject', 'alice', { keep: ['s2'], now: NOW - 5, until: NOW + 900 }))
      break
  }
  const verifier = 'v'.repeat(43)
  const counts = { ...AUTHORIZATION.epochs, subject: name.includes('before') ? 1 : 0 }
  const isCounted = name === 'subject revoked before' || name === 'other session kept before'
  const codeAuthorization: Authorization = {
    ...AUTHORIZATION,
    session: 's2',
    confirmation: authorization.confirmation,
    epochs: isCounted ? counts : AUTHORIZATION.epochs,
  }
  const binding = { redirectUri: 'https://app.example.com/cb', challenge: CHALLENGE }
  const code = run(machine.createCode(codeAuthorization, binding, 60, NOW - 5))
  const spare = spareKeys()
  const spares = spare()
  run(machine.turnRing(RING, NOW - RING_TIMES.rotation - 5, RING_TIMES, spare()))
  return {
    name,
    machine,
    settings,
    snapshot: Snapshot.first(machine, log),
    authorization,
    familyId,
    tokens,
    stray,
    access: machine.hashOpaqueToken(access.reveal()),
    code,
    verifier,
    codeAuthorization,
    spares,
    skew,
    isOver: name === 'ended' || name === 'expired' || isCounted,
    isRolledBack: lost.length > 0,
  }
}

/** What an access token of this authorization says. */
export function accessTokenFacts(
  authorization: Authorization,
  family: string,
  absoluteUntil: number,
  now: number,
): Parameters<Machine['insertOpaqueToken']>[0] {
  return {
    issuer: 'https://id.example.com',
    subject: authorization.subject,
    clientId: authorization.client.id,
    audiences: authorization.audiences,
    scopes: authorization.scopes,
    authentication: authorization.authentication,
    family,
    session: authorization.session,
    tenant: authorization.tenant,
    epochs: authorization.epochs,
    confirmation: authorization.confirmation,
    claims: {},
    issuedAt: now,
    expiresAt: Math.min(now + 900, absoluteUntil),
  }
}

interface SituationSettings {
  readonly settings: FamilySettings
  readonly isConfidential?: boolean
  readonly isBound?: boolean
  readonly skew?: readonly number[]
}

function SETTINGS(name: SituationName): SituationSettings {
  const settings: FamilySettings = {
    graceSeconds: GRACE,
    idleSeconds: 5_000,
    absoluteSeconds: 6_000,
    accessTokenSeconds: 1_020,
    rotates: () => true,
    peppers: new Map(),
    onReuse: 'family',
    // Asks in as many steps as there can be: there is more in between.
    owners: { get: () => undefined, set: () => {} },
  }
  switch (name) {
    case 'known to its process':
      return { settings: { ...settings, owners: new RecentMap(100) } }
    case 'clocks apart':
      return { settings, skew: [0, -7, 5] }
    case 'no grace':
      return { settings: { ...settings, graceSeconds: 0 } }
    case 'expired':
      return { settings: { ...settings, idleSeconds: 1_000 } }
    case 'kept':
      return { settings: { ...settings, rotates: () => false }, isConfidential: true }
    case 'bound to a key':
      return { settings, isBound: true }
    case 'peppered':
    case 'rolled back, peppered':
      return { settings: { ...settings, peppers: new Map([['p1', 'pepper '.repeat(6)]]) } }
    case 'reuse ends the session':
      return { settings: { ...settings, onReuse: 'session' } }
    case 'reuse ends the subject':
      return { settings: { ...settings, onReuse: 'subject' } }
    default:
      return { settings }
  }
}

const AUTHORIZATION: Authorization = {
  subject: 'alice',
  client: { id: 'app', type: 'public' },
  tenant: 'acme',
  session: 's1',
  scopes: ['read', 'write'],
  audiences: ['https://api.example.com'],
  authentication: { time: NOW - 2_000, acr: null, amr: [] },
  claims: {},
  confirmation: null,
  epochs: { everything: 0, tenant: 0, client: 0, subject: 0, session: 0 },
  label: null,
}

/** S256 of 43 letters `v`. */
const CHALLENGE = '7w_YNF9DSfIdPf_pRjSq646_kPr-2-o9NAl16JGghdM'

import { sha256Base64url } from '../../runtime/sha256.js'
import type { RecentMap } from '../../shared/recent-map.js'
import { randomSecret } from '../random-text.js'
import {
  type CurrentEpochs,
  type EpochOwners,
  epochKeys,
  epochOwnersOf,
  epochsIn,
  isOutdated,
  raiseEpoch,
  readEpochs,
} from '../revocation/epochs.js'
import { cas, get, getAll, insert, type Steps } from '../store/steps.js'
import type { StoredRecord } from '../store/store.js'
import type { Authorization } from './authorization.js'
import { endFamily, type FamilyLifetimes, forgettable, sessionEpochEnd } from './end-family.js'
import { familyKeyOf, type LiveFamily, readFamily, writeFamily } from './family-record.js'
import {
  isBoundTo,
  judgeRefresh,
  type PresentedRefresh,
  type RefreshBounds,
  type RefreshRefusal,
} from './judge-refresh.js'
import { type FamilyKeys, isAuthentic, type RefreshToken, refreshTokenOf } from './refresh-token.js'

/** What families are made and refreshed with. */
export interface FamilySettings extends RefreshBounds, FamilyLifetimes {
  readonly rotates: (authorization: Authorization) => boolean
  readonly peppers: Peppers
  /** How much ends when a spent token comes back. */
  readonly onReuse: 'family' | 'session' | 'subject'
  /** Whose counters judge which family, which never changes: with it a refresh asks the store once less. */
  readonly owners: Pick<RecentMap<string, EpochOwners>, 'get' | 'set'>
}

/** The peppers by their id; the first is for new families. */
export type Peppers = ReadonlyMap<string, string>

/** What became of a refresh, as far as its family goes. */
export type FamilyRefresh =
  | {
      readonly kind: 'refreshed'
      readonly how: 'rotated' | 'replayed' | 'kept'
      readonly family: LiveFamily
      readonly token: RefreshToken
      /** The store had forgotten a later state of the family, which the token has brought back. */
      readonly healed: boolean
    }
  | {
      readonly kind: 'refused'
      readonly reason: RefreshRefusal
      /** Whose family it is, where that is known and its own client asked. */
      readonly authorization: Authorization | null
    }

/**
 * Begins a family, if this id is not taken: not even by a family that was ended before it began.
 *
 * @returns its first refresh token, or null
 */
export function* beginFamily(
  id: string,
  authorization: Authorization,
  settings: FamilySettings,
  now: number,
): Steps<{ readonly family: LiveFamily; readonly token: RefreshToken } | null> {
  const [pepperId = null] = settings.peppers.keys()
  const familyKey = randomSecret()
  const keys = keysOf({ familyKey, pepperId }, settings)
  const token = refreshTokenOf(id, 0, randomSecret(), keys)
  const absoluteUntil = now + settings.absoluteSeconds
  const family: LiveFamily = {
    status: 'live',
    authorization,
    rotates: settings.rotates(authorization),
    generation: 0,
    currentHash: sha256Base64url(token.secret),
    previous: null,
    familyKey,
    pepperId,
    createdAt: now,
    refreshedAt: now,
    idleUntil: Math.min(now + settings.idleSeconds, absoluteUntil),
    absoluteUntil,
  }
  const begun = yield* insert(familyKeyOf(id), writeFamily(family), {
    now,
    expiresAt: forgettable(absoluteUntil, settings),
    indexes: [subjectIndex(authorization.subject), sessionIndex(authorization.session)],
  })
  if (!begun) return null
  settings.owners.set(id, epochOwnersOf(authorization))
  return { family, token }
}

/**
 * Refreshes a family with one of its tokens.
 *
 * INVARIANT: of any number of refreshes with one token exactly one rotates, and all within the grace bring the identical
 * successor. A step that is lost leaves a family that the same token refreshes.
 */
export function* refreshFamily(
  presented: PresentedRefresh,
  settings: FamilySettings,
  now: number,
): Steps<FamilyRefresh> {
  const { token } = presented
  const key = familyKeyOf(token.family)
  let { record, current } = yield* readWithEpochs(token.family, settings)
  for (;;) {
    if (record === null) return refused('family_unknown')
    const family = readFamily(record.value)
    if (family.status === 'dead') return refused('family_ended')
    const keys = keysOf(family, settings)
    const judgement = judgeRefresh(family, presented, keys, settings, randomSecret(), now)
    const { authorization } = family
    if (judgement.kind === 'refused') {
      const isOwn = judgement.reason !== 'client_mismatch'
      return refused(judgement.reason, isOwn ? authorization : null)
    }
    if (judgement.kind === 'reuse') {
      yield* endAfterReuse(token.family, authorization, settings, now)
      return refused('refresh_token_reused', authorization)
    }
    const excess = excessOf(presented, authorization)
    if (excess !== null) return refused(excess, authorization)
    // The store's own counters, not the mirror: what lives for months must not depend on what a process has heard.
    current ??= yield* readEpochs(epochOwnersOf(authorization))
    if (isOutdated(authorization.epochs, authorization.session, current)) {
      return refused('family_outdated', authorization)
    }
    if (judgement.kind === 'replay') {
      return { kind: 'refreshed', how: 'replayed', family, token: judgement.token, healed: false }
    }
    const how = judgement.kind === 'rotate' ? 'rotated' : 'kept'
    const healed = token.generation > family.generation
    if (judgement.next === null) {
      return { kind: 'refreshed', how, family, token: judgement.token, healed }
    }
    const { next } = judgement
    const answer = yield* cas(key, record.version, writeFamily(next), {
      now,
      expiresAt: forgettable(next.absoluteUntil, settings),
    })
    if (answer.kind === 'swapped') {
      return { kind: 'refreshed', how, family: next, token: judgement.token, healed }
    }
    // Somebody else was faster. What this token is now shows in what they wrote.
    record = answer.current
    current = null
  }
}

/** What a refresh would be for, as the family stands now; null if it would be refused. Changes nothing. */
export function* refreshable(
  presented: PresentedRefresh,
  settings: FamilySettings,
  now: number,
): Steps<Authorization | null> {
  const record = yield* get(familyKeyOf(presented.token.family))
  const family = record === null ? null : readFamily(record.value)
  if (family?.status !== 'live') return null
  const { authorization } = family
  if (excessOf(presented, authorization) !== null) return null
  const judgement = judgeRefresh(family, presented, keysOf(family, settings), settings, '', now)
  return judgement.kind === 'refused' || judgement.kind === 'reuse' ? null : authorization
}

/** A family's record, and where its counters stand, if it is known by now whose they are. */
function* readWithEpochs(
  id: string,
  { owners: known }: FamilySettings,
): Steps<{ record: StoredRecord | null; current: CurrentEpochs | null }> {
  const owners = known.get(id)
  if (owners === undefined) {
    const record = yield* get(familyKeyOf(id))
    const family = record === null ? null : readFamily(record.value)
    if (family?.status === 'live') known.set(id, epochOwnersOf(family.authorization))
    return { record, current: null }
  }
  const [record = null, ...epochs] = yield* getAll([familyKeyOf(id), ...epochKeys(owners)])
  return { record, current: epochsIn(epochs, owners) }
}

/** The family last: while it lives, the same token can finish what a crash has cut short. */
function* endAfterReuse(
  id: string,
  { session, subject }: Authorization,
  settings: FamilySettings,
  now: number,
): Steps<void> {
  const until = now + settings.accessTokenSeconds
  if (settings.onReuse === 'session') {
    yield* raiseEpoch('session', session, { now, until, expiresAt: sessionEpochEnd(settings, now) })
  }
  if (settings.onReuse === 'subject') yield* raiseEpoch('subject', subject, { now, until })
  yield* endFamily(id, 'refresh_token_reused', settings, now)
}

/** A refresh never brings more than was allowed. Judged before anything is spent, so that the client can ask again. */
function excessOf(
  { scopes, audiences }: PresentedRefresh,
  authorization: Authorization,
): 'scope_exceeded' | 'audience_exceeded' | null {
  const isWithin = (asked: readonly string[] | null, allowed: readonly string[]): boolean =>
    asked === null || asked.every((each) => allowed.includes(each))
  if (!isWithin(scopes, authorization.scopes)) return 'scope_exceeded'
  return isWithin(audiences, authorization.audiences) ? null : 'audience_exceeded'
}

/** Whether a client may end the family of this token: it is authentic, of whatever age, and this client's own. */
export function* isRevocable(
  { token, clientId, confirmation }: Omit<PresentedRefresh, 'scopes' | 'audiences'>,
  settings: FamilySettings,
): Steps<boolean> {
  const record = yield* get(familyKeyOf(token.family))
  if (record === null) return false
  const family = readFamily(record.value)
  if (family.status === 'dead' || family.authorization.client.id !== clientId) return false
  return isAuthentic(token, keysOf(family, settings)) && isBoundTo(family, confirmation)
}

export function subjectIndex(subject: string): string {
  return `subject:${subject}`
}

export function sessionIndex(session: string): string {
  return `session:${session}`
}

/** @throws for a family made with a pepper that is not configured (any more): it cannot be judged */
function keysOf(
  { familyKey, pepperId }: Pick<LiveFamily, 'familyKey' | 'pepperId'>,
  { peppers }: Pick<FamilySettings, 'peppers'>,
): FamilyKeys {
  if (pepperId === null) return { familyKey, pepper: null }
  const pepper = peppers.get(pepperId)
  if (pepper === undefined)
    throw new Error(`The pepper '${pepperId}' of a family is not configured.`)
  return { familyKey, pepper }
}

function refused(
  reason: RefreshRefusal,
  authorization: Authorization | null = null,
): FamilyRefresh {
  return { kind: 'refused', reason, authorization }
}

/**
 * What must hold, by its name: I1 to I12 of the token lifecycle, one of a store that was rolled back, and two of signing keys. Each says what is wrong, or
 * null. None asks the code that is judged what the counters say, or whether a family lives: the records are read here.
 */
import type { Authorization } from '../../../src/lifecycle/family/authorization.js'
import type { FamilyRecord } from '../../../src/lifecycle/family/family-record.js'
import type { RefreshToken } from '../../../src/lifecycle/family/refresh-token.js'
import type { Store } from '../../../src/lifecycle/store/store.js'
import { EPOCH_NAMES } from '../../../src/principal/lineage.js'
import type { Progress, Snapshot, Step } from './explore.js'
import {
  compromisedKid,
  epochId,
  exchange,
  type Operation,
  type Outcome,
  presentedOf,
  refresh,
  WRONG_VERIFIER,
} from './operations.js'
import { NOW, RING, type Situation } from './situation.js'

/** One state, with what runs in it. */
export interface View {
  readonly situation: Situation
  readonly snapshot: Snapshot
  readonly running: readonly {
    readonly operation: Operation
    readonly progress: Progress<Outcome>
  }[]
}

export type Invariant = (view: View) => string | null
export type WriteInvariant = (before: Records, step: Step, after: Records) => string | null

/** What a store holds: each record by its kind and id. */
type Records = Pick<Snapshot, 'records'>

/** Judged in each state; whatever has not finished has crashed. */
export const INVARIANTS: Readonly<Record<string, Invariant>> = {
  'I1 at most one secret of a family is current': ({ situation, snapshot, running }) => {
    const leaves = knownTokens(situation, running).filter((token) => {
      const outcome = presented(situation, snapshot, token, NOW)
      const isAhead = token.generation > (liveFamily(snapshot, token.family)?.generation ?? 0)
      return outcome.kind === 'refreshed' && outcome.how !== 'replayed' && !isAhead
    })
    const byFamily = new Map<string, Set<string>>()
    for (const { family, secret } of leaves) {
      byFamily.set(family, (byFamily.get(family) ?? new Set()).add(secret))
    }
    const forked = [...byFamily].find(([, secrets]) => secrets.size > 1)
    return forked === undefined ? null : `family ${forked[0]} has ${forked[1].size} live leaves`
  },

  'I2 refreshes of one token bring one rotation and one successor': ({ situation, running }) => {
    const swaps = new Map<string, number>()
    const successors = new Map<string, Set<string>>()
    for (const { operation, progress } of running) {
      const { outcome, steps } = progress
      const { presents } = operation
      if (presents === undefined) continue
      for (const step of steps) {
        const { call } = step
        if (call.verb !== 'cas' || call.key.kind !== 'family' || !isSwapped(step)) continue
        const family = familyOf(call.value)
        if (family.status === 'dead' || !family.rotates) continue
        const name = `${call.key.id} ${family.generation}`
        swaps.set(name, (swaps.get(name) ?? 0) + 1)
      }
      if (outcome?.kind === 'refreshed') {
        const name = textOf(situation, presents)
        const got = successors.get(name) ?? new Set()
        successors.set(name, got.add(textOf(situation, outcome.token)))
      }
      // Nobody can have moved a family by two generations here: the current token is never a reuse.
      const isFalseAlarm =
        outcome?.kind === 'refused' &&
        outcome.reason === 'refresh_token_reused' &&
        operation.name === 'refresh' &&
        situation.settings.graceSeconds > 0 &&
        !situation.isRolledBack
      if (isFalseAlarm) return 'the current token was taken for a reuse'
    }
    const twice = [...swaps].find(([, count]) => count > 1)
    if (twice !== undefined) return `${twice[1]} rotations to ${twice[0]}`
    const forked = [...successors.values()].find((texts) => texts.size > 1)
    return forked === undefined ? null : `one token has ${forked.size} successors`
  },

  'I3 a lost answer comes again': ({ situation, snapshot, running }) => {
    for (const { operation, progress } of running) {
      const { presents } = operation
      const { outcome } = progress
      if (presents === undefined || outcome?.kind !== 'refreshed') continue
      if (!stands(situation, snapshot) || situation.settings.graceSeconds === 0) continue
      if (liveFamily(snapshot, presents.family)?.generation !== outcome.token.generation) continue
      const again = presented(situation, snapshot, presents, NOW)
      if (again.kind !== 'refreshed') return `lost, then ${describe(again)}`
      if (textOf(situation, again.token) !== textOf(situation, outcome.token)) {
        return 'another successor came instead'
      }
    }
    return null
  },

  'I4 a spent token ends its family': ({ situation, snapshot, running }) => {
    for (const { operation, progress } of running) {
      const { outcome } = progress
      const isReuse = operation.name === 'reuse' && !situation.isRolledBack
      if (isReuse && outcome?.kind === 'refreshed') return `a spent token was ${outcome.how}`
      if (outcome?.kind !== 'refused' || outcome.reason !== 'refresh_token_reused') continue
      if (recordOf(snapshot, situation.familyId)?.status !== 'dead') {
        return `${operation.name} was a reuse, and the family lives`
      }
      const { onReuse } = situation.settings
      if (onReuse !== 'family' && countOf(situation, snapshot, onReuse) === 0) {
        return `${operation.name} was a reuse, and its ${onReuse} goes on`
      }
    }
    const family = liveFamily(snapshot, situation.familyId)
    if (family === null || !stands(situation, snapshot) || !family.rotates) return null
    for (const token of knownTokens(situation, running)) {
      if (token.family !== situation.familyId) continue
      const behind = family.generation - token.generation
      const { graceSeconds } = situation.settings
      const times =
        behind >= 2
          ? [NOW]
          : behind === 1
            ? [
                family.refreshedAt + graceSeconds + 1,
                family.refreshedAt - graceSeconds - 1,
                ...(graceSeconds === 0 ? [family.refreshedAt] : []),
              ]
            : []
      for (const now of times) {
        const problem = snapshot.memo(`I4 ${textOf(situation, token)} ${now}`, () => {
          const store = snapshot.copy()
          const outcome = presentTo(situation, snapshot, store, token, now)
          if (outcome.kind === 'refreshed') return `${behind} behind at ${now}, and ${outcome.how}`
          const left = situation.tokens.filter(
            (each) => presentTo(situation, snapshot, store, each, now).kind === 'refreshed',
          )
          return left.length === 0 ? null : `${left.length} tokens work after a reuse`
        })
        if (problem !== null) return problem
      }
    }
    return null
  },

  'I5 who holds no right token changes nothing': ({ running }) => {
    for (const { operation, progress } of running) {
      if (operation.name === 'refresh for more') {
        if (progress.steps.some(writesLiveFamily)) return 'more was asked for, and a token is spent'
        if (progress.outcome?.kind === 'refreshed') return 'more was asked for and given'
      }
      if (operation.isHarmless !== true) continue
      const wrote = progress.steps.find(({ call }) => call.verb !== 'get')
      if (wrote !== undefined) return `${operation.name}: ${wrote.call.verb}`
      if (progress.outcome !== null && progress.outcome.kind !== 'refused') {
        return `${operation.name}: ${describe(progress.outcome)}`
      }
    }
    return null
  },

  'I6 after a revocation nothing of it works': ({ situation, snapshot, running }) => {
    const { authorization, codeAuthorization, isOver, access } = situation
    const done = running.flatMap(({ operation, progress }) =>
      progress.outcome !== null && operation.revokes !== undefined ? [operation.revokes] : [],
    )
    const isRevoked = (granted: Authorization): boolean =>
      done.some((revokes) => revokes(granted)) || (isOver && granted === authorization)
    if (isRevoked(authorization)) {
      for (const token of knownTokens(situation, running)) {
        if (token.family !== situation.familyId) continue
        // At once, within the grace, and late.
        for (const now of [NOW - 5, NOW, NOW + 5, NOW + 1_500]) {
          const outcome = presented(situation, snapshot, token, now)
          if (outcome.kind !== 'refused') return `a refresh token works: ${describe(outcome)}`
        }
      }
      const held = running.flatMap(({ operation, progress }) =>
        operation.presents !== undefined && progress.outcome?.kind === 'refreshed'
          ? [progress.outcome.access]
          : [],
      )
      // What has run out by itself was not revoked; its access tokens are judged by their own end.
      const works = [access, ...held].some((hash) => accessStands(situation, snapshot, hash))
      if (works && situation.name !== 'expired') return 'an access token works'
    }
    if (isRevoked(codeAuthorization)) {
      const outcome = snapshot.memo('I6 exchange', () =>
        snapshot.run('I6', () => exchange(situation, {}, NOW)),
      )
      if (outcome.kind !== 'refused') return `a code works: ${describe(outcome)}`
    }
    return null
  },

  'I9 after a crash the same token brings the one leaf': ({ situation, snapshot, running }) => {
    const family = liveFamily(snapshot, situation.familyId)
    if (!stands(situation, snapshot) || family === null) return null
    for (const token of knownTokens(situation, running)) {
      if (token.family !== situation.familyId) continue
      const behind = family.generation - token.generation
      const isOurs =
        behind === 0 ||
        (behind === 1 && NOW - family.refreshedAt <= situation.settings.graceSeconds - 10)
      if (!isOurs || (situation.isRolledBack && behind !== 0)) continue
      if (situation.isRolledBack && family.currentHash !== hashOf(situation, token)) continue
      const problem = snapshot.memo(`I9 ${textOf(situation, token)}`, () => {
        const store = snapshot.copy()
        const first = presentTo(situation, snapshot, store, token, NOW)
        if (first.kind !== 'refreshed') return `a retry is ${describe(first)}`
        const leaf = presentTo(situation, snapshot, store, first.token, NOW + 1)
        return leaf.kind === 'refreshed' ? null : `its successor is ${describe(leaf)}`
      })
      if (problem !== null) return problem
    }
    return null
  },

  'I11 what was proven before a revocation falls under it, and nothing else': ({
    situation,
    snapshot,
    running,
  }) => {
    for (const { operation, progress } of running) {
      const { outcome } = progress
      if (outcome?.kind !== 'issued') continue
      const { authorization, token, access, proven } = outcome
      const raised = EPOCH_NAMES.some(
        (name) =>
          proven[name] < countById(snapshot, epochId(name, authorization, authorization.session)),
      )
      const outcomeOfToken = presented(situation, snapshot, token, NOW)
      const isGood = outcomeOfToken.kind === 'refreshed'
      const isAccessGood = accessStands(situation, snapshot, access)
      const state = `${isGood ? 'good' : describe(outcomeOfToken)}, its access token ${isAccessGood ? 'good' : 'dead'}`
      // The other session may be the one that is kept.
      const isKept = situation.name === 'other session kept before'
      if (raised && (isGood || isAccessGood) && !isKept) return `${operation.name}: ${state}`
      const hasEnded = recordOf(snapshot, token.family)?.status === 'dead'
      if (!raised && !hasEnded && !(isGood && isAccessGood)) return `${operation.name}: ${state}`
    }
    return null
  },

  'I12 a code brings tokens once, and a second use ends them': ({
    situation,
    snapshot,
    running,
  }) => {
    const exchanges = running.filter(({ operation }) => operation.name === 'exchange')
    const won = exchanges.filter(({ progress }) => progress.outcome?.kind === 'issued')
    if (won.length > 1) return `${won.length} exchanges have won`
    const isGuessed = running.some(
      ({ operation, progress }) =>
        operation.name === 'exchange with a wrong verifier' && progress.outcome?.kind === 'issued',
    )
    if (isGuessed) return 'a wrong verifier has won'
    const replayed = exchanges.some(
      ({ progress }) =>
        progress.outcome?.kind === 'refused' && progress.outcome.reason === 'code_replayed',
    )
    const { familyId, status } = codeOf(snapshot)
    const family = recordOf(snapshot, familyId)
    if (replayed && family?.status !== 'dead') return 'a replayed code left its family alive'
    if (status !== 'used') return snapshot.memo('I12 unused', () => unused(situation, snapshot))
    const problem = snapshot.memo('I12', () => {
      const store = snapshot.copy()
      const again = snapshot.run('I12', () => exchange(situation, {}, NOW + 1), store)
      if (again.kind !== 'refused') return `a used code is ${describe(again)}`
      const [record] = store.get([{ kind: 'family', id: familyId }]) as readonly [
        { readonly value: string } | null, // the memory answers at once
      ]
      const after = record === null ? null : familyOf(record.value)
      return after?.status === 'dead' ? null : 'a used code came again and ended nothing'
    })
    return problem
  },

  'R1 only a pepper proves what the store has forgotten': ({ situation, running }) => {
    if (!situation.isRolledBack) return null
    const isProven = situation.settings.peppers.size > 0
    for (const { operation, progress } of running) {
      if (operation.name !== 'refresh' || progress.outcome === null) continue
      const { outcome } = progress
      if (outcome.kind === 'refreshed' && !isProven) return 'a token was believed'
      if (outcome.kind === 'refused' && isProven && running.length === 1) return describe(outcome)
    }
    return null
  },

  'K1 a compromised key is out of the ring': ({ situation, snapshot, running }) => {
    const isDone = running.some(
      ({ operation, progress }) => operation.name === 'compromise key' && progress.outcome !== null,
    )
    if (!isDone) return null
    const { active, next, retired } = ringOf(snapshot)
    const kid = compromisedKid(situation)
    const kids = [active, next, ...retired].map(({ publicKey }) => publicKey.kid)
    return kids.includes(kid) ? 'it is still there' : null
  },

  'K2 keys that are turned at once are turned once': ({ snapshot, running }) => {
    const texts = new Map<number, string>()
    for (const { progress } of running) {
      if (progress.outcome?.kind !== 'ring') continue
      const { version, text } = progress.outcome
      if ((texts.get(version) ?? text) !== text) return 'two rings of one version'
      texts.set(version, text)
    }
    return ringOf(snapshot).retired.length > 1 ? 'turned twice' : null
  },
}

/** Judged at each step that has written. */
export const WRITE_INVARIANTS: Readonly<Record<string, WriteInvariant>> = {
  'I6 an end is told in the same write': (before, { call }, after) => {
    if (call.verb === 'get' || call.verb === 'list') return null
    const { kind, id } = call.key
    const name = `${kind} ${id}`
    const notice = call.options.notice?.text ?? ''
    if (kind === 'epoch') return notice === '' ? 'a counter was raised in silence' : null
    if (kind !== 'family' || recordOf(after, id)?.status !== 'dead') return null
    if (before.records.get(name) !== undefined && recordOf(before, id)?.status === 'dead') {
      return 'a family ended twice'
    }
    return notice.includes(id) ? null : 'a family ended in silence'
  },

  'I7 generations rise, and the dead stay dead': (before, { call }, after) => {
    if (call.verb === 'get' || call.verb === 'list' || call.key.kind !== 'family') return null
    const [was, is] = [recordOf(before, call.key.id), recordOf(after, call.key.id)]
    if (was === null || is === null) return null
    if (was.status === 'dead') return `written after its end: ${is.status}`
    if (is.status === 'dead') return null
    if (JSON.stringify(was.authorization) !== JSON.stringify(is.authorization)) {
      return 'its authorization has changed'
    }
    const isKept = !is.rotates && is.generation === was.generation
    if (isKept) return is.currentHash === was.currentHash ? null : 'a kept secret has changed'
    return is.generation > was.generation ? null : `${was.generation}, then ${is.generation}`
  },

  'I8 no end moves past the absolute one': (before, { call }, after) => {
    if (call.verb === 'get' || call.verb === 'list' || call.key.kind !== 'family') return null
    const [was, is] = [recordOf(before, call.key.id), recordOf(after, call.key.id)]
    if (is?.status !== 'live') return null
    if (is.idleUntil > is.absoluteUntil) return 'idle beyond the absolute end'
    if (was?.status === 'live' && was.absoluteUntil !== is.absoluteUntil) return 'it has moved'
    const forgotten = call.options.expiresAt
    return forgotten === null || forgotten > is.absoluteUntil ? null : 'forgotten too soon'
  },
}

/** A code that was not used yet: not after its end, and not after too many wrong verifiers. */
function unused(situation: Situation, snapshot: Snapshot): string | null {
  const exchanged = (store: Store, change: Parameters<typeof exchange>[1], now: number): Outcome =>
    snapshot.run('I12', () => exchange(situation, change, now), store)
  const late = exchanged(snapshot.copy(), {}, NOW + 55)
  if (late.kind !== 'refused') return 'an expired code was exchanged'
  const store = snapshot.copy()
  for (let wrong = 0; wrong < 3; wrong++) exchanged(store, { verifier: WRONG_VERIFIER }, NOW)
  const burnt = exchanged(store, {}, NOW)
  return burnt.kind === 'refused' ? null : 'a code was exchanged after three wrong verifiers'
}

function knownTokens({ tokens }: Situation, running: View['running']): readonly RefreshToken[] {
  const brought = running.flatMap(({ progress: { outcome } }) =>
    outcome?.kind === 'refreshed' || outcome?.kind === 'issued' ? [outcome.token] : [],
  )
  return [...tokens, ...brought]
}

/** What a token brings to its client at this moment, on a copy. */
function presented(
  situation: Situation,
  snapshot: Snapshot,
  token: RefreshToken,
  now: number,
): Outcome {
  return snapshot.memo(`present ${textOf(situation, token)} ${now}`, () =>
    presentTo(situation, snapshot, snapshot.copy(), token, now),
  )
}

function presentTo(
  situation: Situation,
  snapshot: Snapshot,
  store: Store,
  token: RefreshToken,
  now: number,
): Outcome {
  const steps = () => refresh(situation, presentedOf(situation, token), now)
  return snapshot.run(`present ${textOf(situation, token)} ${now}`, steps, store)
}

function accessStands(situation: Situation, snapshot: Snapshot, hash: string): boolean {
  return snapshot.memo(
    `access ${hash}`,
    () => snapshot.run('access', () => situation.machine.findOpaqueToken(hash)) !== null,
  )
}

/** Whether the family should be good, as the records have it. */
function stands(situation: Situation, snapshot: Snapshot): boolean {
  if (situation.isOver || liveFamily(snapshot, situation.familyId) === null) return false
  return EPOCH_NAMES.every((name) => {
    const id = epochId(name, situation.authorization, 's1')
    if (countById(snapshot, id) === 0) return true
    if (name !== 'subject') return false
    const { keep } = JSON.parse(snapshot.records.get(`epoch ${id}`)?.value ?? '{"keep":[]}')
    return JSON.stringify(keep) === '[["s1",0]]'
  })
}

function countOf(
  { authorization }: Situation,
  snapshot: Snapshot,
  name: 'session' | 'subject',
): number {
  return countById(snapshot, epochId(name, authorization, authorization.session))
}

function countById(snapshot: Snapshot, id: string): number {
  return snapshot.records.get(`epoch ${id}`)?.version ?? 0
}

function recordOf(snapshot: Records, id: string): FamilyRecord | null {
  const record = snapshot.records.get(`family ${id}`)
  return record === undefined ? null : familyOf(record.value)
}

function liveFamily(snapshot: Snapshot, id: string) {
  const record = recordOf(snapshot, id)
  return record?.status === 'live' ? record : null
}

function familyOf(value: string): FamilyRecord {
  const known = FAMILIES.get(value) ?? (JSON.parse(value) as FamilyRecord) // the family's own code wrote it
  FAMILIES.set(value, known)
  return known
}

const FAMILIES = new Map<string, FamilyRecord>()

function codeOf(snapshot: Snapshot): { readonly familyId: string; readonly status: string } {
  const [, record] = [...snapshot.records].find(([name]) => name.startsWith('code ')) ?? []
  return snapshot.memo('code', () => JSON.parse(record?.value ?? '{}'))
}

function ringOf(snapshot: Snapshot) {
  const text = snapshot.records.get(`signing_key ${RING}`)?.value ?? '{}'
  type Key = { readonly publicKey: { readonly kid: string } }
  return snapshot.memo('ring', () => JSON.parse(text)) as {
    readonly active: Key
    readonly next: Key
    readonly retired: readonly Key[]
  } // as its own code wrote it
}

function writesLiveFamily({ call }: Step): boolean {
  return call.verb === 'cas' && familyOf(call.value).status === 'live'
}

function isSwapped({ answer }: Step): boolean {
  return (answer as { readonly kind: string }).kind === 'swapped' // what a store answers to a swap
}

function hashOf({ machine }: Situation, { secret }: RefreshToken): string {
  return machine.sha256Base64url(secret)
}

function textOf({ machine }: Situation, token: RefreshToken): string {
  return machine.formatRefreshToken(token)
}

function describe(outcome: Outcome): string {
  return outcome.kind === 'refused' ? outcome.reason : outcome.kind
}

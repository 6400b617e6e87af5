import { epochOwnersOf, isOutdated, readEpochs } from '../revocation/epochs.js'
import { getAll, list, type Steps } from '../store/steps.js'
import { type ListPage, MAX_KEYS_PER_GET } from '../store/store.js'
import { familyKeyOf, type LiveFamily, readFamily } from './family-record.js'
import { sessionIndex, subjectIndex } from './family-steps.js'

/** One login on one device, with all that was issued in it: what a user sees in the list of devices. */
export interface ListedSession {
  readonly session: string
  /** What the grant has given for its first client, such as the browser's name. */
  readonly label: string | null
  readonly clientIds: readonly string[]
  /** Seconds since the epoch. */
  readonly createdAt: number
  /** When a token of it was refreshed last. */
  readonly lastRefreshedAt: number
  /** When it ends if it is not refreshed before. */
  readonly expiresAt: number
}

/**
 * The sessions of a subject that can be refreshed still, the oldest first. Those that were issued while the list is read may
 * be missing; so are sessions without a refresh token.
 */
export function* listSessions(subject: string, now: number): Steps<readonly ListedSession[]> {
  const sessions = new Map<string, LiveFamily[]>()
  for (const family of yield* familiesUnder(subjectIndex(subject), now)) {
    const { authorization } = family
    // The index finds by text; the record knows.
    if (authorization.subject !== subject) continue
    const current = yield* readEpochs(epochOwnersOf(authorization))
    if (isOutdated(authorization.epochs, authorization.session, current)) continue
    const families = sessions.get(authorization.session)
    if (families === undefined) sessions.set(authorization.session, [family])
    else families.push(family)
  }
  return [...sessions]
    .map(([session, families]) => listed(session, families))
    .sort((one, other) => one.createdAt - other.createdAt)
}

/** Whether this session is one of the subject's: nobody ends another's. */
export function* ownsSession(subject: string, session: string, now: number): Steps<boolean> {
  const families = yield* familiesUnder(sessionIndex(session), now)
  return families.some(
    ({ authorization }) => authorization.subject === subject && authorization.session === session,
  )
}

/** Whether this session is somebody else's, as far as the store knows: nobody joins another's. */
export function* isOthersSession(subject: string, session: string, now: number): Steps<boolean> {
  const families = yield* familiesUnder(sessionIndex(session), now)
  const subjects = families
    .filter(({ authorization }) => authorization.session === session)
    .map(({ authorization }) => authorization.subject)
  return subjects.length > 0 && !subjects.includes(subject)
}

function* familiesUnder(index: string, now: number): Steps<readonly LiveFamily[]> {
  const live: LiveFamily[] = []
  let after: string | null = null
  do {
    const page: ListPage = yield* list('family', index, { after, limit: PAGE })
    for (let from = 0; from < page.ids.length; from += MAX_KEYS_PER_GET) {
      const ids = page.ids.slice(from, from + MAX_KEYS_PER_GET)
      for (const record of yield* getAll(ids.map(familyKeyOf))) {
        if (record === null) continue
        const family = readFamily(record.value)
        if (family.status === 'live' && now < family.idleUntil) live.push(family)
      }
    }
    after = page.next
  } while (after !== null)
  return live
}

function listed(session: string, families: readonly LiveFamily[]): ListedSession {
  const byAge = [...families].sort((one, other) => one.createdAt - other.createdAt)
  return {
    session,
    label: byAge[0]?.authorization.label ?? null,
    clientIds: [...new Set(byAge.map(({ authorization }) => authorization.client.id))],
    createdAt: Math.min(...byAge.map(({ createdAt }) => createdAt)),
    lastRefreshedAt: Math.max(...byAge.map(({ refreshedAt }) => refreshedAt)),
    expiresAt: Math.max(...byAge.map(({ idleUntil }) => idleUntil)),
  }
}

const PAGE = 256

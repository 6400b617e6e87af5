import type { EpochName } from '../../principal/lineage.js'
import type { IdentifiedPrincipal } from '../../principal/principal.js'
import type { FeedEntry } from '../store/store.js'
import { isKept } from './epochs.js'
import type { KeptSession, RevocationNotice } from './notice.js'

/**
 * What is revoked, as far as one process has heard: a few maps that answer in a fraction of a microsecond.
 *
 * What it knows depends on which entries it has learnt, never on their order or on how often: a counter does not go down.
 */
export class Revocations {
  readonly #issuers: ReadonlySet<string>
  // What is revoked by its id, and until when that has to be known.
  readonly #tokens = new Map<string, number>()
  readonly #families = new Map<string, number>()
  readonly #keys = new Map<string, number>()
  // What is revoked by a counter.
  readonly #everything: Counters = new Map()
  readonly #tenants: Counters = new Map()
  readonly #clients: Counters = new Map()
  readonly #subjects: Counters = new Map()
  readonly #sessions: Counters = new Map()
  readonly #listed = { token: this.#tokens, family: this.#families, key: this.#keys }
  readonly #counted: Readonly<Record<EpochName, Counters>> = {
    everything: this.#everything,
    tenant: this.#tenants,
    client: this.#clients,
    subject: this.#subjects,
    session: this.#sessions,
  }
  /** Where `forget` goes on. */
  #round = this.#entries()

  /** @param issuers whose principals are judged */
  constructor(issuers: readonly string[]) {
    this.#issuers = new Set(issuers)
  }

  /** How many entries it holds. */
  get size(): number {
    const maps = [...Object.values(this.#listed), ...Object.values(this.#counted)]
    return maps.reduce((sum, { size }) => sum + size, 0)
  }

  learn(notice: RevocationNotice, { version, until }: FeedEntry): void {
    if (notice.kind === 'token' || notice.kind === 'family' || notice.kind === 'key') {
      const listed = this.#listed[notice.kind]
      listed.set(notice.id, Math.max(listed.get(notice.id) ?? until, until))
      return
    }
    const kept = ('keep' in notice && notice.keep) || NONE
    const counters = this.#counted[notice.kind]
    const id = notice.kind === 'everything' ? '' : notice.id
    const held = counters.get(id)
    if (held === undefined) {
      counters.set(id, { count: version, kept, until })
      return
    }
    held.until = Math.max(held.until, until)
    if (version <= held.count) return
    held.count = version
    // INVARIANT: of the highest count alone; what an earlier one has kept, a later one may have revoked.
    held.kept = kept
  }

  /**
   * Whether anything that was learnt revokes this principal: its credential, what that descends from, or whom it names.
   * Of other issuers' principals only the credential itself is looked for: their ids are not ours.
   */
  revokes(principal: IdentifiedPrincipal): boolean {
    const { credentialId, issuer, lineage } = principal
    if (isListed(this.#tokens, credentialId)) return true
    if (!this.#issuers.has(issuer)) return false
    const { keyId, family, session, tenant, epochs } = lineage
    const subject = principal.kind === 'user' ? principal.subject : null
    const client = principal.kind === 'user' ? principal.clientId : principal.applicationId
    return (
      isListed(this.#keys, keyId) ||
      isListed(this.#families, family) ||
      isOutdated(this.#everything, '', epochs.everything, null) ||
      isOutdated(this.#tenants, tenant, epochs.tenant, null) ||
      isOutdated(this.#clients, client, epochs.client, null) ||
      isOutdated(this.#subjects, subject, epochs.subject, session) ||
      isOutdated(this.#sessions, session, epochs.session, null)
    )
  }

  /**
   * Forgets entries that had run out by `now`. Looks at so many of them, and goes on from there the next time: however many
   * there are, no request waits long.
   */
  forget(now: number, atMost: number): void {
    for (let looked = 0; looked < atMost; looked += 1) {
      const step = this.#round.next()
      if (step.done === true) {
        this.#round = this.#entries()
        return
      }
      const { ids, id, until } = step.value
      if (until <= now) ids.delete(id)
    }
  }

  *#entries(): Generator<Entry, undefined> {
    for (const ids of Object.values(this.#listed)) {
      for (const [id, until] of ids) yield { ids, id, until }
    }
    for (const ids of Object.values(this.#counted)) {
      for (const [id, { until }] of ids) yield { ids, id, until }
    }
  }
}

interface Counter {
  /** What has captured less is revoked. */
  count: number
  kept: readonly KeptSession[]
  until: number
}

type Counters = Map<string, Counter>

interface Entry {
  readonly ids: { delete(id: string): unknown }
  readonly id: string
  readonly until: number
}

function isListed(ids: ReadonlyMap<string, number>, id: string | null): boolean {
  return id !== null && ids.size > 0 && ids.has(id)
}

function isOutdated(
  counters: Counters,
  id: string | null,
  captured: number,
  session: string | null,
): boolean {
  const counter = id === null || counters.size === 0 ? undefined : counters.get(id)
  // Not `<`: what is no count has captured nothing.
  if (counter === undefined || captured >= counter.count) return false
  return !isKept(counter.kept, session, captured)
}

const NONE: readonly KeptSession[] = []

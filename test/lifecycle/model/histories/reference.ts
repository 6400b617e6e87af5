/**
 * Who may hold what: a short model of its own, which knows no records, hashes or counters. It sees when each request
 * began and how it ended, and says what must not have come of it, and what must have.
 *
 * Requests run at the same time, so that it can be sure of two things only: what has been answered before a request began
 * holds for that request; and what nobody has begun yet cannot have touched it.
 */
import type { Setup } from './commands.js'

/** A moment: requests begin and end one after the other. */
export type Moment = number

/** A login, from when on it counts. */
export interface Login {
  readonly subject: string
  readonly clientId: string
  readonly session: string
  readonly begun: Moment
  readonly proven: Moment
}

/** What a login has brought. */
export interface Family {
  readonly id: string
  readonly login: Login
  readonly rotates: boolean
  /** Seconds. */
  readonly createdAt: number
  /** The tokens that were given out, and when they were first. */
  readonly given: Map<string, Moment>
  readonly successors: Map<string, string>
  /** When each token was presented by whoever may, in seconds. */
  readonly presented: Map<string, number[]>
  readonly access: Set<string>
  /** Somebody else may hold its tokens, or an old request of its own client is under way still. */
  isShared: boolean
}

/** What ends families: a revocation, a reuse, a second use of a code. */
export interface Ending {
  readonly covers: (login: Login, familyId: string | null) => boolean
  readonly begun: Moment
  /** When it was over, however it went. */
  ended: Moment | null
  /** Whether it was said to be done. */
  isDone: boolean
}

export interface Code {
  readonly login: Login
  readonly createdAt: number
  rightly: number
  wrongly: number
  family: string | null
}

export const IDLE = 600
export const ABSOLUTE = 900
export const CODE_LIFETIME = 60

export class Reference {
  readonly families = new Map<string, Family>()
  readonly endings: Ending[] = []
  moment: Moment = 0
  readonly #setup: Setup

  constructor(setup: Setup) {
    this.#setup = setup
  }

  next(): Moment {
    this.moment += 1
    return this.moment
  }

  /** Something begins that ends all that `covers` says, or may do so. */
  ending(covers: Ending['covers'], begun: Moment = this.next()): Ending {
    const ending: Ending = { covers, begun, ended: null, isDone: false }
    this.endings.push(ending)
    return ending
  }

  /** What a reuse in this family ends, which somebody may have noticed since this moment. */
  endingByReuse({ id, login }: Family, begun: Moment = this.next()): Ending {
    const { onReuse } = this.#setup
    const covers: Ending['covers'] = (other, familyId) => {
      if (familyId === id) return true
      if (onReuse === 'family') return false
      return other[onReuse] === login[onReuse]
    }
    return this.ending(covers, begun)
  }

  /** From now on somebody else may hold tokens of this family, and any of them may come to be a reuse. */
  share(family: Family): void {
    if (family.isShared) return
    family.isShared = true
    this.endingByReuse(family)
  }

  /** Whether it had certainly ended by this moment. */
  isOver(login: Login, familyId: string | null, moment: Moment): boolean {
    return this.endings.some(
      ({ covers, begun, ended, isDone }) =>
        isDone &&
        ended !== null &&
        ended < moment &&
        login.proven < begun &&
        covers(login, familyId),
    )
  }

  /** Whether it may have ended by now. */
  mayBeOver(login: Login, familyId: string | null): boolean {
    return this.endings.some(
      ({ covers, ended }) => covers(login, familyId) && !(ended !== null && ended < login.begun),
    )
  }

  /** Whether a token must bring something: nothing has ended, nobody else has it, and no grace has run out. */
  isGood(family: Family, text: string, now: number): boolean {
    if (family.isShared || this.mayBeOver(family.login, family.id)) return false
    if (now >= family.createdAt + ABSOLUTE) return false
    const all = [...family.presented.values()].flat()
    if (now >= Math.min(family.createdAt, ...all) + IDLE) return false
    if (!family.rotates) return true
    return (family.presented.get(text) ?? []).every((then) => this.isInGrace(now, then))
  }

  /** Why a request that begins now must bring nothing, or null if it may bring something. */
  whyBad(family: Family, text: string, begun: Moment, now: number): string | null {
    if (this.isOver(family.login, family.id, begun)) return 'its family had ended'
    if (!family.rotates) return null
    const successor = family.successors.get(text)
    if (successor === undefined) return null
    const afterwards = family.successors.get(successor)
    if (afterwards !== undefined && family.given.has(afterwards)) return 'its successor was spent'
    const times = family.presented.get(text) ?? []
    const isLate = times.every((then) => !this.isInGrace(now, then))
    return isLate ? 'its grace had run out' : null
  }

  /** Whether a family has run out at this time, whatever its clients have done meanwhile. */
  hasRunOut({ createdAt, presented }: Family, now: number): boolean {
    const used = Math.max(createdAt, ...[...presented.values()].flat().filter((at) => at < now))
    return now >= createdAt + ABSOLUTE || now >= used + IDLE
  }

  isInGrace(now: number, then: number): boolean {
    const { grace } = this.#setup
    return grace > 0 && Math.abs(now - then) <= grace
  }
}

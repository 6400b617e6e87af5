import { inspect } from 'node:util'
import { afterAll, afterEach, beforeAll, describe, expect } from 'vitest'
import { type RawRequest, type RawResponse, sendRaw } from '../../../src/testing/send.js'
import { type ReadChallenge, readChallenges } from './challenges.js'
import { ADAPTERS, type AdapterName, type Served, serveOn } from './serve.js'
import type { Signer } from './signer.js'
import type { Door, Fields, Target } from './target.js'

/** What an answer must be. */
export interface Refusal {
  readonly status: 400 | 401 | 403 | 503
  /** The error on the used scheme's challenge; null for bare challenges, or where there are none. */
  readonly error: string | null
  /** The reason in the operator's event; not looked at if left out. */
  readonly reason?: string | RegExp
}

export const INVALID_TOKEN: Refusal = { status: 401, error: 'invalid_token' }
export const INVALID_REQUEST: Refusal = { status: 400, error: 'invalid_request' }

/** A token that must be refused, and why, if that is not the same for all. */
export type HostileToken = string | readonly [token: string, reason: string]

/** One adapter under attack. Each method rejects if the target does not stand. */
export interface Attack {
  readonly adapter: AdapterName
  send(request: RawRequest): Promise<RawResponse>
  /** These fields at this door are refused: status, one challenge per scheme, a body that tells nothing. */
  isRefused(door: Door, fields: Fields, refusal: Refusal, more?: Partial<RawRequest>): Promise<void>
  /** This credential is let in, as this one. Answers with the body. */
  isLetIn(door: Door, fields: Fields, who: string, more?: Partial<RawRequest>): Promise<Body>
  /** Every JWT that is built is refused as invalid, at every door that takes JWTs. */
  refusesTokens(
    build: (signer: Signer) => readonly HostileToken[],
    reason?: string | RegExp,
  ): Promise<void>
}

type Body = Readonly<Record<string, unknown>>

/**
 * Runs attacks on every adapter over real sockets. After each attack the doors that it went for still let the good
 * credential in; after all of them no secret is in any answer or event.
 */
export function onEveryAdapter(target: Target, define: (attack: Attack) => void): void {
  const sinks = new Set<string>()
  describe.each(ADAPTERS)('on %s', (adapter) => {
    let served: Served
    const attacked = new Set<Door>()
    beforeAll(async () => {
      served = await serveOn(adapter, target.application)
    })
    const attack = attackOn(target, adapter, attacked, async (request) => {
      const answer = await sendRaw(served.origin, request)
      for (const [name, value] of answer.fields) if (name !== 'date') sinks.add(`${name}: ${value}`)
      sinks.add(answer.body)
      return answer
    })
    afterEach(async () => {
      const doors = attacked.size === 0 ? [target.doors.es] : [...attacked]
      attacked.clear()
      for (const door of doors) {
        const { credential, who } = door.control()
        await attack.isLetIn(door, door.present(credential), who)
      }
    })
    afterAll(() => served.close())
    define(attack)
  })
  afterAll(async () => {
    await target.close()
    for (const event of target.events) sinks.add(inspect(event, { depth: 12, showHidden: true }))
    expect(secretsIn(sinks, target.secrets)).toEqual([])
  })
}

function attackOn(
  target: Target,
  adapter: AdapterName,
  attacked: Set<Door>,
  send: Attack['send'],
): Attack {
  const attack: Attack = {
    adapter,
    send,
    async isRefused(door, fields, refusal, more = {}) {
      attacked.add(door)
      const before = target.seen.handlers
      const answer = await send({ method: 'GET', path: door.path, fields, ...more })
      expectRefusal(answer, door, refusal)
      expect(target.seen.handlers).toBe(before)
      if (refusal.reason !== undefined) expect(lastReason(target)).toMatch(refusal.reason)
    },
    async isLetIn(door, fields, who, more = {}) {
      attacked.add(door)
      const answer = await send({ method: 'GET', path: door.path, fields, ...more })
      expect([answer.status, answer.body]).toEqual([200, expect.stringContaining(`"who":"${who}"`)])
      // Who is let in is not asked to come in by another scheme.
      expect(linesOf(answer, 'www-authenticate')).toEqual([])
      return JSON.parse(answer.body) as Body // the handler answers with an object
    },
    async refusesTokens(build, reason) {
      for (const door of target.jwtDoors) {
        for (const hostile of build(door.signer)) {
          const [token, because] = typeof hostile === 'string' ? [hostile, reason] : hostile
          await attack.isRefused(door, door.present(token), {
            ...INVALID_TOKEN,
            ...(because === undefined ? {} : { reason: because }),
          })
        }
      }
    },
  }
  return attack
}

/** Status, challenges and body, and nothing in them that helps an attacker. */
function expectRefusal(answer: RawResponse, door: Door, { status, error }: Refusal): void {
  expect(answer.status, answer.body).toBe(status)
  const challenges = readChallenges(linesOf(answer, 'www-authenticate'))
  expect(challenges.map(({ scheme }) => scheme)).toEqual(
    status === 403 || status === 503 ? [] : door.schemes,
  )
  const errors = challenges.map(errorOf).filter((found) => found !== null)
  expect([...new Set(errors)]).toEqual(error === null ? [] : [error])
  if (error === 'invalid_token') {
    expect(challenges.filter((one) => errorOf(one) !== null)).toMatchObject([
      { scheme: door.scheme },
    ])
  }
  expect(linesOf(answer, 'cache-control')).toEqual(['no-store'])
  const body = JSON.parse(answer.body) as Body // a refusal's body is JSON, or this throws
  expect(Object.keys(body).sort()).toEqual(
    [...(error === null ? [] : ['error']), 'detail', 'status', 'title', 'type'].sort(),
  )
  // The texts are fixed: no claim, no key, no stack.
  expect(answer.body).toMatch(/^[ -~]{1,300}$/)
  expect(JSON.stringify([answer.fields, answer.body])).not.toMatch(/attacked|node:|\.[jt]s:\d|kid-/)
}

function errorOf({ parameters }: ReadChallenge): string | null {
  return parameters['error'] ?? null
}

function linesOf({ fields }: RawResponse, wanted: string): readonly string[] {
  return fields.filter(([name]) => name === wanted).map(([, value]) => value)
}

function lastReason({ events }: Target): string {
  return String(events.findLast(({ kind }) => kind === 'decided')?.['reason'])
}

/** Which sinks hold a secret; the secret itself stays unsaid. */
function secretsIn(sinks: ReadonlySet<string>, secrets: ReadonlySet<string>): readonly string[] {
  const long = [...secrets].filter((secret) => secret.length >= 8)
  return [...sinks].filter((sink) => long.some((secret) => sink.includes(secret)))
}

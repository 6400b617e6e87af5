import { afterAll, beforeAll, describe, expect } from 'vitest'
import { createGate, type Gate } from '../../../src/gate.js'
import { memoryReplayStore } from '../../../src/lifecycle/replay/memory-replay-store.js'
import type { PrincipalsByName } from '../../../src/policy/route/rule.js'
import { authenticated } from '../../../src/scope/requirement.js'
import { type RawRequest, sendRaw } from '../../../src/testing/send.js'
import { createTestClock } from '../../../src/testing/test-clock.js'
import { createTestIssuer } from '../../../src/testing/test-issuer.js'
import { createTestProver } from '../../../src/testing/test-prover.js'
import { jwtBearer } from '../../../src/verify/jwt-bearer.js'
import { senderConstraint } from '../../../src/verify/sender-constraint.js'
import { readChallenges } from './challenges.js'
import { ADAPTERS, type Served, serveOn } from './serve.js'

const clock = createTestClock()
export const issuer = await createTestIssuer({ clock })
/** The owner of the tokens, and who has stolen them. */
export const owner = await createTestProver({ clock })
export const thief = await createTestProver({ clock })
export const ORIGIN = issuer.audience

/** What an attack ends with: the status, and the schemes that carry an error, with the error. */
export interface Ended {
  readonly status: number
  readonly errors: readonly string[]
}

export const PROOF_REFUSED: Ended = { status: 401, errors: ['DPoP invalid_dpop_proof'] }

/** A token that is bound to the owner's key. */
export function boundToken(): Promise<string> {
  return issuer.token({ claims: { cnf: { jkt: owner.thumbprint } } })
}

export function dpop(token: string, proof: string): RawRequest['fields'] {
  return [
    ['Authorization', `DPoP ${token}`],
    ['DPoP', proof],
  ]
}

/** Runs attacks on a server that takes bound tokens at `/strict`, and plain bearer tokens as well at `/mixed`. */
export function onEveryServer(
  define: (attack: (request: Partial<RawRequest>) => Promise<Ended>) => void,
): void {
  describe.each(ADAPTERS)('on %s', (adapter) => {
    let served: Served
    beforeAll(async () => {
      const strict = guarded(false)
      const rule = { scopes: authenticated() }
      served = await serveOn(adapter, {
        routes: [
          { path: '/strict', gate: strict, rule },
          { path: '/mixed', gate: guarded(true), rule },
        ],
        vault: { gate: strict, rule },
        body: () => ({}),
      })
    })
    afterAll(() => served.close())
    define(async (request) => {
      const whole = { method: 'GET', path: '/strict', fields: [], ...request }
      const { status, fields } = await sendRaw(served.origin, whole)
      const lines = fields.filter(([name]) => name === 'www-authenticate')
      const errors = readChallenges(lines.map(([, value]) => value)).flatMap(
        ({ scheme, parameters: { error } }) => (error === undefined ? [] : [`${scheme} ${error}`]),
      )
      return { status, errors }
    })
  })
}

/** The control of each attack: what the owner sends is let in. */
export async function expectLetIn(
  attack: (request: Partial<RawRequest>) => Promise<Ended>,
  path = '/strict',
): Promise<void> {
  const token = await boundToken()
  const proof = await owner.proof({ url: ORIGIN + path, token })
  expect(await attack({ path, fields: dpop(token, proof) })).toEqual({ status: 200, errors: [] })
}

function guarded(acceptUnbound: boolean): Gate<never, PrincipalsByName> {
  const constraint = senderConstraint({ dpop: { replay: memoryReplayStore() }, acceptUnbound })
  return createGate<PrincipalsByName, never>({
    resource: ORIGIN,
    clock,
    verifiers: { user: jwtBearer({ ...issuer.trust, senderConstraint: constraint }) },
  })
}

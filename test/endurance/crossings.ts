import { createGate } from '../../src/gate.js'
import { createOpaqueToken, type OpaqueTokenRecord } from '../../src/lifecycle/opaque-token.js'
import { authenticated } from '../../src/scope/requirement.js'
import { createTestClock } from '../../src/testing/test-clock.js'
import { jwtBearer } from '../../src/verify/jwt-bearer.js'
import { opaqueBearer } from '../../src/verify/opaque-bearer.js'
import { createSigner } from '../attacks/support/signer.js'
import { createRandom, type Random } from '../fuzz/random.js'
import { aView } from '../support/views.js'

const CLIENTS = 200
const UNDER_WAY = 200

/**
 * How often somebody got another's identity, among this many requests of 200 clients at one gate: half of them behind a
 * store that answers whenever it likes, half with signed tokens.
 */
export async function identityCrossings(requests: number, seed: number): Promise<number> {
  const random = createRandom(seed)
  const clock = createTestClock()
  const records = new Map<string, OpaqueTokenRecord>()
  const issuing = { issuer: 'https://id.example.com', audience: 'https://api.example.com' }
  const signer = createSigner('HS256', { ...issuing, now: clock.now })
  const gate = createGate({
    resource: issuing.audience,
    clock,
    verifiers: {
      signed: jwtBearer({ ...issuing, algorithms: ['HS256'], keys: { keys: [signer.jwk] } }),
      stored: opaqueBearer({
        store: { find: (hash) => whenever(random, () => records.get(hash) ?? null) },
      }),
    },
  })
  const guard = gate.guard({ scopes: authenticated() })
  const clients = Array.from({ length: CLIENTS }, (_, index) => {
    const subject = `client-${index}`
    if (index % 2 === 0) {
      return { subject, token: signer.token({ payload: { ...signer.claims(), sub: subject } }) }
    }
    const { token, hash } = createOpaqueToken()
    const expiresAt = clock.now() + 3_600
    records.set(hash, { hash, kind: 'user', subject, scopes: [], expiresAt })
    return { subject, token: token.reveal() }
  })

  let crossings = 0
  let asked = 0
  const ask = async (): Promise<void> => {
    while (asked < requests) {
      asked += 1
      const { subject, token } = random.pick(clients)
      const view = aView({ fields: { authorization: `Bearer ${token}`, host: 'localhost' } })
      const outcome = await guard.decide(view, undefined)
      if (outcome.kind !== 'granted' || outcome.principal.subject !== subject) crossings += 1
    }
  }
  await Promise.all(Array.from({ length: UNDER_WAY }, ask))
  return crossings
}

/** At once, in a moment, or in some turns of the loop. */
function whenever<Value>(random: Random, value: () => Value): Value | Promise<Value> {
  switch (random.below(3)) {
    case 0:
      return value()
    case 1:
      return Promise.resolve().then(value)
    default:
      return new Promise((resolve) => setImmediate(() => resolve(value())))
  }
}

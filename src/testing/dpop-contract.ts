import { createGate, type Gate } from '../gate.js'
import { createOpaqueToken, hashOpaqueToken } from '../lifecycle/opaque-token.js'
import { memoryReplayStore } from '../lifecycle/replay/memory-replay-store.js'
import type { Granted } from '../outcome/outcome.js'
import type { PrincipalsByName } from '../policy/route/rule.js'
import { defineScopes } from '../scope/define-scopes.js'
import { authenticated } from '../scope/requirement.js'
import { jwtBearer } from '../verify/jwt-bearer.js'
import { opaqueBearer } from '../verify/opaque-bearer.js'
import { senderConstraint } from '../verify/sender-constraint.js'
import type { ContractApplication, ContractCase, ContractRoute } from './adapter-contract.js'
import { dpopCases } from './contract/dpop.js'
import type { DpopFixture } from './contract/dpop-fixture.js'
import { sendRaw } from './send.js'
import { createTestClock } from './test-clock.js'
import { createTestIssuer } from './test-issuer.js'
import { createTestProver } from './test-prover.js'

/**
 * The part of every adapter's contract that is about DPoP, served and run as the rest is, by an application of its own.
 *
 * @see RFC 9449 section 7
 */
export async function createDpopContract(): Promise<{
  readonly application: ContractApplication
  readonly cases: readonly ContractCase[]
}> {
  const { gate, ...fixture } = await createFixture()
  const cases = dpopCases().map(
    ({ name, judge }): ContractCase => ({
      name,
      run: (origin) => judge({ ...fixture, origin, send: (request) => sendRaw(origin, request) }),
    }),
  )
  return { application: applicationOf(gate), cases }
}

async function createFixture(): Promise<
  Omit<DpopFixture, 'origin' | 'send'> & { readonly gate: Gate }
> {
  const clock = createTestClock()
  const [issuer, prover, thief] = [
    await createTestIssuer({ clock }),
    await createTestProver({ clock }),
    await createTestProver({ clock }),
  ]
  const opaque = createOpaqueToken()
  const store = {
    find: (hash: string) =>
      hash === hashOpaqueToken(opaque.token.reveal())
        ? {
            hash,
            kind: 'user' as const,
            subject: 'bob',
            scopes: [],
            expiresAt: clock.now() + 600,
            cnf: { jkt: prover.thumbprint },
          }
        : null,
  }
  const gate = createGate<PrincipalsByName, string>({
    resource: issuer.audience,
    clock,
    scopes: defineScopes({ resources: { things: ['read'] } }),
    verifiers: {
      either: jwtBearer({
        ...issuer.trust,
        senderConstraint: senderConstraint({
          dpop: { replay: memoryReplayStore() },
          acceptUnbound: true,
        }),
      }),
      fresh: opaqueBearer({
        store,
        senderConstraint: senderConstraint({
          dpop: { replay: memoryReplayStore(), nonces: { step: 60 } },
        }),
      }),
    },
  })
  return { gate, clock, issuer, prover, thief, opaqueToken: opaque.token.reveal() }
}

function applicationOf(gate: Gate): ContractApplication {
  const body = ({ principal }: Granted) =>
    'subject' in principal ? { subject: principal.subject } : {}
  const route = (
    method: ContractRoute['method'],
    path: string,
    rule: ContractRoute['rule'],
  ): ContractRoute => ({ method, path, rule, body })
  return {
    gate,
    routes: [
      route('GET', '/either', { accept: 'either', scopes: authenticated() }),
      route('POST', '/either', { accept: 'either', scopes: authenticated() }),
      route('GET', '/things', { accept: 'either', scopes: 'things:read' }),
      route('GET', '/fresh', { accept: 'fresh', scopes: authenticated() }),
    ],
    bareRoutes: [],
    onBareHandler: () => {},
  }
}

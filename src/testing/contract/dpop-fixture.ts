import type { RawRequest, RawResponse } from '../send.js'
import type { TestClock } from '../test-clock.js'
import type { TestIssuer } from '../test-issuer.js'
import type { TestProver } from '../test-prover.js'

/** What a case about DPoP works with. */
export interface DpopFixture {
  readonly clock: TestClock
  readonly issuer: TestIssuer
  /** Whose key the tokens are bound to. */
  readonly prover: TestProver
  readonly thief: TestProver
  /** Bound to the same key; its route asks for nonces that change each minute. */
  readonly opaqueToken: string
  /** Where the server is, which is not the URL that it is known by. */
  readonly origin: string
  send(request: RawRequest): Promise<RawResponse>
}

/** A sentence about behaviour and the judgement of it; the judgement rejects if the sentence is not true. */
export interface DpopCase {
  readonly name: string
  judge(fixture: DpopFixture): Promise<void>
}

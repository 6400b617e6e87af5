import type { GateEvent } from '../../outcome/event.js'
import type { TestIssuer } from '../test-issuer.js'

/** The credentials that the cases present, and what the application has seen. */
export interface ContractFixture {
  readonly issuer: TestIssuer
  readonly goodKey: string
  readonly expiredKey: string
  readonly opaqueToken: string
  readonly password: string
  readonly seen: { bareHandlers: number; loads: number; readonly events: GateEvent[] }
}

import { establishApplication, establishUser } from '../principal/establish.js'
import type { Scopes } from '../scope/vocabulary.js'
import type { VerificationContext } from './verifier.js'

/** What a gate hands to its verifiers for one request. */
export function verificationContext(now: number, scopes: Scopes): VerificationContext {
  return { now, scopes, establish: ESTABLISH }
}

const ESTABLISH: VerificationContext['establish'] = Object.freeze({
  user: establishUser,
  application: establishApplication,
})

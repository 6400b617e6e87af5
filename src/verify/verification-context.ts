import type { RequestView } from '../credential/request-view.js'
import { establishApplication, establishUser } from '../principal/establish.js'
import type { Scopes } from '../scope/vocabulary.js'
import type { VerificationContext } from './verifier.js'

/** What a gate hands to its verifiers for one request. */
export function verificationContext(
  { scopes, resource }: { readonly scopes: Scopes; readonly resource: string },
  request: RequestView,
  now: number,
  report: VerificationContext['report'],
): VerificationContext {
  return { now, scopes, request, resource, report, establish: ESTABLISH }
}

const ESTABLISH: VerificationContext['establish'] = Object.freeze({
  user: establishUser,
  application: establishApplication,
})

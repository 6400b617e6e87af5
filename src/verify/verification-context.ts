import { clientCertificateOf } from '../credential/client-certificate.js'
import { clientNetwork } from '../credential/client-network.js'
import type { RequestView } from '../credential/request-view.js'
import type { Transport } from '../credential/transport.js'
import { establishApplication, establishUser } from '../principal/establish.js'
import type { Scopes } from '../scope/vocabulary.js'
import type { VerificationContext } from './verifier.js'

/** What a gate knows that its verifiers may know as well. */
export interface VerificationSetup {
  readonly scopes: Scopes
  readonly resource: string
  readonly transport: Pick<Transport, 'proxy'>
}

/** What a gate hands to its verifiers for one request. */
export function verificationContext(
  setup: VerificationSetup,
  request: RequestView,
  now: number,
  report: VerificationContext['report'],
): VerificationContext {
  const { scopes, resource, transport } = setup
  return {
    now,
    scopes,
    request,
    resource,
    clientCertificate: () => clientCertificateOf(request, transport.proxy),
    clientNetwork: () => clientNetwork(request, transport.proxy),
    report,
    establish: ESTABLISH,
  }
}

const ESTABLISH: VerificationContext['establish'] = Object.freeze({
  user: establishUser,
  application: establishApplication,
})

import { textOf } from '../../src/credential/credential.js'
import { establishApplication, establishUser } from '../../src/principal/establish.js'
import type { ApplicationPrincipal, UserPrincipal } from '../../src/principal/principal.js'
import type { Recognition, Verification, Verifier } from '../../src/verify/verifier.js'

/**
 * A bearer verifier for tests of the gate: the token itself says what becomes of it. `user:alice:a.read` is alice with
 * that scope, `expired` is refused, `down` cannot be judged, `throw` throws.
 */
export function stubBearer(format: 'jwt' | 'opaque' = 'opaque'): Verifier<UserPrincipal> {
  return stub({ kind: 'bearer', format }, 'Bearer')
}

export function stubCookie(name: string): Verifier<UserPrincipal> {
  return stub({ kind: 'cookie', name }, 'Cookie')
}

export function stubApiKey(prefix: string): Verifier<ApplicationPrincipal> {
  return {
    recognises: { kind: 'api-key', field: 'X-API-Key', prefix },
    offer: { scheme: 'ApiKey', parameters: {} },
    async verify(_, { scopes }) {
      const grant = scopes.grant('things:read')
      return {
        kind: 'verified',
        principal: establishApplication({
          issuer: 'stub',
          applicationId: 'robot',
          grant,
          credentialId: 'key',
          expiresAt: null,
        }),
      }
    },
  }
}

function stub(recognises: Recognition, scheme: string): Verifier<UserPrincipal> {
  return {
    recognises,
    offer: { scheme, parameters: {} },
    async verify(credential, { scopes }): Promise<Verification<UserPrincipal>> {
      const [what = '', subject = '', scope = '', time = ''] = textOf(credential)
        .reveal()
        .split('~')
      if (what === 'throw') throw new Error(`secret ${textOf(credential).reveal()}`)
      if (what === 'flood') return { kind: 'throttled', limit: 'source', retryAfterSeconds: 60.2 }
      if (what === 'down')
        return { kind: 'unavailable', reason: 'store_unavailable', retryAfterSeconds: 9 }
      if (what !== 'user') return { kind: 'refused', reason: 'token_unknown' }
      return {
        kind: 'verified',
        principal: establishUser({
          issuer: 'stub',
          subject,
          clientId: null,
          grant: scopes.grant(scope.replace('.', ':')),
          claims: {},
          authentication: { time: time === '' ? null : Number(time), acr: 'silver', amr: [] },
          credentialId: subject,
          expiresAt: null,
        }),
      }
    },
  }
}

import * as z from 'zod/mini'
import type { Attempt } from '../lifecycle/throttle/attempt-keys.js'
import type { AttemptEnd, Throttle } from '../lifecycle/throttle/throttle.js'
import type { IdentifiedPrincipal } from '../principal/principal.js'
import type { Eventual } from '../shared/eventual.js'
import { port } from '../shared/options.js'
import { isNonceRefusal } from './binding-refusal.js'
import type { Verification, VerificationContext } from './verifier.js'

/** Has a credential checked within the limits of a throttle; without a throttle, simply checked. */
export function throttled<Proven extends IdentifiedPrincipal>(
  throttle: Throttle | undefined,
  whose: Omit<Attempt, 'source'>,
  context: VerificationContext,
  check: () => Eventual<Verification<Proven>>,
): Eventual<Verification<Proven>> {
  if (throttle === undefined) return check()
  return throttle.attempt({ ...whose, source: context.clientNetwork() }, check, endOf, (cause) =>
    context.report({ kind: 'throttle_failed', at: context.now, cause }),
  )
}

function endOf(verification: Verification): AttemptEnd {
  switch (verification.kind) {
    case 'verified':
      return 'proven'
    case 'refused':
      // A client that is told a nonce has done nothing wrong, and comes again at once.
      return isNonceRefusal(verification.reason) ? 'unjudged' : 'failed'
    case 'throttled':
    case 'unavailable':
      return 'unjudged'
  }
}

/** The option `throttle`. Not even undefined: one that is misspelt where it comes from would limit nothing. */
export const THROTTLE: z.ZodMiniExactOptional<z.ZodMiniCustom<Throttle>> =
  /* @__PURE__ */ z.exactOptional(port<Throttle>('attempt'))

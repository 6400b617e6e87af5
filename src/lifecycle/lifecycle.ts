import type { JsonObject } from '../shared/json.js'
import { type Codes, codesOf } from './codes.js'
import { deskOf } from './desk.js'
import { type Issuing, issuingOf } from './issuing.js'
import { checkedLifecycleOptions, type LifecycleOptions } from './lifecycle-options.js'
import { type LookingUp, lookingUpOf } from './looking-up.js'
import { type Refreshing, refreshingOf } from './refreshing.js'
import { type Revoking, revokingOf } from './revoking.js'

/**
 * The life of tokens: issue, use, refresh, revoke.
 *
 * What issues returns a union, and never rejects for a store that fails. What revokes rejects with an `UnavailableError`
 * unless it is done: a result could be overlooked, and then a logout that never happened is reported as one.
 */
export interface Lifecycle<Claims extends JsonObject = JsonObject>
  extends Issuing<Claims>,
    Codes<Claims>,
    Refreshing,
    LookingUp,
    Revoking {
  /** Forgets what has long run out. For a job that runs once a day or so. */
  sweep(): Promise<number>
}

/**
 * Makes the lifecycle of one issuer's tokens.
 *
 * Does not authenticate clients or users, does not judge passwords, and does not limit rates.
 *
 * @throws ConfigurationError `option_invalid`, `url_invalid`
 */
export function createLifecycle<Claims extends JsonObject = JsonObject>(
  options: LifecycleOptions<Claims>,
): Lifecycle<Claims> {
  const setup = checkedLifecycleOptions(options)
  const desk = deskOf(setup)
  return Object.freeze({
    ...issuingOf(setup, desk),
    ...codesOf(setup, desk),
    ...refreshingOf(setup, desk),
    ...lookingUpOf(desk),
    ...revokingOf(setup, desk),
    sweep: () => desk.done('sweep', async (now) => setup.store.sweep(now - SWEEP_MARGIN_SECONDS)),
  })
}

/** A clock that is a day ahead for a moment must not make the store forget what was used. */
const SWEEP_MARGIN_SECONDS = 86_400

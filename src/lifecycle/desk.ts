import { UnavailableError } from '../errors.js'
import { readClock } from '../runtime/clock.js'
import type { Eventual } from '../shared/eventual.js'
import type { LifecycleSetup } from './lifecycle-options.js'
import {
  type Performed,
  perform,
  type Steps,
  type StoreUnavailable,
  unavailable,
} from './store/steps.js'

/** Where the operations of a lifecycle are run: the clock is read, the store is asked, failures are told. */
export interface Desk {
  /** Does something that starts now. Never rejects: what throws has failed. */
  handle<Result>(
    operation: string,
    work: (now: number) => Promise<Result | StoreUnavailable>,
  ): Promise<Result | StoreUnavailable>
  /** Performs steps on the store. */
  perform<Result>(steps: Steps<Result>): Promise<Performed<Result>>
  /** As `handle`, for what must not be overlooked: it is done, or this rejects with an UnavailableError. */
  done<Result>(
    operation: string,
    work: (now: number) => Eventual<Result | StoreUnavailable>,
  ): Promise<Result>
}

function isUnavailable(result: unknown): result is StoreUnavailable {
  return (
    typeof result === 'object' &&
    result !== null &&
    'kind' in result &&
    result.kind === 'unavailable'
  )
}

export function deskOf({ store, clock, timeoutMilliseconds, onEvent }: LifecycleSetup): Desk {
  const failed = (operation: string, now: number, failure: StoreUnavailable): StoreUnavailable => {
    onEvent({ kind: 'lifecycle_failed', at: now, operation, cause: failure.cause })
    return failure
  }
  const handle: Desk['handle'] = async (operation, work) => {
    const now = readClock(clock)
    if (Number.isNaN(now))
      return failed(operation, 0, unavailable(new Error('the clock is broken')))
    try {
      const result = await work(now)
      return isUnavailable(result) ? failed(operation, now, result) : result
    } catch (cause) {
      return failed(operation, now, unavailable(cause))
    }
  }
  return {
    handle,
    perform: async (steps) => perform(store, steps, timeoutMilliseconds),
    async done(operation, work) {
      const result = await handle(operation, async (now) => work(now))
      if (isUnavailable(result)) throw new UnavailableError(operation, result.cause)
      return result
    },
  }
}

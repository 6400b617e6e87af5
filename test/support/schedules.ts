import { ask, type Steps, type StoreCall } from '../../src/lifecycle/store/steps.js'
import type { Store } from '../../src/lifecycle/store/store.js'

/** Which of so many things happens next: 0 or more, and less than that. */
export type Choose = (options: number) => number

/** Runs the scenario once for each way in which its choices can be made. Returns how many there were. */
export function everySchedule(run: (choose: Choose) => void): number {
  let prefix: readonly number[] = []
  for (let count = 1; ; count++) {
    const taken: number[] = []
    const widths: number[] = []
    run((options) => {
      const choice = prefix[taken.length] ?? 0
      taken.push(choice)
      widths.push(options)
      return choice
    })
    let last = taken.length - 1
    while (last >= 0 && (taken[last] ?? 0) + 1 >= (widths[last] ?? 0)) last--
    if (last < 0) return count
    prefix = [...taken.slice(0, last), (taken[last] ?? 0) + 1]
  }
}

/** Chooses as a seed says, for what has too many schedules to run them all. */
export function seededChoice(seed: number): Choose {
  let state = seed >>> 0 || 1
  return (options) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % options
  }
}

/** An operation under way, and what to do with its answer, should it come to one. */
export interface Actor {
  readonly steps: Steps<unknown>
  readonly done?: (result: unknown) => void
}

/**
 * Lets the operations take turns at a store that answers at once, one question at a time, in the order that is chosen, until
 * all have ended. Up to so many of them die on the way: before a write, or after it and before they heard of it. Who dies
 * at a question that writes nothing might as well die at the next that does.
 *
 * @param after runs at the start, and whenever something was written or has ended
 */
export function interleave(
  store: Store,
  actors: readonly Actor[],
  { choose, crashes, after }: { choose: Choose; crashes: number; after: () => void },
): void {
  let living = actors.map((actor) => ({ actor, call: next(actor, undefined) })).filter(isWaiting)
  let mayDie = crashes
  after()
  while (living.length > 0) {
    const one = living[choose(living.length)]
    if (one === undefined) throw new Error('no such choice')
    const isWrite = one.call.verb !== 'get' && one.call.verb !== 'list'
    const fate = isWrite && mayDie > 0 ? FATES[choose(FATES.length)] : 'goes on'
    const answer = fate === 'dies before' ? undefined : ask(store, one.call)
    const call = fate === 'goes on' ? next(one.actor, answer) : null
    if (fate !== 'goes on') mayDie -= 1
    living = living.map((each) => (each === one ? { ...one, call } : each)).filter(isWaiting)
    if (isWrite || call === null) after()
  }
}

function next({ steps, done }: Actor, answer: unknown): StoreCall | null {
  const step = steps.next(answer)
  if (!step.done) return step.value
  done?.(step.value)
  return null
}

function isWaiting<Waiting extends { readonly call: StoreCall | null }>(
  waiting: Waiting,
): waiting is Waiting & { readonly call: StoreCall } {
  return waiting.call !== null
}

const FATES = ['goes on', 'dies before', 'dies after'] as const

import * as z from 'zod/mini'
import { monotonicMilliseconds } from '../runtime/clock.js'
import { within } from '../runtime/within.js'
import { type Eventual, isThenable } from '../shared/eventual.js'
import { type StoreUnavailable, unavailable } from './store/steps.js'

/** A store answered, but took more than half of the time that it is given: soon it will be too late, and 503. */
export interface StoreSlowEvent {
  readonly kind: 'store_slow'
  /** Seconds since the epoch. */
  readonly at: number
  readonly milliseconds: number
  readonly timeoutMilliseconds: number
}

/** Who is told of a slow store, and when it was asked. */
export interface StoreWatch {
  /** Seconds since the epoch. */
  readonly now: number
  /** Never throws. */
  report(event: StoreSlowEvent): void
}

/** What became of asking a store for a record. */
export type StoreAnswer<Row> =
  | { readonly kind: 'found'; readonly record: Row }
  | { readonly kind: 'absent' }
  | StoreUnavailable

/**
 * Asks a store for one record and believes nothing: a store that throws, rejects, takes too long, or answers with
 * anything but null and a record of the given shape is unavailable. `undefined` is no answer either: a function that
 * forgot its `return` must not refuse everybody. The record is a copy with the shape's members only.
 *
 * Where it must not show in time whether there is a record, give one to stand in: it is checked in place of none.
 *
 * Answers at once if the store does. An answer that took more than half of the time is reported as slow. Never throws
 * or rejects.
 */
export function askStore<Shape extends z.core.$ZodType>(
  ask: () => unknown,
  shape: Shape,
  timeoutMilliseconds: number,
  { now, report }: StoreWatch,
  standIn: unknown = null,
): Eventual<StoreAnswer<z.core.output<Shape>>> {
  try {
    const given = ask()
    if (!isThenable(given)) return judgeAnswer(given, shape, standIn)
    const start = monotonicMilliseconds()
    return within(timeoutMilliseconds, given).then((waited) => {
      const milliseconds = Math.round(monotonicMilliseconds() - start)
      if (waited.kind === 'timed_out') {
        return unavailable(new Error('The store did not answer.'))
      }
      if (milliseconds * 2 > timeoutMilliseconds) {
        report({ kind: 'store_slow', at: now, milliseconds, timeoutMilliseconds })
      }
      return judgeAnswer(waited.value, shape, standIn)
    }, unavailable)
  } catch (cause) {
    return unavailable(cause)
  }
}

function judgeAnswer<Shape extends z.core.$ZodType>(
  given: unknown,
  shape: Shape,
  standIn: unknown,
): StoreAnswer<z.core.output<Shape>> {
  if (given === null && standIn === null) return { kind: 'absent' }
  const parsed = z.safeParse(shape, given ?? standIn)
  if (given === null) return { kind: 'absent' }
  if (parsed.success) return { kind: 'found', record: parsed.data }
  return unusableRecord(parsed.error.issues[0]?.path.map(String).join('.') ?? '')
}

/** The answer for a record that cannot be right, because of this member; its value stays unsaid. */
export function unusableRecord(member: string): StoreUnavailable {
  const what = member === '' ? 'neither null nor a record' : `a record with an unusable '${member}'`
  return unavailable(new Error(`The store answered with ${what}.`))
}

/** How long a store may take, by default. */
export const STORE_TIMEOUT_MILLISECONDS = 2_000

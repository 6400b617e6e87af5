import * as z from 'zod/mini'
import { within } from '../runtime/within.js'
import type { Verification } from './verifier.js'

/** What became of asking a store for a record. */
export type StoreAnswer<Row> =
  | { readonly kind: 'found'; readonly record: Row }
  | { readonly kind: 'absent' }
  | Unavailable

type Unavailable = Extract<Verification, { readonly kind: 'unavailable' }>

/**
 * Asks a store for one record and believes nothing: a store that throws, rejects, takes too long, or answers with
 * anything but null and a record of the given shape is unavailable. `undefined` is no answer either: a function that
 * forgot its `return` must not refuse everybody. The record is a copy with the shape's members only. Never rejects.
 */
export async function askStore<Shape extends z.core.$ZodType>(
  ask: () => unknown,
  shape: Shape,
  timeoutMilliseconds: number,
): Promise<StoreAnswer<z.core.output<Shape>>> {
  try {
    const given = ask()
    const waited = isThenable(given)
      ? await within(timeoutMilliseconds, given)
      : ({ kind: 'settled', value: given } as const)
    if (waited.kind === 'timed_out') return storeUnavailable(new Error('The store did not answer.'))
    if (waited.value === null) return { kind: 'absent' }
    const parsed = z.safeParse(shape, waited.value)
    if (parsed.success) return { kind: 'found', record: parsed.data }
    return unusableRecord(parsed.error.issues[0]?.path.map(String).join('.') ?? '')
  } catch (cause) {
    return storeUnavailable(cause)
  }
}

/** The answer for a record that cannot be right, because of this member; its value stays unsaid. */
export function unusableRecord(member: string): Unavailable {
  const what = member === '' ? 'neither null nor a record' : `a record with an unusable '${member}'`
  return storeUnavailable(new Error(`The store answered with ${what}.`))
}

function storeUnavailable(cause: unknown): Unavailable {
  return { kind: 'unavailable', reason: 'store_unavailable', cause }
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  )
}

/** How long a store may take, by default. */
export const STORE_TIMEOUT_MILLISECONDS = 2_000

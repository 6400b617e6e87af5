import type { Principal } from '../principal/principal.js'
import { type Eventual, isThenable } from '../shared/eventual.js'

/** What the application said about the very resource. */
export type ResourceJudgement =
  | { readonly kind: 'permitted'; readonly resource: unknown }
  | { readonly kind: 'absent' }
  | { readonly kind: 'denied' }
  | { readonly kind: 'failed'; readonly step: 'load' | 'allow'; readonly cause: unknown }

/** The two callbacks of a rule, with their types erased: the adapter's context in, anything out. */
export interface ResourceRule {
  readonly load?: (context: never) => unknown
  readonly allow?: (principal: never, resource: never, context: never) => unknown
}

/**
 * Loads the resource and asks whether this principal may touch it. Answers at once unless a callback returns a promise.
 *
 * Only `true` permits: a truthy value, a forgotten `return` or an error never opens a door. Without `load` the resource
 * is undefined; without `allow` whoever came this far may. Never throws or rejects.
 */
export function judgeResource(
  rule: ResourceRule,
  principal: Principal,
  context: unknown,
): Eventual<ResourceJudgement> {
  const { load } = rule
  if (load === undefined) return judgeLoaded(rule, principal, undefined, context)
  return attempt(
    'load',
    () => load(context as never), // the adapter's context: `protect` ties its type to the rule's
    (resource) =>
      resource === null || resource === undefined
        ? { kind: 'absent' }
        : judgeLoaded(rule, principal, resource, context),
  )
}

function judgeLoaded(
  { allow }: ResourceRule,
  principal: Principal,
  resource: unknown,
  context: unknown,
): Eventual<ResourceJudgement> {
  if (allow === undefined) return { kind: 'permitted', resource }
  return attempt(
    'allow',
    // The same tie: the rule's principal and resource types come from `accept` and from `load`.
    () => allow(principal as never, resource as never, context as never),
    (allowed) => (allowed === true ? { kind: 'permitted', resource } : { kind: 'denied' }),
  )
}

/** Runs a callback and goes on with its answer; whatever it throws, now or later, is a failure of its step. */
function attempt(
  step: 'load' | 'allow',
  callback: () => unknown,
  next: (answer: unknown) => Eventual<ResourceJudgement>,
): Eventual<ResourceJudgement> {
  const failed = (cause: unknown): ResourceJudgement => ({ kind: 'failed', step, cause })
  try {
    const answer = callback()
    return isThenable(answer) ? Promise.resolve(answer).then(next, failed) : next(answer)
  } catch (cause) {
    return failed(cause)
  }
}

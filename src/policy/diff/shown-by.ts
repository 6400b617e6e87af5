import type { Analysable } from '../analysis/analysable.js'
import type { ReadyPolicy } from '../ready-policy.js'
import { effectOf, isSameAnswer } from './compare-decisions.js'
import { compared } from './decide-example.js'
import type { ComparedDecision, ExampleRequest, PolicyDifference } from './difference.js'

/** Both policies, as they were given and as they decide. */
export interface Pair {
  readonly before: { readonly policy: Analysable; readonly ready: ReadyPolicy }
  readonly after: { readonly policy: Analysable; readonly ready: ReadyPolicy }
}

/**
 * What both policies decide of an example, if they differ on it.
 *
 * @param roles those to try alone; null is none at all
 */
export function shownBy(
  pair: Pair,
  example: ExampleRequest,
  roles: readonly (string | null)[],
): readonly PolicyDifference[] {
  const [before, after] = both(pair, example)
  const { action, type } = example
  // INVARIANT: a case that differs comes with a request that does. If it ever did not, saying nothing would be wrong.
  if (isSameAnswer(before, after)) return [{ kind: 'not_proved', action, type }]
  const alike = roles.filter((role) => {
    const [one, other] = both(pair, { ...example, roles: role === null ? [] : [role] })
    return isSameAnswer(one, before) && isSameAnswer(other, after)
  })
  const effect = effectOf(before, after)
  return [{ kind: 'difference', action, type, effect, roles: alike, example, before, after }]
}

function both(pair: Pair, example: ExampleRequest): readonly [ComparedDecision, ComparedDecision] {
  return [
    compared(pair.before.policy, pair.before.ready, example),
    compared(pair.after.policy, pair.after.ready, example),
  ]
}

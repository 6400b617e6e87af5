import { type Analysable, readyOf } from '../analysis/analysable.js'
import { caseAsker, decideCase } from '../analysis/cases/decide-case.js'
import type { PolicyDecision } from '../decision.js'
import { decideFields } from '../fields.js'
import type { ReadyPolicy } from '../ready-policy.js'
import type { ComparedDecision, ExampleRequest } from './difference.js'

/**
 * What a policy decides of an example: by the code of `decide`, with relations and predicates that answer as the example
 * assumes. So a difference can be seen with one's own eyes: `decideExample(before, one.example)`.
 */
export function decideExample(policy: Analysable, example: ExampleRequest): PolicyDecision {
  return compared(policy, readyOf(policy), example).decision
}

/** The decision with its fields. */
export function compared(
  { scopes }: Pick<Analysable, 'scopes'>,
  ready: ReadyPolicy,
  example: ExampleRequest,
): ComparedDecision {
  const grant = example.grant === 'undelegated' ? example.grant : scopes.grant(example.grant)
  const decision = decideCase(ready, example, example, grant)
  if (decision.kind !== 'permitted') return { decision, fields: null }
  const { policy, asker } = caseAsker(ready, example, grant)
  const allowed = decideFields(policy, asker, { ...example })
  // INVARIANT: nothing of an example is pending, so nothing is waited for.
  const isTold = !(allowed instanceof Promise) && allowed.kind === 'permitted'
  return { decision, fields: isTold ? allowed.fields : null }
}

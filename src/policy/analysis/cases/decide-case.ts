import type { Grant } from '../../../scope/grant.js'
import { type Asker, askerOf } from '../../asker.js'
import type { Truth } from '../../condition/truth.js'
import { decide } from '../../decide.js'
import type { PolicyDecision } from '../../decision.js'
import type { ReadyPolicy } from '../../ready-policy.js'
import { AssumedRelations, type Assumptions, withPredicates } from './assumptions.js'

/**
 * What `decide` decides of assumptions: by its own code, only that relations and predicates answer as assumed.
 *
 * @param grant of the policy's own vocabulary
 */
export function decideCase(
  ready: ReadyPolicy,
  assumed: Assumptions,
  question: { readonly action: string; readonly type: string },
  grant: Grant | 'undelegated' = 'undelegated',
): PolicyDecision {
  const { policy, asker } = caseAsker(ready, assumed, grant)
  const decision = decide(policy, asker, { ...question, resource: assumed.resource })
  // INVARIANT: no assumed relation is pending, so nothing is waited for.
  if (decision instanceof Promise)
    return { kind: 'unavailable', cause: undefined, version: ready.version }
  return decision
}

/** Who asks in a case, and the policy with predicates that answer as assumed. */
export function caseAsker(
  ready: ReadyPolicy,
  assumed: Assumptions,
  grant: Grant | 'undelegated',
): { readonly policy: ReadyPolicy; readonly asker: Asker } {
  const policy = withPredicates(ready, assumed.predicates)
  const principal = { ...assumed.principal, roles: assumed.roles }
  const { roles } = askerOf(policy, { principal, grant })
  const answers = new Map<string, Truth>(Object.entries(assumed.relations))
  const asker: Asker = {
    principal,
    grant,
    context: assumed.context,
    roles,
    loads: new AssumedRelations(answers),
  }
  return { policy, asker }
}

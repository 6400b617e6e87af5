import { isThenable } from '../shared/eventual.js'
import type { Asker } from './asker.js'
import type { CompiledType } from './compile-policy.js'
import { attributeOf } from './condition/attributes.js'
import { kindTest, type Situation } from './condition/compile-condition.js'
import { type Truth, truthOf } from './condition/truth.js'
import { type GrantedDetails, judgeDetail } from './detail/details.js'
import type { ReadyPolicy } from './ready-policy.js'
import type { RelationPair } from './relation/relation.js'

/**
 * What tests are asked of.
 *
 * @param related what is known of a relation. Default: what was loaded; the rest is put on the list of what to load.
 */
export function situationOf(
  { model }: ReadyPolicy,
  asker: Asker,
  type: CompiledType,
  resource: unknown,
  related: Related = (relation, pair) => asker.loads.related(relation, pair),
): Situation {
  // Its loads are made when they are first asked for; most decisions never do.
  const { principal, context, details, roles } = asker
  return {
    principal,
    resource,
    context,
    roles,
    related(name) {
      const relation = model.relations.get(name)
      if (relation === undefined) return 'failed'
      const ours = attributeOf(principal, relation.principal)
      const theirs = attributeOf(resource, relation.resource)
      // What a comparison would not take is no key either: not NaN, and no text outside of an enumeration.
      const isKey =
        kindTest(model.principal.get(relation.principal))(ours) &&
        kindTest(type.model.attributes.get(relation.resource))(theirs)
      // Both are of the declared kinds, which are no lists.
      return isKey
        ? related(name, { principal: ours as string, resource: theirs as string })
        : 'missing'
    },
    holds(name) {
      // The function gets what the caller gave; `PolicyPrincipal` and `PolicyContext` say what that is.
      const answer: unknown = model.predicates.get(name)?.({
        principal: principal as Readonly<Record<string, unknown>>,
        resource,
        context: context as Readonly<Record<string, unknown>>,
      })
      if (answer === true) return 'true'
      if (answer === false) return 'false'
      // Nobody waits for a promise here, so nobody would hear of its failure: unheard, it ends the process.
      if (isThenable(answer)) Promise.resolve(answer).catch(() => undefined)
      return 'missing'
    },
    detailed(name, asked) {
      // Nobody has said what was granted: that must neither allow anything nor lift what denies.
      if (details === undefined || details.problem !== null) return 'missing'
      const judgement = judgeDetail(model.details.get(name), details, asked)
      // What it threw is told where all parts are guarded.
      if (judgement.kind === 'failed') throw judgement.cause
      if (judgement.kind === 'malformed') return 'missing'
      // One that could not be read may be the very one that a rule denies something to.
      if (judgement.kind === 'not_covered' && details.ignored.some(isUnread)) return 'missing'
      return truthOf(judgement.kind === 'covered')
    },
    failed(cause) {
      asker.loads.cause ??= cause
    },
  }
}

/** What is known of a relation of two values. */
export type Related = (relation: string, pair: RelationPair) => Truth

/** Whether a detail may be of a type that rules ask for: one of an API's other types is not. */
function isUnread({ reason }: GrantedDetails['ignored'][number]): boolean {
  return reason !== 'type_unknown'
}

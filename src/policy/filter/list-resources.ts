import { type Asker, tenantOf } from '../asker.js'
import type { CompiledAction, CompiledType } from '../compile-policy.js'
import type { Scalar } from '../condition/condition.js'
import { hasRole } from '../decide.js'
import type { Question, ReadyPolicy } from '../ready-policy.js'
import { assertListable } from './assert-listable.js'
import { every, some } from './combine.js'
import type { Filter, RowFilter } from './filter.js'
import { NEVER, type Part, valueSet } from './part.js'
import { columnOf, type Known, relatingValue, residualOf } from './residual.js'
import { relationsIn, whereOf } from './where-of.js'

/**
 * Decides about all resources of a type at once. The same steps as in `decide`: the scope, the tenant, the roles, what
 * denies, what allows.
 *
 * A relation is asked for its list only if it can still make a difference once everything else is known.
 *
 * @throws ConfigurationError (as a rejection) `policy_not_listable`, whoever asks
 */
export async function listResources(
  policy: ReadyPolicy,
  asker: Asker,
  { type: name, action }: Omit<Question, 'resource'>,
): Promise<Filter> {
  const { version } = policy
  const type = policy.compiled.get(name)
  const rules = type?.actions.get(action)
  if (rules !== undefined) {
    for (const effect of EFFECTS) assertListable(policy.model, rules[effect], name, action)
  }
  if (asker.grant !== 'undelegated' && !policy.covers(asker.grant, action)) {
    return { kind: 'scope', missing: [action], version }
  }
  if (type === undefined || rules === undefined) return { kind: 'none', version }
  try {
    const known = knownOf(policy, asker, type)
    const lists = new Map<string, readonly unknown[] | null>()
    const listed = (relation: string) => lists.get(relation) ?? undefined
    for (;;) {
      const part = permitted(type, rules, action, { ...known, listed })
      const wanted = relationsIn(part)
      if (wanted.size === 0) return filterOf(part, type, version)
      // A list may bring back another relation, which the first one had made superfluous while it was not known.
      const unasked = [...wanted].filter((relation) => !lists.has(relation))
      // One that failed may not matter any more, beside what the others said; here it does.
      if (unasked.length === 0) return { kind: 'unavailable', cause: asker.loads.cause, version }
      await addLists(lists, asker, unasked, known)
    }
  } catch (cause) {
    // A getter of the principal or the context.
    return { kind: 'unavailable', cause, version }
  }
}

/** Which rows `decide` permits. */
function permitted(
  { model: type }: CompiledType,
  { allows, denies }: CompiledAction,
  action: string,
  known: Known,
): Part {
  if (!hasRole(known.model, known.roles, action)) return NEVER
  const parts: Part[] = []
  if (type.tenant !== null) {
    const tenant = tenantOf(known.principal)
    if (tenant === null) return NEVER
    parts.push(valueSet(columnOf(type.tenant, known), [tenant], false))
  }
  parts.push(some(allows.map(({ rule }) => residualOf(rule.when, true, known))))
  for (const { rule } of denies) parts.push(residualOf(rule.when, false, known))
  return every(parts)
}

function knownOf(
  { model }: ReadyPolicy,
  { principal, context, roles }: Asker,
  { model: type }: CompiledType,
): Known {
  return { model, type, principal, context, roles, listed: () => undefined }
}

/** Asks for these, all at once. Null for one that could not be had. */
async function addLists(
  lists: Map<string, readonly unknown[] | null>,
  { loads }: Asker,
  wanted: readonly string[],
  known: Known,
): Promise<void> {
  await Promise.all(
    wanted.map(async (name) => {
      // One without a value is not wanted: it is unknown of every row.
      lists.set(name, await loads.list(name, relatingValue(name, known) as Scalar))
    }),
  )
}

function filterOf(part: Part, { model: type }: CompiledType, version: string): RowFilter {
  const where = whereOf(part)
  if (typeof where === 'boolean') return { kind: where ? 'all' : 'none', version }
  return { kind: 'where', where, attributes: Object.freeze([...type.attributes.keys()]), version }
}

const EFFECTS = ['denies', 'allows'] as const

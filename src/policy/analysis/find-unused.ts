import type { Requirement } from '../../scope/requirement.js'
import { unreachable } from '../../shared/result.js'
import type { AttributeOwner } from '../condition/condition.js'
import { atomsOf, attributesIn } from '../condition/operands.js'
import type { PolicyModel } from '../definition/policy-model.js'
import type { Analysable } from './analysable.js'
import type { AnalysedRoute } from './analysed-route.js'
import type { FindingAbout } from './finding.js'

/** What is declared, and nobody asks for. */
export function findUnused(
  { model, scopes }: Analysable,
  routes: readonly AnalysedRoute[],
): readonly FindingAbout[] {
  const rules = [...model.rules, ...model.fieldRules]
  const atoms = rules.flatMap(({ when }) => atomsOf(when))
  const named = (kind: 'role' | 'relation' | 'predicate'): ReadonlySet<string> =>
    new Set(atoms.flatMap((atom) => (atom.kind === kind ? [atom.name] : [])))
  const allowed = new Set(
    model.rules.filter(({ effect }) => effect === 'allow').flatMap(({ actions }) => actions),
  )
  const asked = named('role')
  const found: FindingAbout[] = []
  for (const [role, { includes, covered }] of model.roles ?? []) {
    const isOfUse =
      [...covered].some((one) => allowed.has(one)) || [...includes].some((one) => asked.has(one))
    if (!isOfUse) found.push({ kind: 'role_unused', role })
  }
  for (const type of model.types.keys()) {
    if (!rules.some((rule) => rule.type === type)) found.push({ kind: 'type_unused', type })
  }
  const [relations, predicates] = [named('relation'), named('predicate')]
  for (const relation of model.relations.keys()) {
    if (!relations.has(relation)) found.push({ kind: 'relation_unused', relation })
  }
  for (const predicate of model.predicates.keys()) {
    if (!predicates.has(predicate)) found.push({ kind: 'predicate_unused', predicate })
  }
  const attributes = usedAttributes(model)
  for (const [path, isReserved] of declaredAttributes(model)) {
    if (!isReserved && !attributes.has(path))
      found.push({ kind: 'attribute_unused', attribute: path })
  }
  const grants = new Set([...(model.roles?.values() ?? [])].flatMap((role) => role.grants))
  for (const action of grants) {
    if (
      model.actions.has(action) &&
      !allowed.has(action) &&
      !rules.some((one) => one.actions.includes(action))
    ) {
      found.push({ kind: 'action_never_allowed', action, type: null })
    }
  }
  const needed = new Set([
    ...rules.flatMap(({ actions }) => actions),
    ...[...model.types.values()].flatMap(({ conceal }) => (conceal === null ? [] : [conceal])),
    ...routes.flatMap(({ requirement, rule }) => [
      ...(requirement === null ? [] : scopesIn(requirement)),
      ...(rule?.question ? [rule.question.action] : []),
    ]),
  ])
  for (const scope of scopes.names) {
    const { covered } = scopes.grant(scope)
    if (![scope, ...covered].some((one) => needed.has(one)))
      found.push({ kind: 'scope_unused', scope })
  }
  return found
}

/** `post.state` of a type, `principal.id`, `context.country`; true for those that are always there. */
function declaredAttributes(model: PolicyModel): readonly (readonly [string, boolean])[] {
  return [
    ...[...model.principal.keys()].map((name) => [`principal.${name}`, name === 'tenant'] as const),
    ...[...model.context.keys()].map((name) => [`context.${name}`, name === 'now'] as const),
    ...[...model.types.values()].flatMap((type) =>
      [...type.attributes.keys()].map((name) => [`${type.name}.${name}`, false] as const),
    ),
  ]
}

function usedAttributes(model: PolicyModel): ReadonlySet<string> {
  const used = new Set<string>()
  const use = (type: string, of: AttributeOwner, name: string): void => {
    used.add(`${of === 'resource' ? type : of}.${name}`)
  }
  for (const rule of [...model.rules, ...model.fieldRules]) {
    for (const { of, name } of atomsOf(rule.when).flatMap(attributesIn)) use(rule.type, of, name)
    if (rule.effect === 'fields') for (const name of rule.fields) use(rule.type, 'resource', name)
  }
  for (const { type, principal, resource } of model.relations.values()) {
    use(type, 'principal', principal)
    use(type, 'resource', resource)
  }
  for (const { name, tenant } of model.types.values()) {
    if (tenant !== null) use(name, 'resource', tenant)
  }
  return used
}

function scopesIn(requirement: Requirement): readonly string[] {
  switch (requirement.kind) {
    case 'authenticated':
      return []
    case 'scope':
      return [requirement.name]
    case 'allOf':
    case 'anyOf':
      return requirement.parts.flatMap(scopesIn)
    default:
      return unreachable(requirement)
  }
}

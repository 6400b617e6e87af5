import type { CheckedAttribute } from '../condition/attributes.js'
import { atomsOf, attributesIn } from '../condition/operands.js'
import type { PolicyModel } from '../definition/policy-model.js'

/**
 * Whether two policies say the same of one action on one type, word by word but for the names of rules: then nothing has to
 * be proved, however many cases there are.
 */
export function decidesAlike(
  before: PolicyModel,
  after: PolicyModel,
  type: string,
  action: string,
): boolean {
  return wordsOf(before, type, action) === wordsOf(after, type, action)
}

function wordsOf(model: PolicyModel, typeName: string, action: string): string {
  const type = model.types.get(typeName)
  if (type === undefined || !model.actions.has(action)) return 'nothing'
  const actions = [action, ...(type.conceal === null ? [] : [type.conceal])]
  const about = actions.map((one) =>
    [...model.rules, ...model.fieldRules].filter(
      (rule) => rule.type === typeName && rule.actions.includes(one),
    ),
  )
  const words = about.map((rules) =>
    rules
      .map((rule) =>
        JSON.stringify([rule.effect, rule.when, rule.effect === 'fields' ? rule.fields : null]),
      )
      .sort(),
  )
  const tables = { resource: type.attributes, principal: model.principal, context: model.context }
  const atoms = about.flat().flatMap(({ when }) => atomsOf(when))
  const kinds = atoms
    .flatMap(attributesIn)
    .map(({ of, name }) => [of, name, kindOf(tables[of].get(name))])
  const relations = atoms.flatMap((atom) => {
    const relation = atom.kind === 'relation' ? model.relations.get(atom.name) : undefined
    if (relation === undefined) return []
    const { principal, resource } = relation
    return [
      [
        principal,
        kindOf(model.principal.get(principal)),
        resource,
        kindOf(type.attributes.get(resource)),
      ],
    ]
  })
  const asked = new Set(atoms.flatMap((atom) => (atom.kind === 'role' ? [atom.name] : [])))
  const roles = [...(model.roles ?? [])]
    .map(([name, { covered, includes }]) => [
      name,
      actions.filter((one) => covered.has(one)),
      [...includes].filter((one) => asked.has(one)).sort(),
    ])
    .sort(([one], [other]) => (String(one) < String(other) ? -1 : 1))
  const isRestricted = about[0]?.some(({ effect }) => effect === 'fields') === true
  return JSON.stringify([
    words,
    isRestricted ? null : [...type.attributes.keys()].sort(),
    kinds,
    relations,
    model.roles === null ? null : roles,
    type.conceal,
    type.tenant,
    type.tenant === null ? null : kindOf(type.attributes.get(type.tenant)),
  ])
}

function kindOf(attribute: CheckedAttribute | undefined): unknown {
  return [attribute?.kind, attribute?.members == null ? null : [...attribute.members].sort()]
}

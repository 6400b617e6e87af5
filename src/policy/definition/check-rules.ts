import { ConfigurationError } from '../../errors.js'
import { ownMembers } from '../../shared/own-members.js'
import { printableMessage } from '../../shared/printable.js'
import { checkCondition } from '../condition/check-condition.js'
import { textList } from './check-roles.js'
import type { FieldRule, PolicyRule } from './policy-definition.js'
import type { PolicyModel, TypeModel } from './policy-model.js'

/**
 * Checks the rules of a policy against what it declares, and copies them, frozen and sorted by name.
 *
 * @throws ConfigurationError `policy_invalid` with the rule's name
 */
export function checkRules(
  rules: unknown,
  declared: Omit<PolicyModel, 'rules' | 'fieldRules'>,
): Pick<PolicyModel, 'rules' | 'fieldRules'> {
  if (!Array.isArray(rules)) throw invalid('rules must be a list, or a function that returns one.')
  const checked = Array.from(rules, (rule: unknown) => checkRule(rule, declared))
  checked.sort((one, other) => (one.name < other.name ? -1 : 1))
  checked.forEach((rule, index) => {
    if (rule.name === checked[index + 1]?.name) throw invalid(`two rules are named '${rule.name}'.`)
  })
  return {
    rules: Object.freeze(checked.filter((rule) => rule.effect !== 'fields')),
    fieldRules: Object.freeze(checked.filter((rule) => rule.effect === 'fields')),
  }
}

function checkRule(
  rule: unknown,
  declared: Omit<PolicyModel, 'rules' | 'fieldRules'>,
): PolicyRule | FieldRule {
  const members = ownMembers('definePolicy: a rule', rule)
  const name = members.get('name')
  if (typeof name !== 'string' || name === '') throw invalid('a rule needs a name.')
  const where = `rule '${name}'`
  const effect = members.get('effect')
  if (effect !== 'allow' && effect !== 'deny' && effect !== 'fields') {
    throw invalid(`${where}: its effect must be allow, deny or fields.`)
  }
  for (const member of members.keys()) {
    if (!MEMBERS.has(member) && !(effect === 'fields' && member === 'fields')) {
      throw invalid(`${where} has a member '${member}'.`)
    }
  }
  const typeName = members.get('type')
  if (typeof typeName !== 'string') throw invalid(`${where}: its type must be a text.`)
  const type = declared.types.get(typeName)
  if (type === undefined) throw invalid(`${where}: there is no type '${typeName}'.`)
  const base = {
    name,
    type: type.name,
    actions: Object.freeze(checkActions(where, members.get('actions'), declared.actions)),
    when: checkCondition(`definePolicy: ${where}`, members.get('when'), {
      attributes: {
        resource: type.attributes,
        principal: declared.principal,
        context: declared.context,
      },
      roles: new Set(declared.roles?.keys()),
      relations: namesFor(declared, type),
      predicates: new Set(declared.predicates.keys()),
      details: declared.details,
    }),
  }
  if (effect !== 'fields') return Object.freeze({ effect, ...base })
  const fields = checkFields(where, members.get('fields'), type)
  return Object.freeze({ effect, ...base, fields: Object.freeze(fields) })
}

function checkActions(where: string, value: unknown, known: ReadonlySet<string>): string[] {
  const actions = textList(`${where}: actions`, value)
  if (actions.length === 0) throw invalid(`${where} names no action.`)
  for (const action of actions) {
    if (!known.has(action)) throw invalid(`${where}: '${action}' is not in the vocabulary.`)
  }
  return [...new Set(actions)].sort()
}

function checkFields(where: string, value: unknown, type: TypeModel): string[] {
  const fields = textList(`${where}: fields`, value)
  for (const field of fields) {
    if (!type.attributes.has(field)) throw invalid(`${where}: ${type.name} has no '${field}'.`)
  }
  return [...new Set(fields)].sort()
}

function namesFor({ relations }: Pick<PolicyModel, 'relations'>, type: TypeModel): Set<string> {
  return new Set([...relations].filter(([, one]) => one.type === type.name).map(([name]) => name))
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError('policy_invalid', printableMessage(`definePolicy: ${message}`))
}

const MEMBERS: ReadonlySet<string> = new Set(['effect', 'name', 'type', 'actions', 'when'])

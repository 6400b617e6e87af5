import { ConfigurationError } from '../../errors.js'
import type { Scopes } from '../../scope/vocabulary.js'
import { frozenMap, frozenSet } from '../../shared/frozen.js'
import { memberOr, ownMember, ownMembers } from '../../shared/own-members.js'
import { printableMessage } from '../../shared/printable.js'
import type { AttributeTable, CheckedAttribute } from '../condition/attributes.js'
import { allOf, anyOf, detailCondition, expressionsOf, not } from '../condition/build-condition.js'
import type { DetailType } from '../detail/define-detail.js'
import { checkRelations } from '../relation/check-relations.js'
import type { Relation } from '../relation/relation.js'
import { checkAttributes } from './check-attributes.js'
import { checkRoles } from './check-roles.js'
import { checkRules } from './check-rules.js'
import type { Predicate } from './policy-definition.js'
import type { PolicyModel, TypeModel } from './policy-model.js'
import { typeRules } from './type-rules.js'

/**
 * Reads the definition of a policy as if nothing were known of its type.
 *
 * @throws ConfigurationError `policy_invalid`, `option_invalid`
 */
export function checkDefinition(scopes: Scopes, definition: unknown): PolicyModel {
  const members = ownMembers('definePolicy: the definition', definition)
  for (const member of members.keys()) {
    if (!MEMBERS.has(member)) throw invalid(`'${member}' is not an option.`)
  }
  const actions = frozenSet(scopes.names)
  const types = checkTypes(members.get('types'), actions)
  const principal = checkAttributes(
    'definePolicy: principal',
    memberOr(members, 'principal', {}),
    TENANT,
  )
  const declared = {
    actions,
    principal,
    context: checkAttributes('definePolicy: context', memberOr(members, 'context', {}), NOW),
    types,
    // There, and undefined, is a mistake like any other: without roles nothing would be restricted by them.
    roles: members.has('roles') ? checkRoles(members.get('roles'), scopes) : null,
    relations: checkRelations(memberOr(members, 'relations', {}), types, principal),
    predicates: checkPredicates(memberOr(members, 'predicates', {})),
    details: members.has('details')
      ? checkDetails(members.get('details'))
      : frozenMap<string, DetailType>([]),
  }
  const given = members.get('rules')
  const rules = typeof given === 'function' ? given(kitFor(declared)) : given
  return Object.freeze({ ...declared, ...checkRules(rules, declared) })
}

function checkTypes(value: unknown, actions: ReadonlySet<string>): ReadonlyMap<string, TypeModel> {
  const types = new Map<string, TypeModel>()
  for (const [name, type] of ownMembers('definePolicy: types', value)) {
    const where = `types['${name}']`
    if (name === '') throw invalid('types: a type needs a name.')
    const members = ownMembers(`definePolicy: ${where}`, type)
    for (const member of members.keys()) {
      if (!TYPE_MEMBERS.has(member)) throw invalid(`${where} has a member '${member}'.`)
    }
    const attributes = checkAttributes(
      `definePolicy: ${where}.attributes`,
      members.get('attributes'),
    )
    // A tenant that is there and null would be no isolation at all, so only what is left out is none.
    const tenant = textOr(members, 'tenant')
    if (tenant !== null && attributes.get(tenant)?.kind !== 'string') {
      throw invalid(`${where}.tenant must name an attribute that is a text.`)
    }
    const conceal = textOr(members, 'conceal')
    if (conceal !== null && !actions.has(conceal)) {
      throw invalid(`${where}.conceal must be a scope of the vocabulary.`)
    }
    types.set(name, Object.freeze({ name, attributes, tenant, conceal }))
  }
  return frozenMap(types)
}

function checkPredicates(value: unknown): ReadonlyMap<string, Predicate> {
  const predicates = new Map<string, Predicate>()
  for (const [name, predicate] of ownMembers('definePolicy: predicates', value)) {
    if (typeof predicate !== 'function') throw invalid(`predicates['${name}'] must be a function.`)
    // What it returns is looked at each time it is asked.
    predicates.set(name, predicate as Predicate)
  }
  return frozenMap(predicates)
}

function checkDetails(value: unknown): ReadonlyMap<string, DetailType> {
  // `defineDetails` has checked the rest; a map of its types is all that is read here.
  const types: unknown = typeof value === 'object' && value !== null ? ownMember(value, 'types') : 0
  if (!(types instanceof Map)) throw invalid('details must come from defineDetails.')
  return types as ReadonlyMap<string, DetailType>
}

/** What a function that builds rules is handed. The names it gives are checked with the rules. */
function kitFor(declared: {
  readonly principal: AttributeTable
  readonly context: AttributeTable
  readonly types: ReadonlyMap<string, TypeModel>
  readonly relations: ReadonlyMap<string, Relation>
}): object {
  const named = (kind: string) => (name: string) => ({ kind, name })
  return Object.freeze({
    on: (type: string) => {
      const known = declared.types.get(type)
      if (known === undefined) throw invalid(`rules: there is no type '${type}'.`)
      return typeRules(known)
    },
    principal: expressionsOf('principal', declared.principal),
    context: expressionsOf('context', declared.context),
    role: named('role'),
    relation: named('relation'),
    predicate: named('predicate'),
    detail: detailCondition,
    allOf,
    anyOf,
    not,
  })
}

/** Null if the member was left out. What is no text comes out as the empty one, which names nothing. */
function textOr(members: ReadonlyMap<string, unknown>, name: string): string | null {
  if (!members.has(name)) return null
  const value = members.get(name)
  return typeof value === 'string' ? value : ''
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError('policy_invalid', printableMessage(`definePolicy: ${message}`))
}

const optional = (kind: 'string' | 'number', name: string): ReadonlyMap<string, CheckedAttribute> =>
  frozenMap([[name, Object.freeze({ kind, members: null, optional: true })]])
const TENANT = optional('string', 'tenant')
const NOW = optional('number', 'now')

const MEMBERS: ReadonlySet<string> = new Set([
  'principal',
  'context',
  'types',
  'roles',
  'relations',
  'predicates',
  'details',
  'rules',
])
const TYPE_MEMBERS: ReadonlySet<string> = new Set(['attributes', 'tenant', 'conceal'])

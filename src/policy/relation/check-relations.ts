import { ConfigurationError } from '../../errors.js'
import { frozenMap } from '../../shared/frozen.js'
import { ownMembers } from '../../shared/own-members.js'
import { printableMessage } from '../../shared/printable.js'
import type { AttributeTable } from '../condition/attributes.js'
import type { TypeModel } from '../definition/policy-model.js'
import type { Relation } from './relation.js'

/** @throws ConfigurationError `policy_invalid` */
export function checkRelations(
  value: unknown,
  types: ReadonlyMap<string, TypeModel>,
  principal: AttributeTable,
): ReadonlyMap<string, Relation> {
  const relations = new Map<string, Relation>()
  for (const [name, relation] of ownMembers('definePolicy: relations', value)) {
    relations.set(name, checkRelation(`relations['${name}']`, relation, types, principal))
  }
  return frozenMap(relations)
}

function checkRelation(
  where: string,
  value: unknown,
  types: ReadonlyMap<string, TypeModel>,
  principal: AttributeTable,
): Relation {
  const members = ownMembers(`definePolicy: ${where}`, value)
  for (const member of members.keys()) {
    if (!MEMBERS.has(member)) throw invalid(`${where} has a member '${member}'.`)
  }
  const [type, ours, theirs] = (['type', 'principal', 'resource'] as const).map((name) => {
    const text = members.get(name)
    if (typeof text === 'string') return text
    throw invalid(`${where}.${name} must be a text.`)
  }) as [string, string, string] // one for each name
  const attributes = types.get(type)?.attributes
  if (attributes === undefined) throw invalid(`${where}: there is no type '${type}'.`)
  for (const [of, table, name] of [
    ['principal', principal, ours],
    ['resource', attributes, theirs],
  ] as const) {
    const kind = table.get(name)?.kind
    if (kind === undefined || kind === 'strings') {
      throw invalid(`${where}.${of} must name an attribute that is no list; '${name}' is not one.`)
    }
  }
  const [load, list] = [members.get('load'), members.get('list')]
  for (const loader of [load, list]) {
    if (loader !== undefined && typeof loader !== 'function') {
      throw invalid(`${where}: load and list must be functions.`)
    }
  }
  if (load === undefined && list === undefined) throw invalid(`${where} needs load or list.`)
  // They are functions, as was checked; what they return is looked at each time they are asked.
  return Object.freeze({
    type,
    principal: ours,
    resource: theirs,
    ...(load === undefined ? {} : { load: load as NonNullable<Relation['load']> }),
    ...(list === undefined ? {} : { list: list as NonNullable<Relation['list']> }),
  })
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError('policy_invalid', printableMessage(`definePolicy: ${message}`))
}

const MEMBERS: ReadonlySet<string> = new Set(['type', 'principal', 'resource', 'load', 'list'])

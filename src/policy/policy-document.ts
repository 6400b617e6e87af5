import { sha256Hex } from '../runtime/sha256.js'
import { definitionTextOf } from '../scope/definition-text.js'
import type { Scopes } from '../scope/vocabulary.js'
import type { AttributeKind, AttributeTable, CheckedAttribute } from './condition/attributes.js'
import type { FieldRule, PolicyRule } from './definition/policy-definition.js'
import type { PolicyModel } from './definition/policy-model.js'

/** A policy as data: what `definePolicy` takes, without functions. Members in the order of code units. */
export interface PolicyDocument {
  readonly principal: Readonly<Record<string, AttributeKind>>
  readonly context: Readonly<Record<string, AttributeKind>>
  readonly types: Readonly<Record<string, DocumentedType>>
  readonly roles?: Readonly<
    Record<string, { readonly extends: readonly string[]; readonly grants: readonly string[] }>
  >
  readonly rules: readonly (PolicyRule | FieldRule)[]
}

interface DocumentedType {
  readonly attributes: Readonly<Record<string, AttributeKind>>
  readonly tenant?: string
  readonly conceal?: string
}

/** Writes a policy down. What was declared in another order, or built by functions, comes out the same. */
export function documentOf(model: PolicyModel): PolicyDocument {
  return {
    principal: attributesOf(model.principal, 'tenant'),
    context: attributesOf(model.context, 'now'),
    types: record(model.types, ({ attributes, tenant, conceal }) => ({
      attributes: attributesOf(attributes),
      ...(tenant === null ? {} : { tenant }),
      ...(conceal === null ? {} : { conceal }),
    })),
    ...(model.roles === null
      ? {}
      : {
          roles: record(model.roles, (role) => ({
            extends: sorted(role.extends),
            grants: sorted(role.grants),
          })),
        }),
    rules: [...model.rules, ...model.fieldRules],
  }
}

/**
 * A hash of everything that decides, but for the code of functions: the document, what roles come to, relations, and the
 * vocabulary, since what a grant covers is up to it.
 */
export function versionOf(model: PolicyModel, scopes: Scopes): string {
  const text = JSON.stringify([
    // Of a stand-in for a vocabulary the names are all there is to see.
    definitionTextOf(scopes) ?? [...model.actions].sort(),
    documentOf(model),
    model.roles === null ? null : record(model.roles, ({ covered }) => [...covered].sort()),
    record(model.relations, ({ type, principal, resource }) => [type, principal, resource]),
    ...(model.details.size === 0
      ? []
      : [record(model.details, ({ asks, fields }) => [attributesOf(asks), sorted([...fields])])]),
  ])
  return sha256Hex(text).slice(0, VERSION_CHARACTERS)
}

function attributesOf(table: AttributeTable, builtIn?: string): Record<string, AttributeKind> {
  return record(new Map([...table].filter(([name]) => name !== builtIn)), kindOf)
}

function kindOf({ kind, members, optional }: CheckedAttribute): AttributeKind {
  if (members !== null) return [...members].sort()
  return optional ? `${kind}?` : kind
}

function sorted(names: readonly string[]): readonly string[] {
  return [...new Set(names)].sort()
}

function record<Value, Written>(
  map: ReadonlyMap<string, Value>,
  write: (value: Value) => Written,
): Record<string, Written> {
  const names = [...map.keys()].sort()
  // Own members whatever their names are: `fromEntries` defines, it does not assign.
  return Object.fromEntries(names.map((name) => [name, write(map.get(name) as Value)]))
}

const VERSION_CHARACTERS = 16

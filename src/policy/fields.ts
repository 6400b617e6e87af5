import { type Eventual, whenReady } from '../shared/eventual.js'
import { type Asker, tenantOf } from './asker.js'
import type { CompiledFields, CompiledType } from './compile-policy.js'
import { attributeOf } from './condition/attributes.js'
import type { Truth } from './condition/truth.js'
import { decide } from './decide.js'
import type { Permitted, PolicyDecision } from './decision.js'
import type { Question, ReadyPolicy } from './ready-policy.js'
import { situationOf } from './situation-of.js'

/** What a policy says of an action and of the attributes it may touch: without a permission there are none to speak of. */
export type FieldsDecision<Name extends string = string> =
  | Exclude<PolicyDecision, Permitted>
  | PermittedFields<Name>

/** The action is permitted, on these attributes. */
export interface PermittedFields<Name extends string = string> extends Permitted {
  /** By code units. May be empty: then the action may touch nothing. */
  readonly fields: readonly Name[]
  /**
   * What may be shown of a resource: its own members among {@link fields}. What its type does not declare is left out as
   * well, also where no rule restricts the action. Nothing of what is no object. Throws what a getter of the resource throws.
   */
  pick<Resource extends object>(
    resource: Resource,
  ): Partial<Pick<Resource, Extract<keyof Resource, Name>>>
  /**
   * What a client has sent and may not write: the names of own members that are none of {@link fields}, by code units, and
   * the type's tenant if it would become another one. Empty if all of it may be written. Does not look at the values
   * otherwise: ask about what the resource would become as well.
   */
  excess(patch: unknown): readonly string[]
}

/**
 * Decides, and says which attributes the action may touch.
 *
 * Where a rule restricts the fields of this action on this type, those of the rules that are true, together; where none
 * does, all that the type declares. A rule that cannot be told for want of an attribute gives none. One that our own side
 * failed to tell makes it unavailable, if it could have given more. Never throws or rejects.
 */
export function decideFields(
  policy: ReadyPolicy,
  asker: Asker,
  question: Question,
): Eventual<FieldsDecision> {
  return whenReady(decide(policy, asker, question), (decision): Eventual<FieldsDecision> => {
    const type = policy.compiled.get(question.type)
    // What is permitted is of a type that there is, so the decision is one of the others.
    if (decision.kind !== 'permitted' || type === undefined) return decision as FieldsDecision
    const rules = type.actions.get(question.action)?.fields ?? []
    if (rules.length === 0) {
      return permittedFields(decision, type, asker, new Set(type.model.attributes.keys()))
    }
    const situation = situationOf(policy, asker, type, question.resource)
    const truths = (): readonly Truth[] => rules.map((rule) => rule.test(situation))
    const first = truths()
    const conclude = (known: readonly Truth[]): FieldsDecision => {
      const fields = givenBy(rules, known, ['true'])
      // What is still pending after it was loaded is another pair each time it is read.
      const more = givenBy(rules, known, ['failed', 'pending'])
      if ([...more].every((name) => fields.has(name))) {
        return permittedFields(decision, type, asker, fields)
      }
      return { kind: 'unavailable', cause: asker.loads.cause, version: policy.version }
    }
    return first.includes('pending')
      ? asker.loads.load().then(() => conclude(truths()))
      : conclude(first)
  })
}

function givenBy(
  rules: readonly CompiledFields[],
  truths: readonly Truth[],
  wanted: readonly Truth[],
): ReadonlySet<string> {
  const isWanted = (index: number): boolean => wanted.includes(truths[index] ?? 'false')
  return new Set(rules.flatMap(({ rule }, index) => (isWanted(index) ? rule.fields : [])))
}

function permittedFields(
  { rule, version }: Permitted,
  { model }: CompiledType,
  { principal }: Asker,
  names: ReadonlySet<string>,
): PermittedFields {
  const fields = Object.freeze([...names].sort())
  return {
    kind: 'permitted',
    rule,
    version,
    fields,
    pick(resource) {
      if (typeof resource !== 'object' || resource === null) return {}
      const members = fields
        .filter((name) => Object.hasOwn(resource, name))
        .map((name) => [name, attributeOf(resource, name)])
      // The names are those of `fields`, which the type calls `Name`.
      return Object.fromEntries(members) as Partial<typeof resource>
    },
    excess(patch) {
      if (patch === null || patch === undefined) return []
      const sent = Object.keys(Object(patch))
      const spare = sent.filter((name) => !names.has(name))
      const { tenant } = model
      if (tenant === null || !names.has(tenant) || !sent.includes(tenant)) return spare.sort()
      const isOwn = attributeOf(patch, tenant) === tenantOf(principal)
      return (isOwn ? spare : [...spare, tenant]).sort()
    },
  }
}

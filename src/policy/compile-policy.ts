import { compileCondition, type Test } from './condition/compile-condition.js'
import type { Permitted } from './decision.js'
import type { FieldRule, PolicyRule } from './definition/policy-definition.js'
import type { PolicyModel, TypeModel } from './definition/policy-model.js'

/** A policy, ready to be asked: for each type and action the rules that speak of it, in two lists. */
export type CompiledPolicy = ReadonlyMap<string, CompiledType>

export interface CompiledType {
  readonly model: TypeModel
  readonly actions: ReadonlyMap<string, CompiledAction>
}

export interface CompiledAction {
  readonly denies: readonly CompiledRule[]
  readonly allows: readonly CompiledRule[]
  readonly fields: readonly CompiledFields[]
}

export interface CompiledRule {
  readonly rule: PolicyRule
  /** Never throws. */
  readonly test: Test
  /** The decision if this rule allows: made once, since it says nothing of the request. */
  readonly permitted: Permitted
}

export interface CompiledFields {
  readonly rule: FieldRule
  readonly test: Test
}

export function compilePolicy(model: PolicyModel, version: string): CompiledPolicy {
  const compiled = new Map<string, CompiledType>()
  for (const type of model.types.values()) {
    const attributes = {
      resource: type.attributes,
      principal: model.principal,
      context: model.context,
    }
    const testOf = (rule: PolicyRule | FieldRule): Test => compileCondition(rule.when, attributes)
    const rules = model.rules
      .filter((rule) => rule.type === type.name)
      .map((rule) => ({ rule, test: testOf(rule), permitted: permittedBy(rule, version) }))
    const fields = model.fieldRules
      .filter((rule) => rule.type === type.name)
      .map((rule) => ({ rule, test: testOf(rule) }))
    const actions = new Map<string, CompiledAction>()
    for (const action of model.actions) {
      const about = <One extends { readonly rule: PolicyRule | FieldRule }>(one: One): boolean =>
        one.rule.actions.includes(action)
      const own = rules.filter(about)
      actions.set(action, {
        denies: own.filter(({ rule }) => rule.effect === 'deny'),
        allows: own.filter(({ rule }) => rule.effect === 'allow'),
        fields: fields.filter(about),
      })
    }
    compiled.set(type.name, { model: type, actions })
  }
  return compiled
}

function permittedBy({ name }: PolicyRule, version: string): Permitted {
  return Object.freeze({ kind: 'permitted', rule: name, version })
}

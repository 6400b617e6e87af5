import { expressionsOf } from '../condition/build-condition.js'
import type { Condition } from '../condition/condition.js'
import type { FieldRule, PolicyRule } from './policy-definition.js'
import type { TypeModel } from './policy-model.js'

type When = Condition | ((resource: object) => Condition)

/** What `on(type)` gives: functions that write rules down. What they say is checked when all rules are there. */
export function typeRules({ name: type, attributes }: TypeModel): object {
  const resource = expressionsOf('resource', attributes)
  const conditionOf = (when: When): Condition =>
    typeof when === 'function' ? when(resource) : when
  const listOf = (actions: string | readonly string[]): readonly string[] =>
    typeof actions === 'string' ? [actions] : actions
  const rule =
    (effect: 'allow' | 'deny') =>
    (name: string, actions: string | readonly string[], when: When = ALWAYS): PolicyRule => ({
      effect,
      name,
      type,
      actions: listOf(actions),
      when: conditionOf(when),
    })
  return Object.freeze({
    allow: rule('allow'),
    deny: rule('deny'),
    fields: (
      name: string,
      actions: string | readonly string[],
      fields: readonly string[],
      when: When = ALWAYS,
    ): FieldRule => ({
      effect: 'fields',
      name,
      type,
      actions: listOf(actions),
      fields,
      when: conditionOf(when),
    }),
  })
}

const ALWAYS: Condition = Object.freeze({ kind: 'always' })

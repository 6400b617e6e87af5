import type { Condition } from '../../../src/policy/condition/condition.js'
import type { PolicyRule } from '../../../src/policy/definition/policy-definition.js'
import type { PlainPolicy } from '../../support/plain-policy.js'
import type { PlainQuestion } from '../../support/policy-interpreter.js'
import { createWorld, type PolicySample } from './law.js'

/** Samples with a little less in them, to find what a failure needs. One that cannot be made throws. */
export function smallerSamples(sample: PolicySample): (() => PolicySample)[] {
  const { world, question, other } = sample
  return [
    ...smallerPolicies(world.plain).map((plain) => () => ({
      ...sample,
      world: createWorld(plain, world.define),
    })),
    ...smallerQuestions(question).map((smaller) => () => ({ ...sample, question: smaller })),
    ...smallerQuestions(other).map((smaller) => () => ({ ...sample, other: smaller })),
  ]
}

function smallerPolicies(plain: PlainPolicy): PlainPolicy[] {
  const { rules, fieldRules } = plain
  return [
    ...rules.map((gone) => ({ ...plain, rules: rules.filter((rule) => rule !== gone) })),
    ...fieldRules.map((gone) => ({
      ...plain,
      fieldRules: fieldRules.filter((rule) => rule !== gone),
    })),
    ...rules.flatMap((rule) =>
      smallerConditions(rule.when).map((when) => ({
        ...plain,
        rules: rules.map((one): PolicyRule => (one === rule ? { ...rule, when } : one)),
      })),
    ),
    ...(plain.roles === null ? [] : [{ ...plain, roles: null }]),
    ...[...plain.types]
      .filter(([, { tenant, conceal }]) => tenant !== null || conceal !== null)
      .map(([name, type]) => ({
        ...plain,
        types: new Map([...plain.types, [name, { ...type, tenant: null, conceal: null }]]),
      })),
  ]
}

function smallerConditions(condition: Condition): readonly Condition[] {
  switch (condition.kind) {
    case 'always':
    case 'never':
      return []
    case 'not':
      return [condition.part, ...smallerConditions(condition.part).map(not)]
    case 'allOf':
    case 'anyOf':
      return [
        ...condition.parts,
        ...condition.parts.flatMap((part, index) =>
          smallerConditions(part).map((smaller) => ({
            ...condition,
            parts: condition.parts.map((one, at) => (at === index ? smaller : one)),
          })),
        ),
      ]
    default:
      return [{ kind: 'always' }, { kind: 'never' }]
  }
}

function not(part: Condition): Condition {
  return { kind: 'not', part }
}

function smallerQuestions(question: PlainQuestion): PlainQuestion[] {
  const without = (object: object): object[] =>
    Object.keys(object).map((gone) =>
      Object.fromEntries(Object.entries(object).filter(([name]) => name !== gone)),
    )
  return [
    ...without(question.principal).map((principal) => ({ ...question, principal })),
    ...without(question.resource ?? {}).map((resource) => ({ ...question, resource })),
    ...without(question.context).map((context) => ({ ...question, context })),
  ]
}

import type { Condition } from '../../../../src/policy/condition/condition.js'
import type { PolicyRule } from '../../../../src/policy/definition/policy-definition.js'
import type { Random } from '../../../fuzz/random.js'
import type { PlainPolicy } from '../../../support/plain-policy.js'
import type { PlainQuestion } from '../../../support/policy-interpreter.js'
import { TEXTS, UNSTORABLE } from './rows.js'

/** The policy with other numbers in half of its comparisons: those at which columns of different types differ. */
export function withOtherNumbers(random: Random, plain: PlainPolicy): PlainPolicy {
  const rules = plain.rules.map(
    (rule): PolicyRule => ({ ...rule, when: otherNumbers(random, rule.when) }),
  )
  return { ...plain, rules }
}

/** The question with other texts and numbers in some attributes of whoever asks. */
export function withOtherValues(random: Random, question: PlainQuestion): PlainQuestion {
  const vary = (object: object): object =>
    Object.fromEntries(
      Object.entries(object).map(([name, value]) => {
        if (name === 'tenant' || !random.chance(0.3)) return [name, value]
        if (typeof value === 'string')
          return [name, random.pick(random.chance(0.2) ? UNSTORABLE : TEXTS)]
        if (Array.isArray(value)) return [name, [...value, random.pick(UNSTORABLE)]]
        return [name, typeof value === 'number' ? random.pick(NUMBERS) : value]
      }),
    )
  return { ...question, principal: vary(question.principal), context: vary(question.context) }
}

/** Numbers have no enumerations, so that any will do where one did. */
function otherNumbers(random: Random, condition: Condition): Condition {
  return JSON.parse(JSON.stringify(condition), (_, value) => {
    return typeof value === 'number' && random.chance(0.5) ? random.pick(NUMBERS) : value
  })
}

const NUMBERS = [
  ...[0, 1, -1, 2, 0.5, -0.5, 1.5, 0.5000000000000001, 2_147_483_647.5, 1e300, Number.MIN_VALUE],
  ...[2 ** 53 - 1, 2 ** 53, 2 ** 53 + 2, -(2 ** 53), 2 ** 63, -(2 ** 63), 2 ** 64],
]

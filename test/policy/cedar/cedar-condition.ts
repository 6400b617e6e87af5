/**
 * Our conditions in Cedar's language, in two ways.
 *
 * Cedar has two truth values and errors: `a || b` is an error if `a` is one, whatever `b` is, and a policy that is an error
 * is left out. Ours has three values (Kleene). So that the two can be compared at all:
 *
 * - *Guarded*: each condition becomes two formulas, one that holds where it is true and one that holds where it is false.
 *   Every attribute is asked for by `has` before it is read, so no formula is ever an error; where neither holds, the
 *   condition is unknown. Only how unknowns combine is spelled out here (the two formulas of a conjunction are a
 *   conjunction and a disjunction). What attributes, comparisons, lists and membership of roles mean, what is permitted
 *   when several rules speak, and that a forbid wins: all of that is Cedar's own evaluation, which shares no line with
 *   ours. That makes it an oracle.
 * - *Plain*: the condition as one would write it in Cedar, with nothing guarded. Where no policy is an error, it must come
 *   to the same decision. Where a forbid is an error, Cedar leaves it out, and we refuse: the one documented difference.
 */
import type { Condition, Operand } from '../../../src/policy/index.js'

/** The two formulas of a guarded condition. */
export interface Guarded {
  readonly isTrue: string
  readonly isFalse: string
}

export function guardedCondition(condition: Condition): Guarded {
  switch (condition.kind) {
    case 'always':
      return { isTrue: 'true', isFalse: 'false' }
    case 'never':
      return { isTrue: 'false', isFalse: 'true' }
    case 'allOf': {
      const parts = condition.parts.map(guardedCondition)
      return {
        isTrue: joined(
          parts.map(({ isTrue }) => isTrue),
          '&&',
        ),
        isFalse: joined(
          parts.map(({ isFalse }) => isFalse),
          '||',
        ),
      }
    }
    case 'anyOf': {
      const parts = condition.parts.map(guardedCondition)
      return {
        isTrue: joined(
          parts.map(({ isTrue }) => isTrue),
          '||',
        ),
        isFalse: joined(
          parts.map(({ isFalse }) => isFalse),
          '&&',
        ),
      }
    }
    case 'not': {
      const { isTrue, isFalse } = guardedCondition(condition.part)
      return { isTrue: isFalse, isFalse: isTrue }
    }
    default: {
      const formula = plainCondition(condition)
      const there = guardsOf(condition)
      return {
        isTrue: joined([...there, formula], '&&'),
        isFalse: joined([...there, `!${formula}`], '&&'),
      }
    }
  }
}

export function plainCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'always':
      return 'true'
    case 'never':
      return 'false'
    case 'allOf':
      return joined(condition.parts.map(plainCondition), '&&')
    case 'anyOf':
      return joined(condition.parts.map(plainCondition), '||')
    case 'not':
      return `(!${plainCondition(condition.part)})`
    case 'exists':
      return `(${hasAttribute(condition.attribute)} || context.absent[${pathOf(condition.attribute)}])`
    case 'in': {
      const list =
        condition.list.kind === 'list'
          ? `[${condition.list.values.map(literal).join(', ')}]`
          : operand(condition.list)
      return `(${list}.contains(${operand(condition.item)}))`
    }
    case 'role':
      return `(principal in Role::${quoted(condition.name)})`
    case 'relation':
    case 'predicate':
      return `(context.answers[${quoted(condition.name)}])`
    case 'detail':
      throw new Error('Cedar has no authorization details')
    default:
      return `(${operand(condition.left)} ${OPERATORS[condition.kind]} ${operand(condition.right)})`
  }
}

/** What must be there for a condition without parts to be known. */
function guardsOf(condition: Condition): readonly string[] {
  switch (condition.kind) {
    case 'in':
      return [condition.item, condition.list].flatMap((side) =>
        side.kind === 'attribute' ? [hasAttribute(side)] : [],
      )
    case 'exists': {
      // What is of another kind than it was declared as is neither there nor absent.
      const { attribute } = condition
      return [`(${hasAttribute(attribute)} || context.absent has ${pathOf(attribute)})`]
    }
    case 'relation':
    case 'predicate':
      return [`(context.answers has ${quoted(condition.name)})`]
    case 'eq':
    case 'ne':
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return [condition.left, condition.right].flatMap((side) =>
        side.kind === 'attribute' ? [hasAttribute(side)] : [],
      )
    default:
      return []
  }
}

/** A text in Cedar's quotes. Everything but printable ASCII is escaped. */
export function quoted(text: string): string {
  let inside = ''
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    const isPlain = code >= 0x20 && code <= 0x7e && character !== '"' && character !== '\\'
    inside += isPlain ? character : `\\u{${code.toString(16)}}`
  }
  return `"${inside}"`
}

type Attribute = Extract<Operand, { readonly kind: 'attribute' }>

function hasAttribute({ of, name }: Attribute): string {
  return `(${OWNERS[of]} has ${quoted(name)})`
}

/** What the context calls an attribute that is absent. */
function pathOf({ of, name }: Attribute): string {
  return quoted(`${of}.${name}`)
}

function operand(one: Operand): string {
  return one.kind === 'value' ? literal(one.value) : `${OWNERS[one.of]}[${quoted(one.name)}]`
}

function literal(value: string | number | boolean): string {
  if (typeof value === 'string') return quoted(value)
  return value === Math.abs(Number(value)) || typeof value === 'boolean' ? `${value}` : `(${value})`
}

function joined(formulas: readonly string[], operator: '&&' | '||'): string {
  return `(${formulas.join(` ${operator} `)})`
}

const OWNERS = { resource: 'resource', principal: 'principal', context: 'context.attributes' }
const OPERATORS = { eq: '==', ne: '!=', lt: '<', lte: '<=', gt: '>', gte: '>=' }

import { ConfigurationError } from '../../errors.js'
import { ownMember } from '../../shared/own-members.js'
import { printableMessage } from '../../shared/printable.js'
import type { DetailType } from '../detail/define-detail.js'
import type { AttributeTable, CheckedAttribute } from './attributes.js'
import {
  type AttributeOperand,
  type AttributeOwner,
  COMPARISONS,
  type ComparisonKind,
  type Condition,
  type ListOperand,
  type Operand,
  type Scalar,
  type ValueOperand,
} from './condition.js'

/** What a condition of one rule may name. */
export interface ConditionNames {
  readonly attributes: Readonly<Record<AttributeOwner, AttributeTable>>
  readonly roles: ReadonlySet<string>
  /** Those of the rule's resource type. */
  readonly relations: ReadonlySet<string>
  readonly predicates: ReadonlySet<string>
  readonly details: ReadonlyMap<string, DetailType>
}

/**
 * Checks a condition that may have been read from a file, and copies it, frozen.
 *
 * @param where the rule, for the message
 * @throws ConfigurationError `policy_invalid` for a name that is not declared, a comparison of what cannot be equal, an
 * empty `allOf` or `anyOf`, a member that nobody reads, or nesting deeper than 32
 */
export function checkCondition(
  where: string,
  condition: unknown,
  names: ConditionNames,
): Condition {
  return new ConditionCheck(where, names).check(condition, 0)
}

/** A class, to hand around what all parts of one condition share. */
class ConditionCheck {
  private readonly where: string
  private readonly names: ConditionNames

  constructor(where: string, names: ConditionNames) {
    this.where = where
    this.names = names
  }

  check(condition: unknown, depth: number): Condition {
    if (depth > MAX_DEPTH) throw this.invalid(`a condition nests at most ${MAX_DEPTH} deep`)
    if (typeof condition !== 'object' || condition === null) throw this.invalid(NOT_A_CONDITION)
    const kind = ownMember(condition, 'kind')
    const member = (name: string): unknown => ownMember(condition, name)
    switch (kind) {
      case 'always':
      case 'never':
        this.only(condition)
        return Object.freeze({ kind })
      case 'allOf':
      case 'anyOf': {
        this.only(condition, 'parts')
        const parts = member('parts')
        // The empty conjunction is true: a list that came out empty would open the door.
        if (!Array.isArray(parts) || parts.length === 0) {
          throw this.invalid(`${kind} needs at least one part`)
        }
        const checked = Array.from(parts, (part: unknown) => this.check(part, depth + 1))
        return Object.freeze({ kind, parts: Object.freeze(checked) })
      }
      case 'not':
        this.only(condition, 'part')
        return Object.freeze({ kind, part: this.check(member('part'), depth + 1) })
      case 'exists':
        this.only(condition, 'attribute')
        return Object.freeze({ kind, attribute: this.attribute(member('attribute')) })
      case 'in':
        this.only(condition, 'item', 'list')
        return this.membership(member('item'), member('list'))
      case 'detail':
        this.only(condition, 'name', 'asked')
        return this.detail(member('name'), member('asked'))
      case 'role':
      case 'relation':
      case 'predicate':
        this.only(condition, 'name')
        return Object.freeze({ kind, name: this.named(kind, member('name')) })
      default:
        if (typeof kind !== 'string' || !COMPARISONS.has(kind)) throw this.invalid(NOT_A_CONDITION)
        this.only(condition, 'left', 'right')
        // `COMPARISONS` holds nothing else.
        return this.comparison(kind as ComparisonKind, member('left'), member('right'))
    }
  }

  private comparison(kind: ComparisonKind, left: unknown, right: unknown): Condition {
    const sides = [this.operand(left), this.operand(right)] as const
    const [one, other] = sides.map((side) => this.typeOf(side))
    if (one === undefined || other === undefined || one.kind !== other.kind) {
      throw this.invalid(`${kind} compares two of one kind, not ${one?.kind} and ${other?.kind}`)
    }
    if (one.kind === 'strings') throw this.invalid(`${kind} does not compare lists; ask \`has\``)
    if (kind !== 'eq' && kind !== 'ne' && one.kind !== 'number') {
      throw this.invalid(`${kind} compares numbers only`)
    }
    this.assertCanEqual(sides[0], sides[1])
    this.assertCanEqual(sides[1], sides[0])
    return Object.freeze({ kind, left: sides[0], right: sides[1] })
  }

  private membership(item: unknown, list: unknown): Condition {
    const one = this.operand(item)
    const kind = this.typeOf(one).kind
    if (kind === 'strings') throw this.invalid('in asks for one item, not for a list')
    if (typeof list === 'object' && list !== null && ownMember(list, 'kind') === 'list') {
      this.only(list, 'values')
      const values = ownMember(list, 'values')
      if (!Array.isArray(values)) throw this.invalid('a list of values must be an array')
      const checked: ListOperand = Object.freeze({
        kind: 'list',
        values: Object.freeze(Array.from(values, (value: unknown) => this.scalar(value))),
      })
      for (const value of checked.values) {
        if (typeof value !== kind) throw this.invalid(`in looks for a ${kind} among others`)
        this.assertCanEqual(one, { kind: 'value', value })
      }
      return Object.freeze({ kind: 'in', item: one, list: checked })
    }
    const attribute = this.attribute(list)
    if (kind !== 'string' || this.typeOf(attribute).kind !== 'strings') {
      throw this.invalid('in looks for a text in an attribute that is a list of texts')
    }
    return Object.freeze({ kind: 'in', item: one, list: attribute })
  }

  private detail(name: unknown, asked: unknown): Condition {
    const type = typeof name === 'string' ? this.names.details.get(name) : undefined
    if (type === undefined) throw this.invalid(`there is no detail ${JSON.stringify(name)}`)
    if (typeof asked !== 'object' || asked === null) throw this.invalid('asked must be an object')
    for (const member of Object.keys(asked)) {
      if (!type.asks.has(member)) throw this.invalid(`detail '${type.type}' asks no '${member}'`)
    }
    const members: [string, Operand][] = []
    for (const [member, attribute] of type.asks) {
      if (!Object.hasOwn(asked, member)) {
        if (attribute.optional) continue
        throw this.invalid(`detail '${type.type}' asks for '${member}'`)
      }
      const operand = this.operand(ownMember(asked, member))
      const { kind } = this.typeOf(operand)
      if (kind !== attribute.kind) {
        throw this.invalid(`'${member}' of detail '${type.type}' is of kind ${attribute.kind}`)
      }
      members.push([member, operand])
    }
    return Object.freeze({
      kind: 'detail',
      name: type.type,
      asked: Object.freeze(Object.fromEntries(members)),
    })
  }

  private operand(operand: unknown): Operand {
    if (typeof operand === 'object' && operand !== null && ownMember(operand, 'kind') === 'value') {
      this.only(operand, 'value')
      return Object.freeze({ kind: 'value', value: this.scalar(ownMember(operand, 'value')) })
    }
    return this.attribute(operand)
  }

  private attribute(operand: unknown): AttributeOperand {
    if (typeof operand !== 'object' || operand === null) throw this.invalid(NOT_AN_OPERAND)
    const [kind, of, name] = ['kind', 'of', 'name'].map((member) => ownMember(operand, member))
    if (kind !== 'attribute' || (of !== 'resource' && of !== 'principal' && of !== 'context')) {
      throw this.invalid(NOT_AN_OPERAND)
    }
    if (typeof name !== 'string') throw this.invalid('the name of an attribute is a text')
    if (!this.names.attributes[of].has(name)) {
      throw this.invalid(`the ${of} has no attribute '${name}'`)
    }
    // An expression has methods besides; a condition is data, so they are left behind.
    const data = Object.entries(operand).filter(([, member]) => typeof member !== 'function')
    this.only(Object.fromEntries(data), 'of', 'name')
    return Object.freeze({ kind, of, name })
  }

  private named(kind: 'role' | 'relation' | 'predicate', name: unknown): string {
    const known = {
      role: this.names.roles,
      relation: this.names.relations,
      predicate: this.names.predicates,
    }[kind]
    if (typeof name !== 'string') throw this.invalid(`the name of a ${kind} is a text`)
    if (known.has(name)) return name
    const place = kind === 'relation' ? ' of this type' : ''
    throw this.invalid(`there is no ${kind} '${name}'${place}`)
  }

  private scalar(value: unknown): Scalar {
    if (typeof value === 'string' || typeof value === 'boolean') return value
    if (typeof value === 'number' && Number.isFinite(value)) return value
    throw this.invalid('a value is a text, a finite number, true or false')
  }

  /** A text that an enumeration does not have would never be equal: it is misspelt. */
  private assertCanEqual(side: Operand, other: Operand): void {
    const members = this.typeOf(side).members
    if (members === null || other.kind !== 'value' || typeof other.value !== 'string') return
    if (!members.has(other.value)) {
      throw this.invalid(`'${other.value}' is none of ${[...members].join(', ')}`)
    }
  }

  private typeOf(
    operand: AttributeOperand | ValueOperand,
  ): Pick<CheckedAttribute, 'kind' | 'members'> {
    if (operand.kind === 'value') {
      const type = typeof operand.value
      // `scalar` has let nothing else through.
      return { kind: type as 'string' | 'number' | 'boolean', members: null }
    }
    const declared = this.names.attributes[operand.of].get(operand.name)
    if (declared === undefined) throw this.invalid(`the ${operand.of} has no '${operand.name}'`)
    return declared
  }

  /** A member that nobody reads may have been meant to restrict. */
  private only(object: object, ...members: readonly string[]): void {
    for (const key of Object.keys(object)) {
      if (key !== 'kind' && !members.includes(key)) {
        throw this.invalid(`'${key}' is not part of a condition`)
      }
    }
  }

  private invalid(problem: string): ConfigurationError {
    return new ConfigurationError('policy_invalid', printableMessage(`${this.where}: ${problem}.`))
  }
}

const MAX_DEPTH = 32
const NOT_A_CONDITION =
  'a condition is a comparison, in, exists, role, relation, detail, predicate, allOf, anyOf, not, always or never'
const NOT_AN_OPERAND = 'an operand is an attribute of resource, principal or context, or a value'

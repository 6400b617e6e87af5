import type { AttributeKind, Condition, Operand } from '../../../src/policy/index.js'
import type { Random } from './random.js'
import { type Sample, tableOf } from './sample.js'

/** A condition that a rule of this type may have, nested at most so deep. */
export function randomCondition(
  random: Random,
  sample: Sample,
  type: string,
  depth: number,
): Condition {
  return new Conditions(random, sample, type).any(depth)
}

type Attribute = Extract<Operand, { readonly kind: 'attribute' }>

/** A class, for what all parts of one condition share. */
class Conditions {
  private readonly random: Random
  private readonly sample: Sample
  private readonly type: string
  private readonly attributes: readonly (Attribute & { readonly declared: AttributeKind })[]

  constructor(random: Random, sample: Sample, type: string) {
    this.random = random
    this.sample = sample
    this.type = type
    this.attributes = (['resource', 'resource', 'principal', 'context'] as const).flatMap((of) =>
      Object.entries(tableOf(sample, type, of)).map(
        ([name, declared]) => ({ kind: 'attribute', of, name, declared }) as const,
      ),
    )
  }

  any(depth: number): Condition {
    if (depth === 0 || this.random.percent(25)) return this.leaf()
    if (this.random.percent(25)) return { kind: 'not', part: this.any(depth - 1) }
    const parts = Array.from({ length: this.random.between(1, 3) }, () => this.any(depth - 1))
    return { kind: this.random.one(['allOf', 'anyOf']), parts }
  }

  private leaf(): Condition {
    const { random, sample } = this
    const roles = Object.keys(sample.roles ?? {})
    const relations = Object.keys(sample.relations).filter(
      (name) => sample.relations[name]?.type === this.type,
    )
    if (random.percent(5)) return { kind: random.one(['always', 'always', 'never']) }
    if (random.percent(10) && roles.length > 0) return { kind: 'role', name: random.one(roles) }
    if (random.percent(20) && relations.length > 0) {
      return { kind: 'relation', name: random.one(relations) }
    }
    if (random.percent(10) && sample.predicates.length > 0) {
      return { kind: 'predicate', name: random.one(sample.predicates) }
    }
    const attribute = random.one(this.attributes)
    if (random.percent(10)) return { kind: 'exists', attribute: plain(attribute) }
    return kindOf(attribute) === 'strings' ? this.listed(attribute) : this.compared(attribute)
  }

  /** Whether a list that is an attribute has something. */
  private listed(list: Attribute): Condition {
    const item = this.random.percent(50) ? this.literal('string') : this.attributeOf('string')
    return { kind: 'in', item: item ?? this.literal('string'), list: plain(list) }
  }

  private compared(left: Attribute & { readonly declared: AttributeKind }): Condition {
    const { random } = this
    const kind = kindOf(left)
    if (random.percent(20)) {
      const values = Array.from({ length: random.between(0, 3) }, () => this.literal(left.declared))
      return {
        kind: 'in',
        item: plain(left),
        list: { kind: 'list', values: values.map(({ value }) => value) },
      }
    }
    const comparison =
      kind === 'number'
        ? random.one(['eq', 'ne', 'lt', 'lte', 'gt', 'gte'] as const)
        : random.one(['eq', 'eq', 'ne'] as const)
    const other = random.percent(50) ? this.attributeOf(kind) : null
    const sides = [plain(left), other ?? this.literal(left.declared)] as const
    const [one, two] = random.percent(20) ? [sides[1], sides[0]] : sides
    return { kind: comparison, left: one, right: two }
  }

  private attributeOf(kind: string): Attribute | null {
    const known = this.attributes.filter((attribute) => kindOf(attribute) === kind)
    return known.length === 0 ? null : plain(this.random.one(known))
  }

  private literal(declared: AttributeKind): Extract<Operand, { readonly kind: 'value' }> {
    // A value that an attribute of that kind may have is neither null nor a list.
    const value = randomValue(this.random, declared) as string | number | boolean
    return { kind: 'value', value }
  }
}

/** A value of this kind. The values are few, so that many are equal. */
export function randomValue(random: Random, declared: AttributeKind): unknown {
  if (typeof declared !== 'string') return random.one(declared)
  switch (declared.replace('?', '')) {
    case 'number':
      return random.one(NUMBERS)
    case 'boolean':
      return random.percent(50)
    case 'strings':
      return random.some(TEXTS, 0, 3)
    default:
      return random.one(TEXTS)
  }
}

function kindOf({ declared }: { readonly declared: AttributeKind }): string {
  return typeof declared === 'string' ? declared.replace('?', '') : 'string'
}

/** Without what was declared. */
function plain({ kind, of, name }: Attribute): Attribute {
  return { kind, of, name }
}

/** What texts attributes hold. Names that a prototype has, what a language must escape, and nothing. */
export const TEXTS: readonly string[] = ['a', 'b', 'constructor', '__proto__', 'é"\\\u0000', '']
/** Whole, since Cedar has no others; the last are the ends of what both can tell apart. */
const NUMBERS = [0, 1, 2, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER]

import type { AttributeKind } from '../../src/policy/condition/attributes.js'
import type {
  AttributeOperand,
  AttributeOwner,
  ComparisonKind,
  Condition,
  Operand,
  Scalar,
} from '../../src/policy/condition/condition.js'
import type { Random } from '../fuzz/random.js'
import type { PlainPolicy } from './plain-policy.js'

/** What conditions are made of. */
export interface ConditionShape {
  /** The kinds of leaves besides comparisons. Default: all. */
  readonly leaves?: readonly Leaf[]
  /** Default: 3. */
  readonly maxDepth?: number
}

type Leaf = 'in' | 'exists' | 'role' | 'relation' | 'predicate' | 'always' | 'never'

type Declared = Omit<PlainPolicy, 'rules' | 'fieldRules'>

/** A condition of a rule about this type that `definePolicy` takes. */
export function createCondition(
  random: Random,
  declared: Declared,
  type: string,
  shape: ConditionShape = {},
  depth: number = shape.maxDepth ?? 3,
): Condition {
  const part = (): Condition => createCondition(random, declared, type, shape, depth - 1)
  if (depth > 0 && random.chance(0.45)) {
    const kind = random.pick(['allOf', 'anyOf', 'not'] as const)
    if (kind === 'not') return { kind, part: part() }
    return { kind, parts: Array.from({ length: 1 + random.below(3) }, part) }
  }
  if (random.chance(0.5)) return createComparison(random, attributesOf(declared, type))
  return createLeaf(random, declared, type, shape.leaves ?? LEAVES)
}

function createLeaf(
  random: Random,
  declared: Declared,
  type: string,
  leaves: readonly Leaf[],
): Condition {
  const attributes = attributesOf(declared, type)
  const kind = leaves.length === 0 ? 'always' : random.pick(leaves)
  switch (kind) {
    case 'always':
    case 'never':
      return { kind }
    case 'exists':
      return { kind, attribute: operandOf(random.pick(attributes)) }
    case 'in':
      return createMembership(random, attributes)
    case 'role':
      return named(random, kind, [...(declared.roles?.keys() ?? [])])
    case 'relation': {
      const own = [...declared.relations].filter(([, relation]) => relation.type === type)
      return named(
        random,
        kind,
        own.map(([name]) => name),
      )
    }
    case 'predicate':
      return named(random, kind, declared.predicates)
  }
}

/** `never`, if the policy has none of that kind. */
function named(
  random: Random,
  kind: 'role' | 'relation' | 'predicate',
  names: readonly string[],
): Condition {
  return names.length === 0 ? { kind: 'never' } : { kind, name: random.pick(names) }
}

function createComparison(random: Random, attributes: readonly Attribute[]): Condition {
  const scalars = attributes.filter(({ kind }) => baseOf(kind) !== 'strings')
  const left = random.pick(scalars)
  const base = baseOf(left.kind)
  const alike = scalars.filter(({ kind }) => baseOf(kind) === base)
  const kind: ComparisonKind = random.pick(base === 'number' ? ORDERED : EQUALITIES)
  const right: Operand = random.chance(0.4)
    ? operandOf(random.pick(alike))
    : { kind: 'value', value: random.pick(literalsOf(left.kind)) }
  const sides = [operandOf(left), right] as const
  return random.chance(0.2)
    ? { kind, left: sides[1], right: sides[0] }
    : { kind, left: sides[0], right: sides[1] }
}

function createMembership(random: Random, attributes: readonly Attribute[]): Condition {
  const item = random.pick(attributes.filter(({ kind }) => baseOf(kind) !== 'strings'))
  const lists = attributes.filter(({ kind }) => baseOf(kind) === 'strings')
  if (lists.length > 0 && random.chance(0.6)) {
    const list = operandOf(random.pick(lists))
    const isText = baseOf(item.kind) === 'string'
    return isText && random.chance(0.7)
      ? { kind: 'in', item: operandOf(item), list }
      : { kind: 'in', item: { kind: 'value', value: random.pick(TEXTS) }, list }
  }
  const values = literalsOf(item.kind).filter(() => random.chance(0.5))
  return { kind: 'in', item: operandOf(item), list: { kind: 'list', values } }
}

interface Attribute {
  readonly of: AttributeOwner
  readonly name: string
  readonly kind: AttributeKind
}

/** What a rule about this type may name, what is of the resource twice as often. */
function attributesOf({ types, principal, context }: Declared, type: string): Attribute[] {
  const from = (of: AttributeOwner, entries: Iterable<readonly [string, AttributeKind]>) =>
    [...entries].map(([name, kind]) => ({ of, name, kind }))
  const resource = from('resource', types.get(type)?.attributes ?? [])
  return [
    ...resource,
    ...resource,
    ...from('principal', [...principal, ['tenant', 'string?']]),
    ...from('context', [...context, ['now', 'number']]),
  ]
}

function operandOf({ of, name }: Attribute): AttributeOperand {
  return { kind: 'attribute', of, name }
}

function baseOf(kind: AttributeKind): string {
  return typeof kind === 'string' ? kind.replace('?', '') : 'string'
}

/** Literals that are compared with such an attribute. They are few, so that they are met. */
export function literalsOf(kind: AttributeKind): readonly Scalar[] {
  if (typeof kind !== 'string') return kind
  return kind.startsWith('number') ? NUMBERS : kind.startsWith('boolean') ? [true, false] : TEXTS
}

const TEXTS: readonly string[] = ['a', 'b', '', 'constructor', '__proto__']
const NUMBERS: readonly number[] = [0, -1, 1, 0.5, Number.MAX_SAFE_INTEGER, -Number.MAX_VALUE]
const LEAVES: readonly Leaf[] = [
  'in',
  'in',
  'exists',
  'role',
  'relation',
  'relation',
  'relation',
  'predicate',
  'always',
  'never',
]
const EQUALITIES: readonly ComparisonKind[] = ['eq', 'eq', 'eq', 'ne']
const ORDERED: readonly ComparisonKind[] = ['eq', 'ne', 'lt', 'lte', 'gt', 'gte']

import type { AttributeKind } from '../../src/policy/condition/attributes.js'
import type { Scalar } from '../../src/policy/condition/condition.js'
import type { Random } from '../fuzz/random.js'
import type { PlainAttributes, PlainPolicy } from './plain-policy.js'
import { someOf } from './policy-arbitraries.js'
import { literalsOf } from './policy-conditions.js'
import type { PlainQuestion } from './policy-interpreter.js'
import { allNames } from './scope-interpreter.js'

/** How often random objects are not as they were declared. */
export interface QuestionShape {
  /** How often an attribute is missing, null, of another kind or out of bounds, from 0 to 1. Default: 0.15. */
  readonly wrong?: number
  /** How often the grant covers everything or limits nothing, from 0 to 1. Default: 0.6. */
  readonly granted?: number
}

/** A question to this policy. */
export function createQuestion(
  random: Random,
  policy: PlainPolicy,
  shape: QuestionShape = {},
): PlainQuestion {
  const type = random.pick([...policy.types.keys()])
  const action = random.pick(allNames(policy.vocabulary))
  return {
    principal: createPrincipal(random, policy, shape),
    grant: createGrantTokens(random, policy, shape),
    context: createContext(random, policy, shape),
    type,
    action,
    resource: random.chance(0.02) ? undefined : createResource(random, policy, type, shape),
  }
}

function createPrincipal(random: Random, policy: PlainPolicy, shape: QuestionShape = {}): object {
  const declared = [...(policy.roles?.keys() ?? [])]
  const roles = random.chance(shape.wrong ?? WRONG)
    ? anyOf(random, WRONG_ROLES)
    : [...someOf(random, declared, Math.min(1, declared.length), 3), ...declared.slice(0, 1)]
  const tenant = random.chance(shape.wrong ?? WRONG)
    ? anyOf(random, WRONG_TENANTS)
    : random.pick(TENANTS)
  return Object.fromEntries([
    ...createMembers(random, policy.principal, shape),
    ...(roles === undefined && random.chance(0.5) ? [] : [['roles', roles]]),
    ...(tenant === undefined && random.chance(0.5) ? [] : [['tenant', tenant]]),
  ] as [string, unknown][])
}

/** The tokens of a claim, some of them foreign. */
function createGrantTokens(
  random: Random,
  { vocabulary }: PlainPolicy,
  shape: QuestionShape = {},
): readonly string[] | 'undelegated' {
  const names = allNames(vocabulary)
  if (random.chance(shape.granted ?? 0.6)) return random.chance(0.3) ? 'undelegated' : names
  return [...someOf(random, names, 0, 3), ...someOf(random, FOREIGN_TOKENS, 0, 2)]
}

function createContext(random: Random, policy: PlainPolicy, shape: QuestionShape = {}): object {
  const declared: PlainAttributes = new Map([...policy.context, ['now', 'number']])
  return Object.fromEntries(createMembers(random, declared, shape))
}

function createResource(
  random: Random,
  policy: PlainPolicy,
  type: string,
  shape: QuestionShape = {},
): object {
  const declared = policy.types.get(type)?.attributes ?? new Map<string, AttributeKind>()
  const members = new Map(createMembers(random, declared, shape))
  const tenant = policy.types.get(type)?.tenant ?? null
  if (tenant !== null && !random.chance(shape.wrong ?? WRONG)) {
    members.set(tenant, random.pick(TENANTS))
  }
  return Object.fromEntries(members)
}

function createMembers(
  random: Random,
  declared: PlainAttributes,
  { wrong = WRONG }: QuestionShape,
): [string, unknown][] {
  const members: [string, unknown][] = []
  for (const [name, kind] of declared) {
    const isOptional = typeof kind === 'string' && kind.endsWith('?')
    if (isOptional && random.chance(0.2)) {
      if (random.chance(0.5)) members.push([name, null])
    } else if (!random.chance(wrong)) members.push([name, rightValue(random, kind)])
    else if (!random.chance(0.3)) members.push([name, anyOf(random, WRONG_VALUES)])
  }
  return members
}

/** A value of this kind. Those that conditions name are frequent, and so are their neighbours. */
function rightValue(random: Random, kind: AttributeKind): unknown {
  if (typeof kind === 'string' && kind.startsWith('strings')) {
    return someOf(random, literalsOf('string'), 0, 3)
  }
  const value = random.pick(literalsOf(kind))
  return typeof value !== 'number' || random.chance(0.6) ? value : random.pick(around(value))
}

function around(value: number): number[] {
  return [value + 1, value - 1, -value, Number.MAX_VALUE, Number.MIN_VALUE, -0]
}

/** One of these, undefined among them. */
function anyOf(random: Random, members: readonly unknown[]): unknown {
  return members[random.below(members.length)]
}

const WRONG = 0.15
const WRONG_ROLES = [undefined, null, 'reader', ['nobody', '__proto__'], ['reader', 1], new Set()]
const WRONG_TENANTS = [undefined, null, '', 'c', 1, ['a']]
const TENANTS = ['a', 'a', 'a', 'a', 'a', 'a', 'b']
const FOREIGN_TOKENS = ['post:*', '*:*', '__proto__', 'post:reads', 'post', '*', 'constructor']
const WRONG_VALUES: readonly unknown[] = [
  undefined,
  null,
  '0',
  'A',
  0,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  true,
  [],
  ['a', 1],
  [null],
  {},
  10n,
]

/** Every text, number and boolean that a random resource may hold. */
export const ALL_SCALARS: readonly Scalar[] = [
  ...new Set<Scalar>([...literalsOf('string'), 'A', '0', true, false]),
  ...new Set(literalsOf('number').flatMap((value) => [Number(value), ...around(Number(value))])),
]

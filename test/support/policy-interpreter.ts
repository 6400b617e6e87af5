import type { AttributeKind } from '../../src/policy/condition/attributes.js'
import type { Condition, Operand } from '../../src/policy/condition/condition.js'
import type { PolicyRule } from '../../src/policy/definition/policy-definition.js'
import { holdsInFact, type PlainPolicy, type PlainType, relatedInFact } from './plain-policy.js'
import { interpret } from './scope-interpreter.js'

/** A question to a policy. */
export interface PlainQuestion {
  readonly principal: object
  /** The tokens of a claim, or that nothing was delegated. */
  readonly grant: readonly string[] | 'undelegated'
  readonly context: object
  readonly type: string
  readonly action: string
  readonly resource: object | undefined
}

export type PlainDecision =
  | { readonly kind: 'permitted'; readonly rule: string }
  | { readonly kind: 'scope'; readonly missing: readonly string[] }
  | {
      readonly kind: 'permission'
      readonly reason: 'tenant_differs' | 'role_missing' | 'rule_denies' | 'no_rule_allows'
      readonly rule: string | null
      readonly concealed: boolean
    }
  | { readonly kind: 'unavailable' }

/** True, false, or why it cannot be told. `unasked` is a relation that nobody has looked up yet. */
export type PlainTruth = true | false | 'missing' | 'failed' | 'unasked'

/**
 * What a policy means, written to be read and not to be quick. It shares no code with the library: `decide` is compared
 * with it. It covers policies that are well-defined.
 */
export function interpretDecision(policy: PlainPolicy, question: PlainQuestion): PlainDecision {
  if (question.grant !== 'undelegated') {
    const covered = interpret(policy.vocabulary, question.grant)
    if (!covered.has(question.action)) return { kind: 'scope', missing: [question.action] }
  }
  // Whatever can be told without a look-up is told without one.
  const decision =
    decideBehindScope(policy, question, false) ?? decideBehindScope(policy, question, true)
  if (decision === null) throw new Error('everything was looked up, and still it cannot be told')
  const conceal = policy.types.get(question.type)?.conceal ?? null
  if (decision.kind !== 'permission' || conceal === null) return decision
  const hidden = { ...decision, concealed: true }
  if (decision.reason === 'tenant_differs' || question.action === conceal) return hidden
  const sight = interpretDecision(policy, { ...question, action: conceal })
  if (sight.kind === 'unavailable') return sight
  return sight.kind === 'permitted' ? decision : hidden
}

/** Null if it depends on a relation that would have to be looked up. */
function decideBehindScope(
  policy: PlainPolicy,
  question: PlainQuestion,
  looksUp: boolean,
): PlainDecision | null {
  const { principal, action, resource } = question
  const type = policy.types.get(question.type)
  if (type === undefined) return refused('no_rule_allows')
  if (type.tenant !== null) {
    const [ours, theirs] = [member(principal, 'tenant'), member(resource, type.tenant)]
    if (typeof ours !== 'string' || ours === '' || ours !== theirs) return refused('tenant_differs')
  }
  if (policy.roles !== null && !mayEver(policy, principal, action)) return refused('role_missing')

  const rules = policy.rules
    .filter((rule) => rule.type === question.type && rule.actions.includes(action))
    .sort((one, other) => (one.name < other.name ? -1 : 1))
    .map((rule) => ({ rule, truth: truthOf(policy, question, rule.when, looksUp) }))
  const denies = rules.filter(({ rule }) => rule.effect === 'deny')
  const allows = rules.filter(({ rule }) => rule.effect === 'allow')
  const is = (truth: PlainTruth) => (one: { readonly truth: PlainTruth }) => one.truth === truth
  const firstOf = (list: readonly { readonly rule: PolicyRule; readonly truth: PlainTruth }[]) =>
    list[0]?.rule.name ?? null

  if (denies.some(is(true))) return refused('rule_denies', firstOf(denies.filter(is(true))))
  if (denies.some(is('missing'))) {
    return refused('rule_denies', firstOf(denies.filter(is('missing'))))
  }
  const mayOpen = allows.filter(({ truth }) => truth !== false && truth !== 'missing')
  if (mayOpen.length === 0) return refused('no_rule_allows')
  if (denies.some(is('unasked'))) return null
  const rule = firstOf(allows.filter(is(true)))
  if (rule === null && allows.some(is('unasked'))) return null
  return rule === null || denies.some(is('failed'))
    ? { kind: 'unavailable' }
    : { kind: 'permitted', rule }
}

function refused(
  reason: 'tenant_differs' | 'role_missing' | 'rule_denies' | 'no_rule_allows',
  rule: string | null = null,
): PlainDecision {
  return { kind: 'permission', reason, rule, concealed: false }
}

/** Whether some role of the principal has the action. */
function mayEver(policy: PlainPolicy, principal: object, action: string): boolean {
  return heldRoles(policy, principal).some((name) => {
    const grants = policy.roles?.get(name)?.grants ?? []
    return interpret(policy.vocabulary, grants).has(action)
  })
}

/** The roles of the principal with all that they extend. */
function heldRoles(policy: PlainPolicy, principal: object): string[] {
  const given = member(principal, 'roles')
  if (!Array.isArray(given) || given.some((name) => typeof name !== 'string')) return []
  const held = given.filter((name) => policy.roles?.has(name))
  for (const name of held) {
    for (const further of policy.roles?.get(name)?.extends ?? []) {
      if (!held.includes(further)) held.push(further)
    }
  }
  return held
}

/** What a condition comes to. */
export function truthOf(
  policy: PlainPolicy,
  question: PlainQuestion,
  condition: Condition,
  looksUp: boolean,
): PlainTruth {
  const type = policy.types.get(question.type)
  if (type === undefined) return 'missing'
  const truths = (parts: readonly Condition[]): PlainTruth[] =>
    parts.map((part) => truthOf(policy, question, part, looksUp))
  switch (condition.kind) {
    case 'always':
      return true
    case 'never':
      return false
    case 'allOf':
      return strongest(truths(condition.parts), [false, 'unasked', 'failed', 'missing', true])
    case 'anyOf':
      return strongest(truths(condition.parts), [true, 'unasked', 'failed', 'missing', false])
    case 'not': {
      const truth = truthOf(policy, question, condition.part, looksUp)
      return typeof truth === 'boolean' ? !truth : truth
    }
    case 'exists': {
      const found = read(policy, type, question, condition.attribute)
      return found.kind === 'value' ? true : found.kind === 'absent' ? false : 'missing'
    }
    case 'in': {
      const item = read(policy, type, question, condition.item)
      if (item.kind !== 'value') return 'missing'
      if (condition.list.kind === 'list') return condition.list.values.some(same(item.value))
      const list = read(policy, type, question, condition.list)
      if (list.kind !== 'value' || !Array.isArray(list.value)) return 'missing'
      return list.value.some(same(item.value))
    }
    case 'role':
      return heldRoles(policy, question.principal).includes(condition.name)
    case 'predicate':
      return holdsInFact(policy, condition.name, question.principal)
    case 'relation': {
      const relation = policy.relations.get(condition.name)
      if (relation === undefined) return 'failed'
      const attribute = { kind: 'attribute' } as const
      const [ours, theirs] = [
        read(policy, type, question, { ...attribute, of: 'principal', name: relation.principal }),
        read(policy, type, question, { ...attribute, of: 'resource', name: relation.resource }),
      ]
      if (ours.kind !== 'value' || theirs.kind !== 'value') return 'missing'
      if (!looksUp) return 'unasked'
      // A relation of lists is refused when the policy is defined.
      const [one, other] = [ours.value as string, theirs.value as string]
      return relatedInFact(policy, condition.name, one, other)
    }
    case 'detail':
      throw new Error('random policies ask for no authorization details')
    default: {
      const [left, right] = [
        read(policy, type, question, condition.left),
        read(policy, type, question, condition.right),
      ]
      if (left.kind !== 'value' || right.kind !== 'value') return 'missing'
      // Only numbers have an order; others were refused when the policy was defined.
      const [one, other] = [left.value as number, right.value as number]
      return {
        eq: one === other,
        ne: one !== other,
        lt: one < other,
        lte: one <= other,
        gt: one > other,
        gte: one >= other,
      }[condition.kind]
    }
  }
}

function same(value: unknown): (other: unknown) => boolean {
  return (other) => other === value
}

/** The first of these truths that is among them. */
function strongest(truths: readonly PlainTruth[], order: readonly PlainTruth[]): PlainTruth {
  return order.find((truth) => truths.includes(truth)) ?? 'missing'
}

type Found =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'absent' }
  | { readonly kind: 'of another kind' }

function read(
  policy: PlainPolicy,
  type: PlainType,
  question: PlainQuestion,
  operand: Operand,
): Found {
  if (operand.kind === 'value') return { kind: 'value', value: operand.value }
  const { of, name } = operand
  const declared = {
    resource: type.attributes,
    principal: new Map<string, AttributeKind>([...policy.principal, ['tenant', 'string?']]),
    context: new Map<string, AttributeKind>([...policy.context, ['now', 'number?']]),
  }[of].get(name)
  const value = member(question[of], name)
  if (value === undefined || value === null) return { kind: 'absent' }
  return declared !== undefined && isOf(declared, value)
    ? { kind: 'value', value }
    : { kind: 'of another kind' }
}

function isOf(kind: AttributeKind, value: unknown): boolean {
  if (typeof kind !== 'string') return kind.some(same(value))
  switch (kind.replace('?', '')) {
    case 'number':
      return typeof value === 'number' && value - value === 0
    case 'strings':
      return Array.isArray(value) && value.every((item) => typeof item === 'string')
    default:
      return typeof value === kind.replace('?', '')
  }
}

/** An own member; nothing is inherited. */
function member(object: object | undefined, name: string): unknown {
  return object === undefined
    ? undefined
    : new Map<string, unknown>(Object.entries(object)).get(name)
}

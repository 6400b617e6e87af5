import { attributeOf, type CheckedAttribute } from '../condition/attributes.js'
import { type AtomicCondition, everyOf, someOf } from '../condition/combine-condition.js'
import { kindTest, type Situation } from '../condition/compile-condition.js'
import type { AttributeOperand, Condition, Scalar } from '../condition/condition.js'
import { attributesIn } from '../condition/operands.js'
import { negated, type Truth } from '../condition/truth.js'
import type { TypeModel } from '../definition/policy-model.js'
import type { ReadyPolicy } from '../ready-policy.js'
import type { KnownTruth, TracedCondition } from './trace.js'

/** What is known of the atomic parts of a condition. */
export interface AtomFacts {
  readonly policy: ReadyPolicy
  readonly type: TypeModel
  readonly situation: Situation
  readonly truths: ReadonlyMap<AtomicCondition, Truth>
  readonly withValues: boolean
}

/** A condition and what each part of it came to. */
export function traceCondition(condition: Condition, facts: AtomFacts): TracedCondition {
  switch (condition.kind) {
    case 'always':
      return { kind: 'always', truth: 'true' }
    case 'never':
      return { kind: 'never', truth: 'false' }
    case 'allOf':
    case 'anyOf': {
      const { kind } = condition
      const parts = condition.parts.map((part) => traceCondition(part, facts))
      return {
        kind,
        truth: known(
          combined(
            kind,
            parts.map(({ truth }) => truth),
          ),
        ),
        parts,
      }
    }
    case 'not': {
      const part = traceCondition(condition.part, facts)
      return { kind: 'not', truth: known(negated(part.truth)), part }
    }
    default:
      return traceAtom(condition, facts)
  }
}

/** What an `allOf` or `anyOf` comes to, given its parts. */
export function combined(kind: 'allOf' | 'anyOf', truths: readonly Truth[]): Truth {
  const tests = truths.map((truth) => () => truth)
  return (kind === 'allOf' ? everyOf(tests) : someOf(tests))(undefined)
}

/** INVARIANT: nothing known is made of what is pending, and nothing that is pending is traced. */
function known(truth: Truth): KnownTruth {
  return truth === 'pending' ? 'failed' : truth
}

function traceAtom(atom: AtomicCondition, facts: AtomFacts): TracedCondition {
  const truth = known(facts.truths.get(atom) ?? 'failed')
  const read = attributesOf(atom, facts).map((attribute) => {
    const value = heldBy(attribute, facts)
    return { path: `${attribute.of}.${attribute.name}`, value }
  })
  const missing = read.filter(({ value }) => value === undefined).map(({ path }) => path)
  const base = {
    kind: 'atom',
    truth,
    atom,
    missing: atom.kind === 'exists' ? [] : missing,
  } as const
  if (!facts.withValues) return base
  const values = read.flatMap(({ path, value }): [string, Scalar | readonly string[]][] =>
    value === undefined ? [] : [[path, value]],
  )
  return { ...base, values: Object.fromEntries(values) }
}

/** Those that it compares, or that a relation relates. */
function attributesOf(atom: AtomicCondition, { policy }: AtomFacts): readonly AttributeOperand[] {
  if (atom.kind !== 'relation') return attributesIn(atom)
  const relation = policy.model.relations.get(atom.name)
  if (relation === undefined) return []
  return [
    { kind: 'attribute', of: 'principal', name: relation.principal },
    { kind: 'attribute', of: 'resource', name: relation.resource },
  ]
}

/** What a condition sees of an attribute: nothing, if it is not of its kind. */
function heldBy(
  { of, name }: AttributeOperand,
  { policy, type, situation }: AtomFacts,
): Scalar | readonly string[] | undefined {
  const tables: Readonly<Record<string, ReadonlyMap<string, CheckedAttribute>>> = {
    resource: type.attributes,
    principal: policy.model.principal,
    context: policy.model.context,
  }
  try {
    const value = attributeOf(situation[of], name)
    // `kindTest` is true of declared kinds only: scalars, and lists of texts.
    return kindTest(tables[of]?.get(name))(value)
      ? (value as Scalar | readonly string[])
      : undefined
  } catch {
    return undefined
  }
}

/** Every attribute that was missing in one of these, each once, by code units. */
export function missingIn(conditions: readonly TracedCondition[]): readonly string[] {
  const missing = new Set<string>()
  const collect = (condition: TracedCondition): void => {
    if (condition.kind === 'atom') for (const path of condition.missing) missing.add(path)
    if (condition.kind === 'not') collect(condition.part)
    if (condition.kind === 'allOf' || condition.kind === 'anyOf') condition.parts.forEach(collect)
  }
  conditions.forEach(collect)
  return [...missing].sort()
}

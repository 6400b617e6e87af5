import type { Condition } from './condition.js'
import { negated, type Truth, truthOf, unknownOf } from './truth.js'

/** A part of a condition that is not made of others. */
export type AtomicCondition = Exclude<
  Condition,
  { readonly kind: 'always' | 'never' | 'allOf' | 'anyOf' | 'not' }
>

/**
 * Compiles a condition, given what becomes of its atomic parts. This is the one place that says what `allOf`, `anyOf` and
 * `not` come to, whatever the parts are asked of: a request, or assumptions about one.
 */
export function combineCondition<On>(
  condition: Condition,
  atom: (part: AtomicCondition) => (on: On) => Truth,
): (on: On) => Truth {
  const combine = (part: Condition): ((on: On) => Truth) => combineCondition(part, atom)
  switch (condition.kind) {
    case 'always':
    case 'never': {
      const truth = truthOf(condition.kind === 'always')
      return () => truth
    }
    case 'allOf':
      return everyOf(condition.parts.map(combine))
    case 'anyOf':
      return someOf(condition.parts.map(combine))
    case 'not': {
      const test = combine(condition.part)
      return (on) => negated(test(on))
    }
    default:
      return atom(condition)
  }
}

/** True if all are, false if one is (Kleene). Those behind a false one are not asked. */
export function everyOf<On>(tests: readonly ((on: On) => Truth)[]): (on: On) => Truth {
  return (on) => {
    let all: Truth = 'true'
    for (const test of tests) {
      const truth = test(on)
      if (truth === 'false') return 'false'
      if (truth !== 'true') all = all === 'true' ? truth : unknownOf(all, truth)
    }
    return all
  }
}

/** True if one is, false if all are (Kleene). Those behind a true one are not asked. */
export function someOf<On>(tests: readonly ((on: On) => Truth)[]): (on: On) => Truth {
  return (on) => {
    let any: Truth = 'false'
    for (const test of tests) {
      const truth = test(on)
      if (truth === 'true') return 'true'
      if (truth !== 'false') any = any === 'false' ? truth : unknownOf(any, truth)
    }
    return any
  }
}

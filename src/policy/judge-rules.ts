import type { Truth } from './condition/truth.js'

/** Something that can be told of whatever rules are asked of: a request, or assumptions about one. */
export interface Tested<On> {
  test(on: On): Truth
}

/** The rules of one action, as two lists in the order of their names. */
export interface RuleLists<Rule> {
  readonly denies: readonly Rule[]
  readonly allows: readonly Rule[]
}

/** What the rules of one action come to. */
export type Judgement<Rule> =
  | { readonly kind: 'allowed' | 'denied'; readonly rule: Rule }
  | { readonly kind: 'not_allowed' | 'failed' | 'pending'; readonly rule: null }

/**
 * What rules come to together: a deny that is true, or cannot be told for want of an attribute, wins over every allow.
 *
 * What our own side failed to tell only matters if it could have made a difference; so does what is still to be loaded.
 */
export function judgeRules<On, Rule extends Tested<On>>(
  { denies, allows }: RuleLists<Rule>,
  on: On,
): Judgement<Rule> {
  const denying = strongest(denies, on, DENIES_FIRST)
  if (denying !== null && (denying.truth === 'true' || denying.truth === 'missing')) {
    return { kind: 'denied', rule: denying.rule }
  }
  const allowing = strongest(allows, on, ALLOWS_FIRST)
  if (allowing === null || allowing.truth === 'missing' || allowing.truth === 'false') {
    return NOT_ALLOWED
  }
  const open = denying === null || denying.truth === 'false' ? allowing.truth : denying.truth
  if (open === 'pending' || allowing.truth === 'pending') return PENDING
  if (open === 'failed') return FAILED
  return { kind: 'allowed', rule: allowing.rule }
}

/** The rule whose truth says most, by this order; of several the first by name. */
function strongest<On, Rule extends Tested<On>>(
  rules: readonly Rule[],
  on: On,
  order: readonly Truth[],
): { readonly rule: Rule; readonly truth: Truth } | null {
  let best: { readonly rule: Rule; readonly truth: Truth } | null = null
  let rank = order.length
  for (const rule of rules) {
    const truth = rule.test(on)
    const own = order.indexOf(truth)
    if (own < rank) {
      best = { rule, truth }
      rank = own
      if (rank === 0) break
    }
  }
  return best
}

/** A deny applies if it is true or cannot be told; only what may still turn out false is waited for. */
const DENIES_FIRST: readonly Truth[] = ['true', 'missing', 'pending', 'failed', 'false']
const ALLOWS_FIRST: readonly Truth[] = ['true', 'pending', 'failed', 'missing', 'false']

const NOT_ALLOWED = Object.freeze({ kind: 'not_allowed', rule: null })
const FAILED = Object.freeze({ kind: 'failed', rule: null })
const PENDING = Object.freeze({ kind: 'pending', rule: null })

/**
 * What a condition comes to. Three values in logic, five in code: what is unknown is unknown for a reason, and the reason
 * decides whether to refuse, to answer that we cannot tell, or to go and look.
 *
 * - `true`, `false`
 * - `missing`: an attribute is not there, or is not what it was declared as
 * - `failed`: our own side failed, such as the loader of a relation
 * - `pending`: a relation has not been loaded yet
 *
 * An allow applies only if it is true, a deny unless it is false: whatever is unknown never opens a door.
 */
export type Truth = 'true' | 'false' | 'missing' | 'failed' | 'pending'

/** Of boolean kind. */
export function truthOf(value: boolean): Truth {
  return value ? 'true' : 'false'
}

/** What is unknown stays unknown (Kleene). */
export function negated(truth: Truth): Truth {
  return truth === 'true' ? 'false' : truth === 'false' ? 'true' : truth
}

/**
 * Which of two unknowns speaks for a conjunction or disjunction that neither side has settled. What can be looked up is
 * looked up first. A failure comes before what is missing: without it the answer might have been another one, and then
 * the right thing to say is that we cannot tell.
 */
export function unknownOf(left: Truth, right: Truth): Truth {
  if (left === 'pending' || right === 'pending') return 'pending'
  return left === 'failed' || right === 'failed' ? 'failed' : 'missing'
}

import type { ComparedDecision, PolicyDifference } from './difference.js'

/** What the asker can tell apart: not which rule it was, and of refusals only whether they hide the resource. */
export function isSameAnswer(one: ComparedDecision, other: ComparedDecision): boolean {
  return answerOf(one) === answerOf(other)
}

/** What becomes of the asker's reach. */
export function effectOf(
  before: ComparedDecision,
  after: ComparedDecision,
): Extract<PolicyDifference, { kind: 'difference' }>['effect'] {
  const [earlier, later] = [before.decision, after.decision]
  if (earlier.kind === 'permitted' && later.kind === 'permitted') {
    // Fields that cannot be told are refused, and what is refused now and not then is less, even if it is a list of none.
    if (before.fields === null && after.fields !== null) return 'widens'
    if (before.fields !== null && after.fields === null) return 'narrows'
    const isMore = isWithin(before.fields, after.fields)
    const isLess = isWithin(after.fields, before.fields)
    return isMore === isLess ? 'changes' : isMore ? 'widens' : 'narrows'
  }
  if (later.kind === 'permitted') return 'widens'
  if (earlier.kind === 'permitted') return 'narrows'
  // What lies behind the scope is another matter: the grant itself reaches further.
  if (earlier.kind === 'scope') return 'widens'
  if (later.kind === 'scope') return 'narrows'
  if (earlier.kind === 'permission' && later.kind === 'permission') {
    return earlier.concealed ? 'widens' : 'narrows'
  }
  return 'changes'
}

function answerOf({ decision, fields }: ComparedDecision): string {
  switch (decision.kind) {
    case 'permitted':
      return `permitted ${JSON.stringify(fields)}`
    case 'permission':
      return `permission ${String(decision.concealed)}`
    case 'scope':
    case 'unavailable':
      return decision.kind
  }
}

/** Those that cannot be told are none. */
function isWithin(fields: readonly string[] | null, others: readonly string[] | null): boolean {
  return (fields ?? []).every((field) => others?.includes(field) === true)
}

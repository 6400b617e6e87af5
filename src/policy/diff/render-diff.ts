import { printable } from '../../shared/printable.js'
import type { PolicyDecision } from '../decision.js'
import { describeScalar } from '../explain/describe-atom.js'
import type { ComparedDecision, ExampleRequest, PolicyDifference } from './difference.js'

/** Differences as lines for a terminal or a review, each with its example, without a line feed at the end. Printable. */
export function renderDiff(differences: readonly PolicyDifference[]): string {
  if (differences.length === 0) return 'no difference'
  return differences.flatMap(rendered).join('\n')
}

function rendered(difference: PolicyDifference): readonly string[] {
  const about = `${printable(difference.action)} on ${printable(difference.type)}`
  if (difference.kind === 'not_proved') return [`not proved: ${about}`]
  const { effect, before, after, roles, example } = difference
  const holders = roles.map((role) => (role === null ? 'no role' : printable(role))).join(', ')
  return [
    `${effect}: ${about}, from ${answer(before, after)} to ${answer(after, before)}`,
    ...(holders === '' ? [] : [`  roles     ${holders}`]),
    ...exampleLines(example),
  ]
}

function answer({ decision, fields }: ComparedDecision, other: ComparedDecision): string {
  // Of attributes there is only something to say if they are what differs.
  if (decision.kind !== 'permitted' || other.decision.kind !== 'permitted') return verdict(decision)
  return `permitted (${fields === null ? 'of what, cannot be told' : fields.map((field) => printable(field)).join(', ')})`
}

function verdict(decision: PolicyDecision): string {
  if (decision.kind !== 'permission')
    return decision.kind === 'scope' ? 'scope missing' : decision.kind
  return decision.concealed ? 'refused and hidden' : 'refused'
}

function exampleLines({ grant, roles, ...example }: ExampleRequest): readonly string[] {
  const lines = grant === 'undelegated' ? [] : [`  grant     ${describeScalar(grant)}`]
  if (roles.length > 0) lines.push(`  holding   ${roles.map((role) => printable(role)).join(', ')}`)
  for (const part of ['principal', 'resource', 'context', 'relations', 'predicates'] as const) {
    const members = Object.entries(example[part]).map(
      ([name, value]) => `${printable(name)} = ${printable(JSON.stringify(value) ?? 'NaN')}`,
    )
    if (members.length > 0) lines.push(`  ${part.padEnd(9)} ${members.join(', ')}`)
  }
  return lines
}

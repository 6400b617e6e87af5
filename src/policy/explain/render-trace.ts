import { printable } from '../../shared/printable.js'
import { unreachable } from '../../shared/result.js'
import type { Scalar } from '../condition/condition.js'
import type { PolicyDecision } from '../decision.js'
import { describeAtom, describeScalar } from './describe-atom.js'
import { isTrace } from './is-trace.js'
import { replayTrace } from './replay.js'
import type { PolicyTrace, TracedCondition, TracedRule } from './trace.js'

/**
 * A trace as lines for a terminal, the decision first, without a line feed at the end.
 *
 * Whatever is not printable ASCII is escaped, so that no name and no value can move the cursor or begin a line. What is no trace
 * is one line that says so. Never throws.
 */
export function renderTrace(trace: PolicyTrace): string {
  // From here on what is not escaped is one of the codes that there are.
  if (!isTrace(trace)) return 'unavailable: this is no trace of a policy'
  const { action, type, version, scope, tenant, role, rules, missing, conceal, sight } = trace
  const lines = [
    `${verdict(replayTrace(trace))}: ${printable(action)} on ${printable(type)}, policy ${printable(version)}`,
    row('scope', scope),
    row('tenant', tenant),
    row('role', role),
    ...rules.flatMap(rendered),
  ]
  if (missing.length > 0)
    lines.push(row('missing', missing.map((path) => printable(path)).join(' ')))
  if (conceal !== null && sight !== null) {
    lines.push(row('sight', `${verdict(replayTrace(sight))}: ${printable(conceal)}`))
  }
  return lines.join('\n')
}

function verdict(decision: PolicyDecision): string {
  switch (decision.kind) {
    case 'permitted':
      return `permitted by ${describeScalar(decision.rule)}`
    case 'scope':
      return 'scope missing'
    case 'permission': {
      const by = decision.rule === null ? '' : ` by ${describeScalar(decision.rule)}`
      return `${decision.reason}${by}${decision.concealed ? ', concealed' : ''}`
    }
    case 'unavailable':
      return 'unavailable'
    default:
      return unreachable(decision)
  }
}

function rendered({ name, effect, applies, when }: TracedRule): string[] {
  const heading = row(effect, `${describeScalar(name)} ${applies ? 'applies' : 'does not apply'}`)
  return [heading, ...renderedCondition(when, 2)]
}

function renderedCondition(condition: TracedCondition, depth: number): string[] {
  const line = (text: string): string =>
    `${'  '.repeat(depth)}${condition.truth.padEnd(TRUTH_CHARACTERS)} ${text}`
  switch (condition.kind) {
    case 'always':
    case 'never':
      return [line(condition.kind)]
    case 'allOf':
    case 'anyOf':
      return [
        line(condition.kind),
        ...condition.parts.flatMap((part) => renderedCondition(part, depth + 1)),
      ]
    case 'not':
      return [line('not'), ...renderedCondition(condition.part, depth + 1)]
    case 'atom': {
      const values = Object.entries(condition.values ?? {}).map(
        ([path, value]) => `${printable(path)} = ${shownValue(value)}`,
      )
      const shown = values.length > 0 ? ` (${values.join(', ')})` : ''
      return [line(`${describeAtom(condition.atom)}${shown}`)]
    }
    default:
      return unreachable(condition)
  }
}

function shownValue(value: Scalar | readonly string[]): string {
  if (typeof value !== 'object') return describeScalar(value)
  const first = value.slice(0, MOST_LISTED).map(describeScalar)
  const more = value.length - first.length
  return `[${first.join(', ')}${more > 0 ? `, and ${more} more` : ''}]`
}

function row(label: string, text: string): string {
  return `  ${label.padEnd(LABEL_CHARACTERS)} ${text}`
}

const LABEL_CHARACTERS = 7
const TRUTH_CHARACTERS = 7
const MOST_LISTED = 8

import { printable } from '../shared/printable.js'
import type { Explanation, ExplanationEdge } from './explanation.js'

/**
 * An explanation as lines for a terminal or a log, the verdict first, without a line feed at the end.
 *
 * Claims are written by strangers, so whatever is not printable ASCII is escaped as in JSON, and no line starts with
 * anything of theirs. At most 16,384 characters: long tokens are cut, of long lists the first are shown.
 */
export function renderExplanation(explanation: Explanation): string {
  const { kind, steps, missing, challenge, ignored, malformed, problem } = explanation
  const lines: string[] = [kind]
  for (const { atom, path } of steps.slice(0, MOST_STEPS)) {
    lines.push(row('has', `${shown(atom)}: ${shownPath(path)}`))
  }
  if (steps.length > MOST_STEPS) lines.push(row('has', andMore(steps.length - MOST_STEPS)))
  if (missing.length > 0) lines.push(row('lacks', shownList(missing)))
  if (missing.length > 0) lines.push(row('ask for', shownList(challenge.split(' '))))
  if (ignored.length > 0) lines.push(row('ignored', shownList(ignored)))
  if (malformed.length > 0) lines.push(row('malformed', shownList(malformed, quoted)))
  if (problem !== null) lines.push(row('problem', problem))
  return lines.join('\n')
}

function row(label: string, text: string): string {
  return `  ${label.padEnd(LABEL_CHARACTERS)} ${text}`
}

/** `users:* > users:write (wildcard) > users:read (implication)`, or the cause alone where the token says it all. */
function shownPath(path: readonly ExplanationEdge[]): string {
  const [first] = path
  if (first === undefined) return ''
  if (path.length === 1 && first.cause === 'own_name') return first.cause
  const edges = first.cause === 'own_name' ? path.slice(1) : path
  const near = edges.slice(0, MOST_EDGES).map(({ to, cause }) => `${shown(to)} (${cause})`)
  const more = edges.length > MOST_EDGES ? [andMore(edges.length - MOST_EDGES)] : []
  return [shown(first.from), ...near, ...more].join(' > ')
}

function shownList(list: readonly string[], show: (text: string) => string = shown): string {
  const first = list.slice(0, MOST_LISTED).map(show).join(' ')
  return list.length > MOST_LISTED ? `${first} ${andMore(list.length - MOST_LISTED)}` : first
}

function andMore(count: number): string {
  return `(and ${count} more)`
}

/** Names and well-formed tokens need no quotes: they contain none, and no space. */
function shown(text: string): string {
  return printable(text, MOST_CHARACTERS)
}

function quoted(text: string): string {
  return `"${shown(text).replaceAll('"', '\\"')}"`
}

const LABEL_CHARACTERS = 9
const MOST_STEPS = 16
const MOST_EDGES = 4
const MOST_LISTED = 8
const MOST_CHARACTERS = 64

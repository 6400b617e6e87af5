import type { Requirement } from '../scope/requirement.js'
import { unreachable } from '../shared/result.js'
import type { ListedRoute } from './listed-route.js'
import type { RuleDescription } from './rule-description.js'

/**
 * The inventory as a table for people, one route a line, in the order given, without a line break at the end:
 * `console.log(formatInventory(inventory(app)))`. It is for reading, not for parsing: its form may change.
 */
export function formatInventory(routes: readonly ListedRoute[]): string {
  const rows = routes.map((route) => [route.method, route.path, ...cellsOf(route)])
  const widths = [0, 1, 2, 3].map((at) => Math.max(0, ...rows.map((row) => row[at]?.length ?? 0)))
  return rows
    .map((row) => row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  '))
    .map((line) => line.trimEnd())
    .join('\n')
}

/** Who may, what it takes, and what else is asked. */
function cellsOf({ kind, rule, before, requirement, document }: ListedRoute): readonly string[] {
  const shown = rule === null ? [] : [...before, rule]
  switch (kind) {
    case 'bare':
      return ['everybody: NO RULE']
    case 'barred':
      return ['nobody: NO RULE']
    case 'open':
    case 'guarded': {
      if (rule === null) return ['anyone', document ?? '']
      return [
        [...new Set(shown.map(({ accept }) => accept.join(', ')))].join(' then '),
        // Strangers need none: what the action asks of others stands beside the policy.
        kind === 'open' || requirement === null ? '-' : textOf(requirement, false),
        [...new Set(shown.flatMap(furtherOf))].join(', '),
      ]
    }
    default:
      return unreachable(kind)
  }
}

function furtherOf({ question, login, load, allow, hide }: RuleDescription): readonly string[] {
  return [
    ...(login === null ? [] : [loginText(login)]),
    ...(load ? ['load'] : []),
    ...(question === null ? [] : [questionText(question)]),
    ...(allow ? ['allow'] : []),
    ...(hide ? ['hide'] : []),
  ]
}

function questionText({ action, type, list }: NonNullable<RuleDescription['question']>): string {
  return `policy: ${action} on ${list ? 'a list of ' : ''}${type}`
}

function loginText({ maxAgeSeconds, acr }: NonNullable<RuleDescription['login']>): string {
  const age = maxAgeSeconds === null ? [] : [`${maxAgeSeconds} s ago`]
  return ['login', ...age, ...acr].join(' ')
}

function textOf(requirement: Requirement, isInner: boolean): string {
  switch (requirement.kind) {
    case 'authenticated':
      return 'authenticated'
    case 'scope':
      return requirement.name
    case 'allOf':
    case 'anyOf': {
      const joint = requirement.kind === 'allOf' ? ' and ' : ' or '
      const text = requirement.parts.map((part) => textOf(part, true)).join(joint)
      return isInner && requirement.parts.length > 1 ? `(${text})` : text
    }
    default:
      return unreachable(requirement)
  }
}

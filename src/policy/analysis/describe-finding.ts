import { printable } from '../../shared/printable.js'
import { unreachable } from '../../shared/result.js'
import { describeScalar } from '../explain/describe-atom.js'
import type { FindingAbout, RuleFinding } from './finding.js'

/** One printable sentence. */
export function describeFinding(finding: FindingAbout): string {
  const quoted = describeScalar
  switch (finding.kind) {
    case 'rule_unreachable':
    case 'rule_shadowed':
    case 'deny_without_effect':
    case 'deny_only_unknown': {
      const actions = finding.actions.map((action) => printable(action)).join(', ')
      return `Rule ${quoted(finding.rule)} (${actions} on ${printable(finding.type)}) ${verdictOf(finding)}.`
    }
    case 'action_never_allowed': {
      const on = finding.type === null ? '' : ` on ${printable(finding.type)}`
      return `No rule allows ${printable(finding.action)}${on}.`
    }
    case 'role_unused':
      return `Role ${quoted(finding.role)} has nothing that a rule allows, and no rule asks for it.`
    case 'relation_unused':
      return `No rule asks for relation ${quoted(finding.relation)}.`
    case 'predicate_unused':
      return `No rule asks for predicate ${quoted(finding.predicate)}.`
    case 'attribute_unused':
      return `No rule asks for ${printable(finding.attribute)}.`
    case 'type_unused':
      return `No rule is about type ${quoted(finding.type)}.`
    case 'scope_unused':
      return `No rule and no route names ${printable(finding.scope)}, or what it implies.`
    case 'route_unreachable':
      return `Route ${printable(finding.route)} asks for ${printable(finding.action)} on ${printable(finding.type)}, which nobody is ever permitted.`
    case 'route_not_listable':
      return `Route ${printable(finding.route)} lists ${printable(finding.type)} for ${printable(finding.action)}, and rule ${quoted(finding.rule)} asks what no query can.`
    case 'analysis_failed':
      return 'The policy could not be looked at: looking at it came to an error.'
    case 'not_proved':
      return `${printable(finding.action)} on ${printable(finding.type)} has too many cases to look at.`
    default:
      return unreachable(finding)
  }
}

function verdictOf({ kind, by }: RuleFinding): string {
  const others = by.map(describeScalar).join(', ')
  switch (kind) {
    case 'rule_unreachable':
      return 'can never apply'
    case 'rule_shadowed':
      return `changes no decision${others === '' ? '' : `: whenever it is true, so is ${others}`}`
    case 'deny_without_effect':
      return `refuses nothing that would not be refused anyway${others === '' ? '' : `, by ${others}`}`
    case 'deny_only_unknown':
      return 'is never true, and refuses only for want of an attribute'
    default:
      return unreachable(kind)
  }
}

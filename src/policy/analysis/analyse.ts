import { unlistableRule } from '../filter/assert-listable.js'
import type { ReadyPolicy } from '../ready-policy.js'
import { type Analysable, readyOf } from './analysable.js'
import { analyseAction } from './analyse-action.js'
import type { AnalysedRoute } from './analysed-route.js'
import { describeFinding } from './describe-finding.js'
import { findUnused } from './find-unused.js'
import type { FindingAbout, PolicyFinding, RuleFinding } from './finding.js'
import { FINDING_LEVELS } from './finding.js'

export interface AnalyseOptions {
  /** The routes of the API. Default: none, and then every scope that no rule names is reported. */
  readonly routes?: readonly AnalysedRoute[]
  /** How many cases of one action are looked at before it is called `not_proved`. Default: 1,048,576. */
  readonly mostCases?: number
}

/**
 * What is wrong with a policy, or superfluous in it: errors first. An empty list means that every case was looked at and
 * nothing was found; whatever could not be looked at is reported as `not_proved`.
 *
 * Sees that comparisons of the same attributes contradict or imply each other. Does not see what relations and predicates
 * have to do with each other or with attributes: to it each may be true or false whatever else is. So a rule that it calls
 * unreachable is, and one that it does not may be unreachable all the same. Takes a while: for tests and for the start of a
 * process.
 */
export function analyse(
  policy: Analysable,
  { routes = [], mostCases }: AnalyseOptions = {},
): readonly PolicyFinding[] {
  const ready = readyOf(policy)
  const found: FindingAbout[] = []
  const allowed = new Map<string, boolean | null>()
  for (const type of ready.compiled.values()) {
    const rules: RuleFinding[] = []
    for (const [action, { allows, denies, fields }] of type.actions) {
      if (allows.length + denies.length + fields.length === 0) continue
      const analysis = analyseAction({ ready, type }, action, mostCases)
      allowed.set(questionKey(action, type.model.name), analysis.isAllowed)
      if (analysis.isAllowed === null) {
        found.push({ kind: 'not_proved', action, type: type.model.name })
      }
      for (const rule of analysis.rules) {
        rules.push({ ...rule, type: type.model.name, actions: [action] })
      }
      if (allows.length === 0) {
        found.push({ kind: 'action_never_allowed', action, type: type.model.name })
      }
    }
    for (const finding of together(rules)) found.push(finding)
  }
  for (const { name, rule } of routes) {
    const question = rule?.question ?? null
    if (question === null) continue
    const { action, type, list = false } = question
    const isAllowed = allowed.get(questionKey(action, type))
    // Nothing is known of it at all where no rule speaks of it.
    if (isAllowed === false || isAllowed === undefined) {
      found.push({ kind: 'route_unreachable', route: name, action, type })
    }
    const unlistable = list ? unlistableIn(ready, action, type) : null
    if (unlistable !== null) {
      found.push({ kind: 'route_not_listable', route: name, action, type, rule: unlistable })
    }
  }
  for (const finding of findUnused(policy, routes)) found.push(finding)
  return found
    .map((about) => ({
      ...about,
      level: FINDING_LEVELS[about.kind],
      message: describeFinding(about),
    }))
    .sort((one, other) => ORDER.indexOf(one.level) - ORDER.indexOf(other.level))
}

/** What is true of one rule for several actions is said once. */
function together(findings: readonly RuleFinding[]): readonly RuleFinding[] {
  const merged = new Map<string, RuleFinding>()
  for (const finding of findings) {
    const key = JSON.stringify([finding.kind, finding.rule, finding.by])
    const known = merged.get(key)
    merged.set(key, {
      ...finding,
      actions: [...(known?.actions ?? []), ...finding.actions],
    })
  }
  return [...merged.values()]
}

/** The rule for which `filter` would refuse this action. */
function unlistableIn(
  { model, compiled }: ReadyPolicy,
  action: string,
  type: string,
): string | null {
  const rules = compiled.get(type)?.actions.get(action)
  if (rules === undefined) return null
  return unlistableRule(model, [...rules.denies, ...rules.allows])?.rule ?? null
}

function questionKey(action: string, type: string): string {
  return JSON.stringify([action, type])
}

const ORDER = ['error', 'warning', 'note']

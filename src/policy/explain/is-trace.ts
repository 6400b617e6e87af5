import { describeAtom } from './describe-atom.js'
import type { PolicyTrace, TracedCondition } from './trace.js'

/**
 * Whether a value, such as one from a log, is a trace: all members there, each code one of those that there are, no deeper than
 * a policy can be. Whether it is true is another matter.
 */
export function isTrace(value: unknown): value is PolicyTrace {
  try {
    return isTraceWithin(value, MOST_SIGHTS)
  } catch {
    // A member that cannot be read, or an atomic part that cannot be described.
    return false
  }
}

function isTraceWithin(value: unknown, sights: number): boolean {
  if (!isObject(value) || sights < 0) return false
  const { version, action, type, scope, tenant, role, rules, missing, conceal, sight } = value
  return (
    [version, action, type].every(isText) &&
    SCOPES.has(scope) &&
    TENANTS.has(tenant) &&
    ROLES.has(role) &&
    isListOf(rules, isRule) &&
    isListOf(missing, isText) &&
    (conceal === null || isText(conceal)) &&
    (sight === null || isTraceWithin(sight, sights - 1))
  )
}

function isRule(value: unknown): boolean {
  if (!isObject(value)) return false
  const { name, effect, truth, applies, when } = value
  return (
    isText(name) &&
    EFFECTS.has(effect) &&
    TRUTHS.has(truth) &&
    typeof applies === 'boolean' &&
    isCondition(when, MOST_DEEP)
  )
}

function isCondition(value: unknown, depth: number): value is TracedCondition {
  if (!isObject(value) || depth < 0 || !TRUTHS.has(value['truth'])) return false
  switch (value['kind']) {
    case 'always':
    case 'never':
      return true
    case 'not':
      return isCondition(value['part'], depth - 1)
    case 'allOf':
    case 'anyOf':
      return isListOf(value['parts'], (part) => isCondition(part, depth - 1))
    case 'atom': {
      const { atom, missing, values } = value
      return (
        isObject(atom) &&
        // Throws for what is no atomic part.
        isText(describeAtom(atom as never)) &&
        isListOf(missing, isText) &&
        (values === undefined || (isObject(values) && Object.values(values).every(isValue)))
      )
    }
    default:
      return false
  }
}

function isValue(value: unknown): boolean {
  return isText(value) || SCALARS.has(typeof value) || isListOf(value, isText)
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

function isListOf(value: unknown, is: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(is)
}

const SCOPES: ReadonlySet<unknown> = new Set(['undelegated', 'covered', 'not_covered'])
const TENANTS: ReadonlySet<unknown> = new Set(['not_asked', 'own', 'differs', 'failed'])
const ROLES: ReadonlySet<unknown> = new Set(['not_asked', 'held', 'missing', 'failed'])
const EFFECTS: ReadonlySet<unknown> = new Set(['allow', 'deny', 'fields'])
const TRUTHS: ReadonlySet<unknown> = new Set(['true', 'false', 'missing', 'failed'])
const SCALARS: ReadonlySet<string> = new Set(['number', 'boolean'])
/** Conditions of policies nest no deeper than 32. */
const MOST_DEEP = 32
/** Whether something may be seen is decided once; what is decided about that is not hidden. */
const MOST_SIGHTS = 1

import { ConfigurationError } from '../errors.js'
import { ownMember } from '../shared/own-members.js'
import { authenticated, type Requirement } from './requirement.js'

/**
 * Checks a requirement that may come from untyped code, and copies it, frozen.
 *
 * @param names the vocabulary
 * @throws ConfigurationError `scope_unknown` for a name outside the vocabulary, `scope_invalid` for anything else
 * that is not a requirement: an empty `allOf` or `anyOf`, or a bare list
 */
export function checkRequirement(
  part: unknown,
  names: ReadonlySet<string>,
  depth = 0,
): Requirement {
  if (typeof part === 'string') return scope(part, names)
  if (Array.isArray(part)) {
    throw invalid(
      'A list of scopes does not say whether one or all are needed: write allOf(...) or anyOf(...).',
    )
  }
  if (typeof part !== 'object' || part === null) throw invalid(NOT_A_REQUIREMENT)
  const kind = ownMember(part, 'kind')
  switch (kind) {
    case 'authenticated':
      assertOnly(part, 'kind')
      return authenticated()
    case 'scope':
      assertOnly(part, 'kind', 'name')
      return scope(ownMember(part, 'name'), names)
    case 'allOf':
    case 'anyOf': {
      assertOnly(part, 'kind', 'parts')
      if (depth === MAX_DEPTH) throw invalid(`allOf and anyOf nest at most ${MAX_DEPTH} deep.`)
      const parts = ownMember(part, 'parts')
      // The empty conjunction is true and the empty disjunction false; on a route either is a slip.
      if (!Array.isArray(parts) || parts.length === 0)
        throw invalid(`${kind} needs at least one part.`)
      const checked = Array.from(parts, (one: unknown) => checkRequirement(one, names, depth + 1))
      return Object.freeze({ kind, parts: Object.freeze(checked) })
    }
    default:
      throw invalid(NOT_A_REQUIREMENT)
  }
}

function scope(name: unknown, names: ReadonlySet<string>): Requirement {
  if (typeof name !== 'string') throw invalid(NOT_A_REQUIREMENT)
  if (names.has(name)) return Object.freeze({ kind: 'scope', name })
  const advice = name.includes('*')
    ? ' A requirement names scopes; only a grant may hold a pattern.'
    : ''
  throw new ConfigurationError('scope_unknown', `'${name}' is not in the vocabulary.${advice}`)
}

/** A member that nobody reads may have been meant to restrict. */
function assertOnly(part: object, ...members: readonly string[]): void {
  for (const key of Object.keys(part)) {
    if (!members.includes(key)) throw invalid(`'${key}' is not part of a requirement.`)
  }
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError('scope_invalid', message)
}

const NOT_A_REQUIREMENT = 'A requirement is a scope, allOf(...), anyOf(...) or authenticated().'
const MAX_DEPTH = 32

import { ConfigurationError } from '../errors.js'
import { printableMessage } from '../shared/printable.js'
import type { Atoms } from './atoms.js'
import { DIALECTS } from './dialects.js'

/**
 * What else a grant may write for a name, by the text: the spellings of the dialects that are accepted besides.
 *
 * @throws ConfigurationError `scope_invalid` if a text would then name two scopes
 */
export function otherSpellings({ names, spelled }: Atoms): ReadonlyMap<string, string> {
  const others = new Map<string, string>()
  for (const [dialect, written] of spelled) {
    for (const [name, segments] of written) {
      const text = segments.join(DIALECTS[dialect].separator)
      if (text === name) continue
      const meant = names.has(text) ? text : others.get(text)
      if (meant !== undefined && meant !== name) {
        throw invalid(`'${text}' would name both '${meant}' and, as ${dialect}, '${name}'.`)
      }
      others.set(text, name)
    }
  }
  return others
}

/**
 * Makes sure that no pattern means other scopes in one accepted dialect than in another.
 *
 * That takes two that share a separator: `read:*` is everything on `read`, or `read` on everything. A pattern without a
 * separator means the scopes of one segment in each, and `*:*` all of two.
 *
 * @throws ConfigurationError `scope_invalid`
 */
export function assertPatternsAgree({ spelled, explicitOnly }: Atoms): void {
  const one = patternsOf(spelled.get('resource:action'), explicitOnly)
  const other = patternsOf(spelled.get('action:resource'), explicitOnly)
  for (const [pattern, names] of one) {
    const others = other.get(pattern)
    if (others === undefined) continue
    if (names.length === others.length && names.every((name) => others.includes(name))) continue
    throw invalid(
      `'${pattern}' would mean ${list(names)} as resource:action and ${list(others)} as action:resource.`,
    )
  }
}

function patternsOf(
  names: ReadonlyMap<string, readonly string[]> | undefined,
  explicitOnly: ReadonlySet<string>,
): Map<string, string[]> {
  const patterns = new Map<string, string[]>()
  for (const [name, [first, second]] of names ?? []) {
    if (second === undefined || explicitOnly.has(name)) continue
    for (const pattern of [`${first}:*`, `*:${second}`]) {
      const matched = patterns.get(pattern) ?? []
      patterns.set(pattern, matched)
      matched.push(name)
    }
  }
  return patterns
}

/** The first few; a resource may have hundreds. */
function list(names: readonly string[]): string {
  const shown = names.slice(0, 3).map((name) => `'${name}'`)
  return names.length > 3 ? `${shown.join(', ')} and more` : shown.join(', ')
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError(
    'scope_invalid',
    printableMessage(`defineScopes: accepts: ${message}`),
  )
}

import { MAX_AUTHORIZATION_LENGTH } from './authorization-header.js'
import type { CredentialKind } from './credential.js'
import { tokenEnd, whitespaceEnd } from './field-grammar.js'

/** The kind of credential that a scheme of `Authorization` carries, or null for a scheme we do not know. */
export function kindOfScheme(lowerCaseScheme: string): CredentialKind | null {
  return KINDS.get(lowerCaseScheme) ?? null
}

/**
 * The kinds that an `Authorization` value names, each once and in order, whether or not the value is well-formed.
 *
 * Looks at what stands at the start and behind each comma, so that of two joined field lines both are seen and the
 * challenges of both can carry `invalid_request`. A guess for the answer's sake; never use it to find a credential.
 *
 * @see RFC 9449 section 7.2, the last figure
 */
export function kindsNamedIn(fieldValue: string): readonly CredentialKind[] {
  const text = fieldValue.slice(0, MAX_AUTHORIZATION_LENGTH)
  const kinds = new Set<CredentialKind>()
  for (let comma = -1; comma < text.length; ) {
    const start = whitespaceEnd(text, comma + 1)
    const kind = kindOfScheme(text.slice(start, tokenEnd(text, start)).toLowerCase())
    if (kind !== null) kinds.add(kind)
    const next = text.indexOf(',', start)
    comma = next < 0 ? text.length : next
  }
  return [...kinds]
}

const KINDS: ReadonlyMap<string, CredentialKind> = new Map([
  ['bearer', 'bearer'],
  ['dpop', 'dpop'],
  ['basic', 'basic'],
  ['apikey', 'api-key'],
])

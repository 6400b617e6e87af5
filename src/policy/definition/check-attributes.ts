import { ConfigurationError } from '../../errors.js'
import { frozenMap, frozenSet } from '../../shared/frozen.js'
import { ownMembers } from '../../shared/own-members.js'
import { printableMessage } from '../../shared/printable.js'
import type { AttributeTable, CheckedAttribute } from '../condition/attributes.js'

/**
 * Reads a declaration of attributes.
 *
 * @param reserved names that every such object has already
 * @throws ConfigurationError `policy_invalid`
 */
export function checkAttributes(
  where: string,
  declared: unknown,
  reserved: AttributeTable = new Map(),
): AttributeTable {
  const table = new Map<string, CheckedAttribute>(reserved)
  for (const [name, kind] of ownMembers(where, declared)) {
    if (
      name === '' ||
      name.length > MAX_NAME_CHARACTERS ||
      name === '__proto__' ||
      /[^\x20-\x7e]/.test(name)
    ) {
      throw invalid(`${where}: '${name}' cannot name an attribute.`)
    }
    if (reserved.has(name) || RESERVED.has(name)) {
      throw invalid(`${where}: '${name}' has a meaning of its own; name the attribute otherwise.`)
    }
    table.set(name, checkKind(`${where}.${name}`, kind))
  }
  return frozenMap(table)
}

function checkKind(where: string, kind: unknown): CheckedAttribute {
  if (Array.isArray(kind)) {
    const members: readonly unknown[] = kind
    if (members.length === 0 || !members.every((member) => typeof member === 'string')) {
      throw invalid(`${where}: an enumeration is a list of texts, at least one.`)
    }
    // Each was just found to be a string.
    const texts = frozenSet(members as readonly string[])
    if (texts.size !== members.length) throw invalid(`${where}: lists a text twice.`)
    return Object.freeze({ kind: 'string', members: texts, optional: false })
  }
  const known = typeof kind === 'string' ? KINDS.get(kind) : undefined
  if (known === undefined) {
    throw invalid(`${where} must be one of ${[...KINDS.keys()].join(', ')}, or a list of texts.`)
  }
  return known
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError('policy_invalid', printableMessage(message))
}

const KINDS: ReadonlyMap<string, CheckedAttribute> = new Map(
  (['string', 'number', 'boolean', 'strings'] as const).flatMap((kind) =>
    [false, true].map((optional): [string, CheckedAttribute] => [
      optional ? `${kind}?` : kind,
      Object.freeze({ kind, members: null, optional }),
    ]),
  ),
)
const MAX_NAME_CHARACTERS = 64
/** What a principal has besides its attributes. */
const RESERVED: ReadonlySet<string> = new Set(['roles'])

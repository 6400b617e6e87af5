import { ConfigurationError } from '../errors.js'
import { memberOr, ownMembers } from '../shared/own-members.js'
import { printableMessage } from '../shared/printable.js'
import type { Dialect } from './definition.js'
import { isDialect } from './dialects.js'
import { readLimits, type ScopeLimits } from './limits.js'

/** A definition copied out of its object: every member there, of the right kind, without duplicates. */
export interface DefinitionShape {
  readonly dialect: Dialect
  readonly accepts: ReadonlySet<Dialect>
  readonly resources: ReadonlyMap<string, ReadonlySet<string>>
  readonly actions: ReadonlySet<string>
  readonly opaque: ReadonlySet<string>
  readonly superuser: string | null
  readonly explicitOnly: ReadonlySet<string>
  readonly implies: ReadonlyMap<string, ReadonlySet<string>>
  readonly actionImplies: ReadonlyMap<string, ReadonlySet<string>>
  readonly wildcards: 'off' | 'grants'
  readonly defaults: ReadonlySet<string>
  /** At least one. */
  readonly claims: ReadonlySet<string>
  readonly limits: ScopeLimits
}

/**
 * Reads the definition of a vocabulary as if nothing were known of its type. Does not look at what the names mean.
 *
 * @throws ConfigurationError `option_invalid` for a member that is missing, unknown or of the wrong kind,
 * `scope_invalid` for a name that is listed twice
 */
export function readDefinitionShape(definition: unknown): DefinitionShape {
  const members = ownMembers('defineScopes: the definition', definition)
  for (const member of members.keys()) {
    if (!MEMBERS.has(member)) throw invalid(`'${member}' is not an option.`)
  }
  const read = (name: keyof DefinitionShape, otherwise: unknown): unknown =>
    memberOr(members, name, otherwise)
  const dialect = dialectOf(read('dialect', 'resource:action'))
  return {
    dialect,
    accepts: acceptedOf(read('accepts', []), dialect),
    resources: readLists('resources', members.get('resources')),
    actions: readList('actions', read('actions', [])),
    opaque: readList('opaque', read('opaque', [])),
    superuser: members.has('superuser') ? superuserOf(members.get('superuser')) : null,
    explicitOnly: readList('explicitOnly', read('explicitOnly', [])),
    implies: readLists('implies', read('implies', {})),
    actionImplies: readLists('actionImplies', read('actionImplies', {})),
    wildcards: wildcardsOf(read('wildcards', 'off')),
    defaults: readList('defaults', read('defaults', [])),
    claims: claimsOf(read('claims', ['scope', 'scp'])),
    limits: readLimits(read('limits', {})),
  }
}

function dialectOf(value: unknown): Dialect {
  if (isDialect(value)) return value
  throw invalid(`dialect must be ${A_DIALECT}.`)
}

function acceptedOf(value: unknown, dialect: Dialect): ReadonlySet<Dialect> {
  const accepted = new Set<Dialect>()
  for (const one of readList('accepts', value)) {
    if (!isDialect(one)) throw invalid(`accepts: '${one}' must be ${A_DIALECT}.`)
    if (one === dialect) throw invalid(`accepts: '${one}' is the dialect of the vocabulary itself.`)
    accepted.add(one)
  }
  return accepted
}

function claimsOf(value: unknown): ReadonlySet<string> {
  const claims = readList('claims', value)
  if (claims.size === 0 || claims.has('')) throw invalid('claims must name at least one claim.')
  return claims
}

function superuserOf(value: unknown): string {
  if (typeof value === 'string') return value
  throw invalid('superuser must be a string.')
}

function wildcardsOf(value: unknown): 'off' | 'grants' {
  if (value === 'off' || value === 'grants') return value
  throw invalid("wildcards must be 'off' or 'grants'.")
}

function readLists(where: string, value: unknown): ReadonlyMap<string, ReadonlySet<string>> {
  const lists = new Map<string, ReadonlySet<string>>()
  for (const [name, list] of ownMembers(`defineScopes: ${where}`, value)) {
    lists.set(name, readList(`${where}['${name}']`, list))
  }
  return lists
}

function readList(where: string, value: unknown): ReadonlySet<string> {
  if (!Array.isArray(value)) throw invalid(`${where} must be an array of strings.`)
  const items: readonly unknown[] = value
  const seen = new Set<string>()
  for (const item of items) {
    if (typeof item !== 'string') throw invalid(`${where} must be an array of strings.`)
    if (seen.has(item)) {
      throw new ConfigurationError(
        'scope_invalid',
        printableMessage(`defineScopes: ${where} lists '${item}' twice.`),
      )
    }
    seen.add(item)
  }
  return seen
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError('option_invalid', printableMessage(`defineScopes: ${message}`))
}

const MEMBERS: ReadonlySet<string> = new Set<keyof DefinitionShape>([
  'dialect',
  'accepts',
  'resources',
  'actions',
  'opaque',
  'superuser',
  'explicitOnly',
  'implies',
  'actionImplies',
  'wildcards',
  'defaults',
  'claims',
  'limits',
])
const A_DIALECT = "'resource:action', 'action:resource' or 'dotted'"

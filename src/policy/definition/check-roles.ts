import { ConfigurationError } from '../../errors.js'
import { closureOf } from '../../scope/closure.js'
import type { Scopes } from '../../scope/vocabulary.js'
import { frozenMap, frozenSet } from '../../shared/frozen.js'
import { memberOr, ownMembers } from '../../shared/own-members.js'
import { printableMessage } from '../../shared/printable.js'
import type { RoleModel } from './policy-model.js'

/**
 * Reads the roles of a policy and follows what they extend.
 *
 * A role's scopes are read as a grant is: implications hold, patterns only where the vocabulary has them for grants, and
 * what is explicit-only comes by its own name alone.
 *
 * @throws ConfigurationError `policy_invalid` for a scope or role that is not declared, and for a cycle, with its path
 */
export function checkRoles(declared: unknown, scopes: Scopes): ReadonlyMap<string, RoleModel> {
  const own = new Map<string, OwnRole>()
  const members = ownMembers('definePolicy: roles', declared)
  // Each role is written out with all that it extends, which is the square of a chain.
  if (members.size > MOST_ROLES) throw invalid(`roles: more than ${MOST_ROLES}.`)
  for (const [name, role] of members) {
    if (name === '') throw invalid('roles: a role needs a name.')
    own.set(name, readRole(name, role, scopes))
  }
  const edges = new Map<string, ReadonlySet<string>>()
  for (const [name, role] of own) {
    for (const extended of role.extends) {
      if (!own.has(extended))
        throw invalid(`roles['${name}'] extends '${extended}', which is no role.`)
    }
    edges.set(name, new Set(role.extends))
  }
  const included = closureOf('definePolicy: roles', edges, 'policy_invalid')
  const roles = new Map<string, RoleModel>()
  for (const [name, role] of own) {
    const includes = included.get(name) ?? new Set([name])
    const covered = new Set<string>()
    for (const one of includes) {
      if (covered.size === scopes.names.length) break
      for (const scope of own.get(one)?.covered ?? []) covered.add(scope)
    }
    const model: RoleModel = {
      name,
      extends: Object.freeze(role.extends),
      grants: Object.freeze(role.grants),
      includes: frozenSet(includes),
      covered: frozenSet(covered),
    }
    roles.set(name, Object.freeze(model))
  }
  return frozenMap(roles)
}

interface OwnRole {
  readonly extends: readonly string[]
  readonly grants: readonly string[]
  readonly covered: ReadonlySet<string>
}

function readRole(name: string, role: unknown, scopes: Scopes): OwnRole {
  const where = `roles['${name}']`
  const members = Array.isArray(role)
    ? new Map<string, unknown>([['grants', role]])
    : ownMembers(`definePolicy: ${where}`, role)
  for (const member of members.keys()) {
    if (member !== 'extends' && member !== 'grants')
      throw invalid(`${where} has a member '${member}'.`)
  }
  const grants = textList(`${where}.grants`, memberOr(members, 'grants', []))
  const grant = scopes.grant(grants)
  if (grant.problem !== null)
    throw invalid(`${where}: more than a grant can hold (${grant.problem}).`)
  for (const strange of [...grant.unknown, ...grant.malformed]) {
    throw invalid(`${where}: '${strange}' is not in the vocabulary.`)
  }
  return {
    extends: textList(`${where}.extends`, memberOr(members, 'extends', [])),
    grants,
    covered: grant.covered,
  }
}

/** @throws ConfigurationError `policy_invalid` */
export function textList(where: string, value: unknown): string[] {
  if (!Array.isArray(value)) throw invalid(`${where} must be a list of texts.`)
  return Array.from(value, (item: unknown) => {
    if (typeof item !== 'string') throw invalid(`${where} must be a list of texts.`)
    return item
  })
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError('policy_invalid', printableMessage(`definePolicy: ${message}`))
}

const MOST_ROLES = 1_000

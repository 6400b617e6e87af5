import { ConfigurationError } from '../errors.js'
import { createAlgebra } from './algebra.js'
import { type Alternative, alternativesOf, leastAddition } from './alternatives.js'
import { declareAtoms } from './atoms.js'
import { checkRequirement } from './check-requirement.js'
import { readScopeClaims, readScopeValue } from './claim.js'
import { successorsFirst } from './closure.js'
import { createRouteAudit } from './create-route-audit.js'
import type { Dialect, ResourceActions, ScopeName, ScopesDefinition } from './definition.js'
import { readDefinitionShape } from './definition-shape.js'
import { rememberDefinition } from './definition-text.js'
import type { Grant } from './grant.js'
import { type GrantSource, heldNames } from './grant-source.js'
import { leastNames, usefulNames } from './least-privilege.js'
import { compileMeanings, type Meanings } from './meanings.js'
import { coveredNames, coversName, isReadable, readGrant } from './read-grant.js'
import type { Requirement } from './requirement.js'
import type { RouteAudit } from './route-audit.js'
import type { Part, ScopeJudgement, Scopes } from './vocabulary.js'
import { wideningsOf } from './widenings.js'
import { createWitnesses } from './witnesses.js'

/**
 * Declares the scopes of an API, once and completely. What you get back knows their names: a misspelt scope does not
 * compile, and from untyped code it is refused when the requirement is made.
 *
 * A grant covers a scope by its own name, by an implication you declared, by the superuser you named, or, with
 * `wildcards: 'grants'`, by a pattern of whole segments. By nothing else: no prefix, no part, no other case.
 *
 * ```ts
 * const scopes = defineScopes({
 *   resources: { users: ['read', 'write', 'delete'], posts: ['read', 'write'] },
 *   superuser: 'admin:all',
 *   actionImplies: { write: ['read'] },
 * })
 * const grant = scopes.grant('users:write openid')
 * scopes.can(grant, 'users:read') // true
 * scopes.can(grant, 'posts:read') // false
 * ```
 *
 * @throws ConfigurationError `option_invalid` for a member that is missing, unknown or of the wrong kind;
 * `scope_invalid` for a vocabulary that breaks the grammar or contradicts itself, with the cycle if there is one
 * @see RFC 6749 section 3.3
 */
export function defineScopes<
  const Resources extends ResourceActions,
  const Opaque extends string = never,
  const Superuser extends string = never,
  const Order extends Dialect = 'resource:action',
  const Bare extends string = never,
>(
  definition: ScopesDefinition<Resources, Opaque, Superuser, Order, Bare>,
): Scopes<ScopeName<Resources, Opaque, Superuser, Order, Bare>> {
  const shape = readDefinitionShape(definition)
  const atoms = declareAtoms(shape)
  successorsFirst('defineScopes: actionImplies', shape.actionImplies)
  const meanings = compileMeanings(atoms, shape.wildcards)

  // The requirements made here, with their alternatives. They are frozen, so neither can grow stale.
  const made = new WeakMap<Requirement, readonly Alternative[]>()
  const requirement = (part: unknown): Requirement => {
    const checked = checkRequirement(part, atoms.names)
    if (!made.has(checked)) made.set(checked, alternativesOf(checked, meanings))
    return checked
  }
  // One that was made elsewhere is checked like any other: it might be empty, or name what we do not know.
  const alternatives = (given: Part): readonly Alternative[] =>
    (typeof given === 'string' ? undefined : made.get(given)) ??
    alternativesOf(checkRequirement(given, atoms.names), meanings)
  const everyAlternatives = (given: readonly Part[]): (readonly Alternative[])[] => {
    if (!Array.isArray(given)) {
      throw new ConfigurationError('scope_invalid', 'The requirements must be a list.')
    }
    return Array.from(given, alternatives)
  }
  const readClaim = (value: unknown): Grant =>
    readGrant(readScopeValue(value, shape.limits), meanings)
  const read = (granted: GrantSource): Grant => {
    if (typeof granted === 'string' || isList(granted)) return readClaim(granted)
    // A copy that has lost what it covers covers nothing, as it does for `can`.
    return isReadable(granted) ? granted : readClaim('')
  }
  const grantOf = (tokens: Iterable<string>): Grant =>
    readGrant({ source: Object.freeze([...tokens]), problem: null }, meanings)

  const witnesses = createWitnesses(atoms, meanings, shape.superuser)

  const scopes: Omit<Scopes, keyof RouteAudit> = {
    ...createAlgebra({
      meanings,
      limits: shape.limits,
      defaults: shape.defaults,
      read,
      readClaim,
      grantOf,
    }),
    names: Object.freeze([...atoms.names]),
    grant: readClaim,
    fromClaims: (claims, names) =>
      readGrant(readScopeClaims(claims, names ?? shape.claims, shape.limits), meanings),
    can: (grant, name) => coversName(grant, name, meanings),
    allOf: (...parts) => requirement({ kind: 'allOf', parts }),
    anyOf: (...parts) => requirement({ kind: 'anyOf', parts }),
    requirement,
    judge: (grant, given) => judge(grant, alternatives(given), meanings),
    challenge: (given, held) =>
      leastAddition(
        alternatives(given),
        held === undefined ? NOTHING : coveredNames(held),
      ).names.join(' '),
    explain(granted, given) {
      const ways = alternatives(given)
      const grant = read(granted)
      const isHeld = (name: string): boolean => coversName(grant, name, meanings)
      const met = ways.find(({ names }) => names.every(isHeld))
      const { names } = met ?? leastAddition(ways, coveredNames(grant))
      return {
        kind: met === undefined ? 'denied' : 'covered',
        steps: witnesses.stepsFor(names.filter(isHeld), grant.tokens),
        missing: names.filter((name) => !isHeld(name)),
        challenge: names.join(' '),
        ignored: grant.unknown,
        malformed: grant.malformed,
        problem: grant.problem,
      }
    },
    leastFor: (requirements) => grantOf(leastNames(everyAlternatives(requirements), meanings)),
    excess: (granted, requirements) => {
      const useful = usefulNames(everyAlternatives(requirements))
      return [...heldNames(read(granted), meanings)].filter((name) => !useful.has(name)).sort()
    },
    wideningsSince: (older) =>
      wideningsOf(atoms, meanings, (token) => older.grant([token]).covered),
  }
  // `declareAtoms` spells the names as `ScopeName` does, from the same definition.
  const audit = createRouteAudit(scopes, shape.superuser, read)
  const complete = Object.freeze({ ...scopes, ...audit }) as Scopes<
    ScopeName<Resources, Opaque, Superuser, Order, Bare>
  >
  rememberDefinition(complete, shape)
  return complete
}

function judge(
  grant: Grant,
  alternatives: readonly Alternative[],
  meanings: Meanings,
): ScopeJudgement {
  const isHeld = (name: string): boolean => coversName(grant, name, meanings)
  if (alternatives.some(({ names }) => names.every(isHeld))) return COVERED
  const missing = leastAddition(alternatives, coveredNames(grant)).names.filter(
    (name) => !isHeld(name),
  )
  return { kind: 'insufficient', missing }
}

function isList(granted: GrantSource): granted is readonly string[] {
  return Array.isArray(granted)
}

const COVERED: ScopeJudgement = Object.freeze({ kind: 'covered' })
const NOTHING: ReadonlySet<string> = new Set()

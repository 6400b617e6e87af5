import type { Grant } from '../scope/grant.js'
import { attributeOf } from './condition/attributes.js'
import type { PolicyModel } from './definition/policy-model.js'
import type { GrantedDetails } from './detail/details.js'
import type { ReadyPolicy } from './ready-policy.js'
import { RelationLoads } from './relation/relation-loads.js'

/** Who asks, in one request. What was loaded for one question is known to the next. */
export interface Asker {
  readonly principal: unknown
  readonly grant: Grant | 'undelegated'
  readonly context: unknown
  readonly details?: GrantedDetails | undefined
  /** The roles it has, with those that they extend. Throws what reading the principal throws. */
  readonly roles: ReadonlySet<string>
  readonly loads: RelationLoads
}

/**
 * Remembers who asks, and reads nothing yet: without the scope nothing of the principal is looked at.
 *
 * A role that the policy does not have counts for nothing; a list of roles that is none, or holds something else than
 * texts, counts as empty.
 */
export function askerOf(
  { model }: ReadyPolicy,
  who: {
    readonly principal: unknown
    readonly grant: Grant | 'undelegated'
    readonly context?: unknown
    readonly details?: GrantedDetails
  },
): Asker {
  return new LazyAsker(model, who)
}

/** A class, since each decision makes one: getters that all share cost nothing to make. */
class LazyAsker implements Asker {
  readonly principal: unknown
  readonly grant: Grant | 'undelegated'
  readonly context: unknown
  readonly details: GrantedDetails | undefined
  private readonly model: PolicyModel
  private knownRoles: ReadonlySet<string> | null = null
  private knownLoads: RelationLoads | null = null

  constructor(
    model: PolicyModel,
    { principal, grant, context, details }: Parameters<typeof askerOf>[1],
  ) {
    this.principal = principal
    this.grant = grant
    this.context = context
    this.details = details
    this.model = model
  }

  get roles(): ReadonlySet<string> {
    this.knownRoles ??= rolesOf(this.model, this.principal)
    return this.knownRoles
  }

  get loads(): RelationLoads {
    this.knownLoads ??= new RelationLoads(this.model.relations)
    return this.knownLoads
  }
}

/** The tenant of a principal, or null if it has none. */
export function tenantOf(principal: unknown): string | null {
  const tenant = attributeOf(principal, 'tenant')
  return typeof tenant === 'string' && tenant !== '' ? tenant : null
}

function rolesOf({ roles }: PolicyModel, principal: unknown): ReadonlySet<string> {
  const given = attributeOf(principal, 'roles')
  if (roles === null || !Array.isArray(given)) return NO_ROLES
  const held = new Set<string>()
  for (const name of given as readonly unknown[]) {
    // A list that cannot be read to its end may hold a role that a rule denies something to.
    if (typeof name !== 'string') return NO_ROLES
    for (const one of roles.get(name)?.includes ?? []) held.add(one)
  }
  return held
}

const NO_ROLES: ReadonlySet<string> = new Set()

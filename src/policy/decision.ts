/** What a policy says of one action on one resource. */
export type PolicyDecision =
  | Permitted
  | ScopeMissing
  | NotPermitted
  | {
      /** It cannot be told: a relation could not be loaded. 503, never a refusal and never a grant. */
      readonly kind: 'unavailable'
      readonly cause: unknown
      readonly version: string
    }

/** Scope, roles and rules all agree. */
export interface Permitted {
  readonly kind: 'permitted'
  /** The rule that allowed it; of several the first by name. */
  readonly rule: string
  readonly version: string
}

/** What the credential was granted does not cover the action: 403 `insufficient_scope`. Nothing was looked at besides. */
export interface ScopeMissing {
  readonly kind: 'scope'
  readonly missing: readonly string[]
  readonly version: string
}

/** More scope would not help: 403 without a challenge, or 404 if `concealed`. */
export interface NotPermitted {
  readonly kind: 'permission'
  /**
   * - `tenant_differs`: the resource is another tenant's, or one of the two has none
   * - `role_missing`: no role of the principal has this action
   * - `rule_denies`: a rule denies, or cannot be told not to
   * - `no_rule_allows`
   */
  readonly reason: 'tenant_differs' | 'role_missing' | 'rule_denies' | 'no_rule_allows'
  /** The rule that denies, or null. */
  readonly rule: string | null
  /** Whether to answer as if the resource did not exist: its type conceals, and the principal may not see it either. */
  readonly concealed: boolean
  readonly version: string
}

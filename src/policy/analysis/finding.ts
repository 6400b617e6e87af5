/** Something about a policy that its author will want to know. Plain data; `kind` is stable, `message` is for people. */
export type PolicyFinding = FindingAbout & {
  readonly level: FindingLevel
  /** One printable sentence. */
  readonly message: string
}

/**
 * - `error`: it cannot be meant. {@link createReloadablePolicy} refuses a policy with one
 * - `warning`: it does nothing, or nobody has looked
 * - `note`: it is there, and nobody asks for it
 */
export type FindingLevel = 'error' | 'warning' | 'note'

export type FindingAbout =
  | RuleFinding
  /** A role or deny speaks of the action, and no rule allows it to anybody. */
  | { readonly kind: 'action_never_allowed'; readonly action: string; readonly type: string | null }
  /** Its holders may do nothing that others may not. */
  | { readonly kind: 'role_unused'; readonly role: string }
  | { readonly kind: 'relation_unused'; readonly relation: string }
  | { readonly kind: 'predicate_unused'; readonly predicate: string }
  /** No rule asks for it, no relation and no list of fields names it. */
  | { readonly kind: 'attribute_unused'; readonly attribute: string }
  | { readonly kind: 'type_unused'; readonly type: string }
  /** No rule and no route names it, nor anything that it implies. */
  | { readonly kind: 'scope_unused'; readonly scope: string }
  /** The policy never permits what the route asks, whatever the roles. */
  | {
      readonly kind: 'route_unreachable'
      readonly route: string
      readonly action: string
      readonly type: string
    }
  /** The route is a list, and one of its rules asks what no query can. */
  | {
      readonly kind: 'route_not_listable'
      readonly route: string
      readonly action: string
      readonly type: string
      readonly rule: string
    }
  /** Looking at it has come to an error: nobody knows what is wrong with it. Only `swap` reports it, and always refuses. */
  | { readonly kind: 'analysis_failed' }
  /** There are too many cases. What was not found here may be there all the same. */
  | { readonly kind: 'not_proved'; readonly action: string; readonly type: string }

export interface RuleFinding {
  /**
   * - `rule_unreachable`: it never applies: its condition is never true, or no role has the action, or only another
   *   tenant's resource could fulfil it
   * - `rule_shadowed`: an allow that changes no decision: whenever it is true, another allows or one denies
   * - `deny_without_effect`: a deny that changes no decision: what it refuses is refused anyway
   * - `deny_only_unknown`: a deny that is never true, and only refuses for want of an attribute
   */
  readonly kind: 'rule_unreachable' | 'rule_shadowed' | 'deny_without_effect' | 'deny_only_unknown'
  readonly rule: string
  readonly type: string
  readonly actions: readonly string[]
  /** The rules that make it so, by name; empty where it is the rule itself. */
  readonly by: readonly string[]
}

/** Which findings cannot be meant, and which are only worth knowing: the one place that says so. */
export const FINDING_LEVELS: Readonly<Record<FindingAbout['kind'], FindingLevel>> = {
  rule_unreachable: 'error',
  route_unreachable: 'error',
  analysis_failed: 'error',
  route_not_listable: 'error',
  rule_shadowed: 'warning',
  deny_without_effect: 'warning',
  deny_only_unknown: 'warning',
  action_never_allowed: 'warning',
  not_proved: 'warning',
  role_unused: 'note',
  relation_unused: 'note',
  predicate_unused: 'note',
  attribute_unused: 'note',
  type_unused: 'note',
  scope_unused: 'note',
}

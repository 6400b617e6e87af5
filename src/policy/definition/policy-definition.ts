import type { Attributes, ObjectOf } from '../condition/attributes.js'
import type {
  allOf,
  anyOf,
  detailCondition,
  Expressions,
  not,
} from '../condition/build-condition.js'
import type { Condition } from '../condition/condition.js'
import type { Details } from '../detail/details.js'
import type { Relation } from '../relation/relation.js'

/** Resource types by name. */
export type ResourceTypes = Readonly<Record<string, ResourceType>>

/** One kind of resource that rules are about. */
export interface ResourceType<Declared extends Attributes = Attributes> {
  /** What rules may ask of it. A resource may have more. */
  readonly attributes: Declared
  /**
   * The attribute that says whose it is. Then nobody of another tenant is permitted anything, whatever rules and roles
   * say, and neither is a principal without a tenant, nor anything on a resource without one.
   */
  readonly tenant?: keyof Declared & string
  /**
   * The scope of the action that shows the resource. A refusal is then hidden, as if the resource did not exist, from
   * whoever may not do that either.
   */
  readonly conceal?: string
}

/** A role: the scopes of what its holders may ever do. `extends` names roles that it has everything of. */
export type RoleDefinition<Name extends string = string, Role extends string = string> =
  | readonly Name[]
  | { readonly extends?: readonly Role[]; readonly grants?: readonly Name[] }

/** Rule data, as it is written to a file and read back. */
export interface PolicyRule {
  readonly effect: 'allow' | 'deny'
  /** Unique in the policy: what decisions, traces and coverage call it. */
  readonly name: string
  readonly type: string
  /** Scopes, each for itself: that writing implies reading among scopes says nothing here. */
  readonly actions: readonly string[]
  readonly when: Condition
}

/** Which attributes an action may touch. Several add up. */
export interface FieldRule {
  readonly effect: 'fields'
  readonly name: string
  readonly type: string
  readonly actions: readonly string[]
  readonly fields: readonly string[]
  readonly when: Condition
}

/**
 * What a policy consists of. The type parameters are inferred; names are checked by the compiler and once more when
 * `definePolicy` runs.
 */
export interface PolicyDefinition<
  Name extends string,
  Types extends ResourceTypes,
  PrincipalAttributes extends Attributes,
  ContextAttributes extends Attributes,
  Roles extends string,
  Relations extends string,
  Predicates extends string,
> {
  /** What rules may ask of a principal besides its roles and its `tenant`. Default: nothing. */
  readonly principal?: PrincipalAttributes
  /** What rules may ask of a request besides `now`, seconds since the epoch. Default: nothing. */
  readonly context?: ContextAttributes
  readonly types: Types & {
    readonly [Type in keyof NoInfer<Types>]: {
      readonly tenant?: keyof NoInfer<Types>[Type]['attributes'] & string
      readonly conceal?: NoInfer<Name>
    }
  }
  /**
   * Roles by name. Once there are any, a principal may do only what one of its roles has, and of that only what a rule
   * allows: a role says what kind of thing, a rule to which one. Without this member roles restrict nothing. At most 1,000.
   */
  readonly roles?: { readonly [Role in Roles]: RoleDefinition<NoInfer<Name>, NoInfer<Roles>> }
  readonly relations?: {
    readonly [One in Relations]: Relation<keyof NoInfer<Types> & string>
  }
  /**
   * Functions that rules may ask by name, for what no condition can say. They answer at once; anything but true or false,
   * and whatever they throw, is unknown. A rule with one cannot be turned into a query.
   */
  readonly predicates?: {
    readonly [One in Predicates]: Predicate<
      PolicyPrincipal<NoInfer<PrincipalAttributes>, NoInfer<Roles>>,
      PolicyContext<NoInfer<ContextAttributes>>
    >
  }
  /**
   * The types of authorization detail (RFC 9396) that rules may ask for, as `defineDetails` gives them. A rule with one cannot
   * be turned into a query.
   */
  readonly details?: Details
  /** As a function that builds them, or as data that was read from a file. Their order means nothing. */
  readonly rules:
    | readonly (PolicyRule | FieldRule)[]
    | ((
        kit: RuleKit<
          NoInfer<Name>,
          NoInfer<Types>,
          NoInfer<PrincipalAttributes>,
          NoInfer<ContextAttributes>,
          NoInfer<Roles>,
          NoInfer<Relations>,
          NoInfer<Predicates>
        >,
      ) => readonly (PolicyRule | FieldRule)[])
}

/** A function of the application that a rule asks by name. */
export type Predicate<
  Principal = Readonly<Record<string, unknown>>,
  Context = Readonly<Record<string, unknown>>,
> = (situation: {
  readonly principal: Principal
  readonly resource: unknown
  readonly context: Context
}) => boolean

/** What rules are written with. */
export interface RuleKit<
  Name extends string,
  Types extends ResourceTypes,
  PrincipalAttributes extends Attributes,
  ContextAttributes extends Attributes,
  Roles extends string,
  Relations extends string,
  Predicates extends string,
> {
  /** Rules about one type of resource. */
  on<Type extends keyof Types & string>(type: Type): TypeRules<Name, Types[Type]['attributes']>
  readonly principal: Expressions<PrincipalAttributes & { readonly tenant: 'string?' }>
  readonly context: Expressions<ContextAttributes & { readonly now: 'number' }>
  /** Whether the principal has this role, itself or through one that extends it. */
  role(name: Roles): Condition
  relation(name: Relations): Condition
  predicate(name: Predicates): Condition
  /**
   * Whether a detail of this type that was granted covers these members, alone. Whoever was granted none is covered by none,
   * also if he acts for himself: have another rule for that. Type and members are checked when the policy is defined.
   */
  readonly detail: typeof detailCondition
  readonly allOf: typeof allOf
  readonly anyOf: typeof anyOf
  readonly not: typeof not
}

/** Rules about one type of resource. Without a condition a rule holds for each of its resources. */
export interface TypeRules<Name extends string, Declared extends Attributes> {
  allow(name: string, actions: Name | readonly Name[], when?: When<Declared>): PolicyRule
  /** Whoever this applies to is refused, whatever allows. An unknown condition applies. */
  deny(name: string, actions: Name | readonly Name[], when?: When<Declared>): PolicyRule
  /** Restricts an action to some attributes: see `fields` of a policy. */
  fields(
    name: string,
    actions: Name | readonly Name[],
    fields: readonly (keyof Declared & string)[],
    when?: When<Declared>,
  ): FieldRule
}

type When<Declared extends Attributes> =
  | Condition
  | ((resource: Expressions<Declared>) => Condition)

/** What a policy is told of a principal: plain data that the application takes from the verified principal. */
export type PolicyPrincipal<
  PrincipalAttributes extends Attributes = Attributes,
  Roles extends string = string,
> = ObjectOf<PrincipalAttributes> & {
  readonly roles?: readonly Roles[]
  /** The tenant whose resources it may be permitted. */
  readonly tenant?: string | null
}

/** What a policy is told of a request. */
export type PolicyContext<ContextAttributes extends Attributes = Attributes> =
  ObjectOf<ContextAttributes> & {
    /** Seconds since the epoch. */
    readonly now?: number
  }

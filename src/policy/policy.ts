import type { Grant } from '../scope/grant.js'
import type { Scopes } from '../scope/vocabulary.js'
import type { Eventual } from '../shared/eventual.js'
import type { Attributes, ObjectOf } from './condition/attributes.js'
import type { PolicyDecision } from './decision.js'
import type {
  PolicyContext,
  PolicyPrincipal,
  ResourceTypes,
} from './definition/policy-definition.js'
import type { PolicyModel } from './definition/policy-model.js'
import type { GrantedDetails } from './detail/details.js'
import type { ExplainOptions, Explanation } from './explain/explain.js'
import type { FieldsDecision } from './fields.js'
import type { Filter } from './filter/filter.js'
import type { MatrixOptions, PolicyMatrix } from './matrix/policy-matrix.js'
import type { PolicyDocument } from './policy-document.js'

/** Rules about resources, checked and compiled. Made by `definePolicy`. Immutable and safe to share. */
export interface Policy<
  Name extends string = string,
  Types extends ResourceTypes = ResourceTypes,
  PrincipalAttributes extends Attributes = Attributes,
  ContextAttributes extends Attributes = Attributes,
  Roles extends string = string,
> {
  /** The vocabulary that its actions are scopes of. */
  readonly scopes: Scopes<Name>
  /** What it consists of, checked. */
  readonly model: PolicyModel
  /** A hash of all that decides: two policies with one version decide alike, but for the functions they were given. */
  readonly version: string
  /**
   * Decides one action on one resource: at once, unless a relation has to be loaded. Never throws or rejects.
   *
   * Permitted is what the grant covers, a role of the principal has, a rule allows and no rule denies, on a resource of the
   * principal's own tenant. Whatever is unknown does not allow and does deny. Does not look whether the resource is still
   * what it was when it was loaded.
   */
  decide<Type extends keyof Types & string>(
    question: Who<PrincipalAttributes, ContextAttributes, Roles> & About<Name, Types, Type>,
  ): Eventual<PolicyDecision>
  /**
   * Decides as {@link Policy.decide} does and says how: what scope, tenant and role came to, every rule that speaks of the
   * action, and what each part of its condition came to. Values of attributes are left out unless asked for. Never throws or
   * rejects.
   *
   * May load relations that the decision could do without, so it is for whoever asks why, not for every request.
   */
  explain<Type extends keyof Types & string>(
    question: Who<PrincipalAttributes, ContextAttributes, Roles> & About<Name, Types, Type>,
    options?: ExplainOptions,
  ): Eventual<Explanation>
  /**
   * Decides about all resources of a type at once, for a list: {@link decide} would permit each of those that the filter
   * lets through, and no other. What of it is missing, null or of another kind counts as it does there.
   *
   * Hand it to the query, with `toSql`, before the page is cut. Relations are asked for their `list`, at most once each, and
   * only where it can matter; one of more than 100,000 values is taken for a failure.
   *
   * @throws ConfigurationError (as a rejection) `policy_not_listable` if a rule about this action asks a predicate, or a
   *   relation without `list`, whoever asks
   */
  filter<Type extends keyof Types & string>(
    question: Who<PrincipalAttributes, ContextAttributes, Roles> & AboutAll<Name, Type>,
  ): Promise<Filter>
  /**
   * Who may do what, by role: for documents and reviews. Looks at every case there is, so it is not for a request; of
   * which there are more than `mostCases` is `not_proved`.
   */
  matrix(options?: MatrixOptions): PolicyMatrix
  /**
   * As {@link decide}, with the attributes that the action may touch: what to show of a resource, or what a client may write.
   *
   * Where rules restrict the fields of the action, those of the rules that are true; where none does, all that the type
   * declares. Never throws or rejects.
   */
  fields<Type extends keyof Types & string>(
    question: Who<PrincipalAttributes, ContextAttributes, Roles> & About<Name, Types, Type>,
  ): Eventual<FieldsDecision<keyof Types[Type]['attributes'] & string>>
  /** The same for all questions of one request: what was loaded for one is known to the next. */
  for(who: Who<PrincipalAttributes, ContextAttributes, Roles>): Asking<Name, Types>
  /** As data, for `JSON.stringify`. With its functions beside it, `definePolicy` makes the same policy of it again. */
  toJSON(): PolicyDocument
}

/** Who asks a policy, and when. */
export interface Who<
  PrincipalAttributes extends Attributes = Attributes,
  ContextAttributes extends Attributes = Attributes,
  Roles extends string = string,
> {
  readonly principal: PolicyPrincipal<PrincipalAttributes, Roles>
  /**
   * What was granted to whoever acts for the principal. `'undelegated'` if nobody does, as in a session of one's own: then no
   * scope limits it.
   */
  readonly grant: Grant | 'undelegated'
  /**
   * The authorization details that were granted, read by the `Details` of the policy. Left out, or where the claim as a whole
   * could not be read, every condition about one is unknown. For a claim that is not there `fromClaims` says that none was
   * granted.
   */
  readonly details?: GrantedDetails
  /** What is left out makes each condition about it unknown. */
  readonly context?: PolicyContext<ContextAttributes>
}

/** What a policy is asked about, of whichever resource. */
export interface AboutAll<Name extends string, Type extends string> {
  readonly action: Name
  readonly type: Type
}

/** What a policy is asked about. */
export interface About<
  Name extends string,
  Types extends ResourceTypes,
  Type extends keyof Types & string,
> extends AboutAll<Name, Type> {
  /** Left out, every condition about it is unknown, and of a type with tenants nothing is permitted. */
  readonly resource?: ObjectOf<Types[Type]['attributes']>
}

/** A policy with one who asks. Belongs to one request: what relations said is kept and not asked again. */
export interface Asking<Name extends string = string, Types extends ResourceTypes = ResourceTypes> {
  /** As {@link Policy.decide}. */
  decide<Type extends keyof Types & string>(
    question: About<Name, Types, Type>,
  ): Eventual<PolicyDecision>
  /** As {@link Policy.fields}. */
  fields<Type extends keyof Types & string>(
    question: About<Name, Types, Type>,
  ): Eventual<FieldsDecision<keyof Types[Type]['attributes'] & string>>
  /** As {@link Policy.filter}. */
  filter<Type extends keyof Types & string>(question: AboutAll<Name, Type>): Promise<Filter>
  /** As {@link Policy.explain}. */
  explain<Type extends keyof Types & string>(
    question: About<Name, Types, Type>,
    options?: ExplainOptions,
  ): Eventual<Explanation>
}

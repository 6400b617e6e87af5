import type { Attributes, ObjectOf } from '../../src/policy/condition/attributes.js'
import type { Scalar } from '../../src/policy/condition/condition.js'
import { definePolicy } from '../../src/policy/define-policy.js'
import type {
  PolicyContext,
  PolicyDefinition,
  PolicyPrincipal,
  ResourceTypes,
} from '../../src/policy/definition/policy-definition.js'
import type { About, Policy, Who } from '../../src/policy/policy.js'
import type { Relation, RelationPair } from '../../src/policy/relation/relation.js'
import { defineScopes } from '../../src/scope/define-scopes.js'
import type { Scopes } from '../../src/scope/vocabulary.js'
import { holdsInFact, type PlainPolicy, type PlainRelation, relatedInFact } from './plain-policy.js'
import type { PlainQuestion } from './policy-interpreter.js'
import { ALL_SCALARS } from './policy-questions.js'
import { asDefinition } from './scope-arbitraries.js'

/** A plain policy as the library has it. */
export interface DefinedPolicy {
  readonly plain: PlainPolicy
  readonly scopes: Scopes
  readonly policy: Policy
  /** What loaders were asked, in order. Whoever counts empties it first. */
  readonly loads: Load[]
}

export interface Load {
  readonly relation: string
  readonly pairs: readonly RelationPair[]
}

/** What `definePolicy` takes, with its types erased: names are random. */
export type AnyDefinition = Readonly<Record<string, unknown>>

/** Defines it. `change` is for what a plain policy cannot say: another order, functions of another kind. */
export function definePlainPolicy(
  plain: PlainPolicy,
  change: (definition: AnyDefinition) => AnyDefinition = (definition) => definition,
): DefinedPolicy {
  const scopes = defineScopes(asDefinition(plain.vocabulary))
  const loads: Load[] = []
  const definition = change(asPolicyDefinition(plain, loads))
  return { plain, scopes, policy: defineAny(scopes, definition), loads }
}

/** `definePolicy` checks all of it once more, as it does for plain JavaScript. */
export function defineAny(scopes: Scopes, definition: AnyDefinition): Policy {
  return definePolicy(
    scopes,
    definition as unknown as PolicyDefinition<
      string,
      ResourceTypes,
      Attributes,
      Attributes,
      string,
      string,
      string
    >,
  )
}

/** The definition as data, with the functions beside it. Relations and predicates say what `plain-policy.ts` says. */
export function asPolicyDefinition(plain: PlainPolicy, loads: Load[] = []): AnyDefinition {
  return {
    principal: recordOf(plain.principal),
    context: recordOf(plain.context),
    types: recordOf(plain.types, ({ attributes, tenant, conceal }) => ({
      attributes: recordOf(attributes),
      ...(tenant === null ? {} : { tenant }),
      ...(conceal === null ? {} : { conceal }),
    })),
    ...(plain.roles === null ? {} : { roles: recordOf(plain.roles) }),
    ...functionsOf(plain, loads),
    rules: [...plain.rules, ...plain.fieldRules],
  }
}

/** The part of a definition that cannot be written down. */
export function functionsOf(plain: PlainPolicy, loads: Load[] = []): AnyDefinition {
  return {
    relations: recordOf(plain.relations, (relation, name) =>
      relationOf(plain, relation, name, loads),
    ),
    predicates: Object.fromEntries(
      plain.predicates.map((name) => [
        name,
        ({ principal }: { readonly principal: unknown }) => {
          const answer = holdsInFact(plain, name, principal)
          if (answer === 'failed') throw new Error('a predicate failed')
          return answer === 'missing' ? 'neither' : answer
        },
      ]),
    ),
  }
}

/** The question as the policy takes it. */
export function asked(
  { scopes }: Pick<DefinedPolicy, 'scopes'>,
  { principal, grant, context, type, action, resource }: PlainQuestion,
): Who & About<string, ResourceTypes, string> {
  return {
    grant: grant === 'undelegated' ? grant : scopes.grant(grant),
    type,
    action,
    // Random objects are not what was declared; whoever writes plain JavaScript may pass them.
    principal: principal as PolicyPrincipal,
    context: context as PolicyContext,
    ...(resource === undefined ? {} : { resource: resource as ObjectOf<Attributes> }),
  }
}

function relationOf(
  plain: PlainPolicy,
  { type, principal, resource, asked, works }: PlainRelation,
  name: string,
  loads: Load[],
): Relation {
  const fail = (): never | Promise<never> => {
    const error = new Error('a loader failed')
    if (works === 'rejects') return Promise.reject(error)
    throw error
  }
  const load: Relation['load'] = (pairs) => {
    loads.push({ relation: name, pairs })
    if (works === 'answers too few') return pairs.slice(1).map(() => true)
    if (works !== 'always') return fail()
    return pairs.map((pair) => {
      const answer = relatedInFact(plain, name, pair.principal, pair.resource)
      // What is no boolean at all cannot be told either.
      return answer === 'failed' ? ('yes' as unknown as boolean) : answer
    })
  }
  const list: Relation['list'] = (value) => {
    loads.push({ relation: name, pairs: [{ principal: value, resource: '' }] })
    if (works === 'answers too few') return undefined as unknown as readonly Scalar[]
    if (works !== 'always') return fail()
    return ALL_SCALARS.filter((key) => relatedInFact(plain, name, value, key) === true)
  }
  return {
    type,
    principal,
    resource,
    ...(asked === 'list' ? {} : { load }),
    ...(asked === 'load' ? {} : { list }),
  }
}

function recordOf<Value>(
  map: ReadonlyMap<string, Value>,
  write: (value: Value, name: string) => unknown = (value) => value,
): Record<string, unknown> {
  return Object.fromEntries([...map].map(([name, value]) => [name, write(value, name)]))
}

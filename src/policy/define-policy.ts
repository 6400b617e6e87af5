import { ConfigurationError } from '../errors.js'
import type { Grant } from '../scope/grant.js'
import type { Scopes } from '../scope/vocabulary.js'
import { askerOf } from './asker.js'
import { compilePolicy } from './compile-policy.js'
import type { Attributes } from './condition/attributes.js'
import { decide } from './decide.js'
import { checkDefinition } from './definition/check-definition.js'
import type { PolicyDefinition, ResourceType } from './definition/policy-definition.js'
import { explain } from './explain/explain.js'
import { decideFields } from './fields.js'
import { listResources } from './filter/list-resources.js'
import { policyMatrix } from './matrix/policy-matrix.js'
import type { Asking, Policy } from './policy.js'
import { documentOf, versionOf } from './policy-document.js'
import type { Question, ReadyPolicy } from './ready-policy.js'

/**
 * Defines a policy: who may do what to which resource, as rules over attributes.
 *
 * ```ts
 * const policy = definePolicy(scopes, {
 *   principal: { id: 'string' },
 *   types: { post: { attributes: { author: 'string', state: ['draft', 'live'] } } },
 *   rules: ({ on, principal }) => [
 *     on('post').allow('live posts are public', 'posts:read', (post) => post.state.eq('live')),
 *     on('post').allow('authors edit', 'posts:write', (post) => post.author.eq(principal.id)),
 *     on('post').deny('live posts are frozen', 'posts:write', (post) => post.state.eq('live')),
 *   ],
 * })
 * const decision = await policy.decide({ principal: { id: 'alice' }, grant, action: 'posts:write', type: 'post', resource })
 * ```
 *
 * Nothing is permitted that no rule allows, a rule that denies wins whatever the order, and what cannot be told never
 * opens a door.
 *
 * @throws ConfigurationError `policy_invalid` for a name that is not declared, a role that extends itself, an empty
 * condition, a comparison of two kinds; `option_invalid` for a member that is no plain object
 */
export function definePolicy<
  Name extends string,
  const Types extends Readonly<Record<string, ResourceType>>,
  // Nothing that a literal could say would be lost: attributes are declared by literals.
  const PrincipalAttributes extends Attributes = Record<never, never>,
  const ContextAttributes extends Attributes = Record<never, never>,
  Roles extends string = never,
  Relations extends string = never,
  Predicates extends string = never,
>(
  scopes: Scopes<Name>,
  definition: PolicyDefinition<
    Name,
    Types,
    PrincipalAttributes,
    ContextAttributes,
    Roles,
    Relations,
    Predicates
  >,
): Policy<Name, Types, PrincipalAttributes, ContextAttributes, Roles> {
  // A vocabulary of known names is a vocabulary: only the questions that it may be asked are fewer.
  const vocabulary: Scopes = scopes
  assertVocabulary(vocabulary)
  const model = checkDefinition(vocabulary, definition)
  const version = versionOf(model, vocabulary)
  const ready: ReadyPolicy = {
    model,
    compiled: compilePolicy(model, version),
    version,
    covers: (grant, action) => isCovered(vocabulary, grant, action),
  }
  const policy: Policy<Name, Types, PrincipalAttributes, ContextAttributes, Roles> = {
    scopes,
    model,
    version,
    decide: (question) => decide(ready, askerOf(ready, question), question),
    explain: (question, options) => explain(ready, askerOf(ready, question), question, options),
    // The names of the fields are those of the type that was asked about, which was checked.
    fields: (question) => decideFields(ready, askerOf(ready, question), question) as never,
    filter: (question) => listResources(ready, askerOf(ready, question), question),
    matrix: (options) => policyMatrix({ scopes: vocabulary, model, version }, options),
    for(who): Asking<Name, Types> {
      const asker = askerOf(ready, who)
      return {
        decide: (question) => decide(ready, asker, asked(question)),
        fields: (question) => decideFields(ready, asker, asked(question)) as never,
        filter: (question) => listResources(ready, asker, asked(question)),
        explain: (question, options) => explain(ready, asker, asked(question), options),
      }
    },
    toJSON: () => documentOf(model),
  }
  return Object.freeze(policy)
}

/** Plain JavaScript may forget the question: nobody is permitted what was not asked. */
function asked(question: Question | null | undefined): Question {
  return question ?? NO_QUESTION
}

const NO_QUESTION: Question = Object.freeze({ action: '', type: '' })

function assertVocabulary(scopes: unknown): void {
  const isVocabulary =
    typeof scopes === 'object' &&
    scopes !== null &&
    'names' in scopes &&
    Array.isArray(scopes.names) &&
    'can' in scopes &&
    typeof scopes.can === 'function'
  if (isVocabulary) return
  throw new ConfigurationError('option_invalid', 'definePolicy: scopes must be a vocabulary.')
}

/**
 * Whether the grant covers the action. Plain JavaScript may forget the grant, or hand over the claim that it is read from:
 * absent is not unrestricted. Asked by `can` alone, which reads no more of a grant than it has to.
 */
function isCovered(scopes: Scopes, grant: unknown, action: string): boolean {
  if (typeof grant !== 'object' || grant === null) return false
  try {
    // What is no grant is found out by reading it.
    return scopes.can(grant as Grant, action) === true
  } catch {
    return false
  }
}

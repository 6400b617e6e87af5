import type { AttributeKind } from '../../src/policy/condition/attributes.js'
import type { Scalar } from '../../src/policy/condition/condition.js'
import type { FieldRule, PolicyRule } from '../../src/policy/definition/policy-definition.js'
import type { PlainDefinition } from './scope-interpreter.js'

/**
 * A policy as the interpreter reads it. Everything by name is a Map, so that a name may be any text.
 *
 * `definePolicy` takes it as `asPolicyDefinition` writes it.
 */
export interface PlainPolicy {
  readonly vocabulary: PlainDefinition
  readonly principal: PlainAttributes
  readonly context: PlainAttributes
  readonly types: ReadonlyMap<string, PlainType>
  /** Null if roles restrict nothing. */
  readonly roles: ReadonlyMap<string, PlainRole> | null
  readonly relations: ReadonlyMap<string, PlainRelation>
  readonly predicates: readonly string[]
  readonly rules: readonly PolicyRule[]
  readonly fieldRules: readonly FieldRule[]
  /** What loaders and predicates say: the same of the same seed. */
  readonly facts: number
}

export type PlainAttributes = ReadonlyMap<string, AttributeKind>

export interface PlainType {
  readonly attributes: PlainAttributes
  readonly tenant: string | null
  readonly conceal: string | null
}

export interface PlainRole {
  readonly extends: readonly string[]
  readonly grants: readonly string[]
}

export interface PlainRelation {
  readonly type: string
  readonly principal: string
  readonly resource: string
  /** With `list` alone the policy has no loader for pairs. */
  readonly asked: 'load' | 'list' | 'both'
  readonly works: 'always' | 'throws' | 'rejects' | 'answers too few'
}

/** What a relation is of two values, if it can be told. */
export function relatedInFact(
  { facts, relations }: PlainPolicy,
  name: string,
  principal: Scalar,
  resource: Scalar,
): boolean | 'failed' {
  const relation = relations.get(name)
  if (relation === undefined || relation.works !== 'always') return 'failed'
  const luck = drawn(facts, 'relation', name, principal, resource)
  // A loader of pairs may answer with nonsense about one of them; a list cannot.
  if (relation.asked === 'load' && luck < 8) return 'failed'
  return luck % 5 < 2
}

/** What a predicate says. */
export function holdsInFact(
  { facts }: PlainPolicy,
  name: string,
  principal: unknown,
): boolean | 'missing' | 'failed' {
  const luck = drawn(facts, 'predicate', name, idOf(principal))
  return luck < 8 ? 'failed' : luck < 16 ? 'missing' : luck % 2 === 0
}

/** Whatever the predicates of these tests look at. */
function idOf(principal: unknown): string {
  const isThere =
    typeof principal === 'object' && principal !== null && Object.hasOwn(principal, 'id')
  const id: unknown = isThere ? Object.getOwnPropertyDescriptor(principal, 'id')?.value : undefined
  return typeof id === 'string' ? id : ''
}

/** A number from 0 to 99 that depends on all of these. */
function drawn(...parts: readonly Scalar[]): number {
  let hash = 2_166_136_261
  for (const part of parts) {
    for (const character of `${typeof part} ${part} `) {
      hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16_777_619)
    }
  }
  return ((hash ^ (hash >>> 15)) >>> 0) % 100
}

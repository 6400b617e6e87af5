import type { Attributes, Policy, PolicyRule } from '../../../src/policy/index.js'
import { definePolicy } from '../../../src/policy/index.js'
import type { ScopesDefinition } from '../../../src/scope/index.js'
import { defineScopes } from '../../../src/scope/index.js'

/** A policy as plain data, from which ours and Cedar's are made, each by itself. */
export interface Sample {
  readonly vocabulary: ScopesDefinition
  readonly principal: Attributes
  readonly context: Attributes
  readonly types: Readonly<Record<string, SampleType>>
  /** Null if the policy has no roles, so that they restrict nothing. */
  readonly roles: Readonly<Record<string, SampleRole>> | null
  /** What is asked of a loader, by name: which attributes it relates. */
  readonly relations: Readonly<Record<string, SampleRelation>>
  /** Functions, by name. */
  readonly predicates: readonly string[]
  readonly rules: readonly PolicyRule[]
}

export interface SampleType {
  readonly attributes: Attributes
  readonly tenant?: string
}

export interface SampleRole {
  readonly extends: readonly string[]
  readonly grants: readonly string[]
}

export interface SampleRelation {
  readonly type: string
  readonly principal: string
  readonly resource: string
}

/** A question, as plain data. */
export interface SampleRequest {
  readonly principal: Readonly<Record<string, unknown>>
  readonly context: Readonly<Record<string, unknown>>
  readonly action: string
  readonly type: string
  /** Undefined if the question is asked of no resource in particular. */
  readonly resource: Readonly<Record<string, unknown>> | undefined
  /** The text of a claim, or that nobody acts for the principal. */
  readonly grant: { readonly claim: string } | 'undelegated'
  /** What loaders and functions answer, by name. `fails` throws. */
  readonly answers: Readonly<Record<string, boolean | 'fails'>>
}

/** Every scope of the vocabulary. */
export function namesOf({ vocabulary }: Sample): readonly string[] {
  const { resources, actions: bare = [], opaque = [], superuser } = vocabulary
  const pairs = Object.entries(resources).flatMap(([resource, actions]) =>
    actions.map((action) => `${resource}:${action}`),
  )
  return [...pairs, ...bare, ...opaque, ...(superuser === undefined ? [] : [superuser])]
}

/** All attributes of one object, built-in ones included. */
export function tableOf(
  sample: Sample,
  type: string,
  of: 'resource' | 'principal' | 'context',
): Attributes {
  if (of === 'principal') return { ...sample.principal, tenant: 'string?' }
  if (of === 'context') return { ...sample.context, now: 'number?' }
  return sample.types[type]?.attributes ?? {}
}

/** Ours, and a way to ask it. */
export class OurPolicy {
  private readonly policy: Policy
  private answers: SampleRequest['answers'] = {}

  constructor(sample: Sample) {
    const answer = (name: string): boolean => {
      const given = this.answers[name]
      if (typeof given !== 'boolean') throw new Error('A loader fails.')
      return given
    }
    const { vocabulary, rules, roles, predicates, relations, ...rest } = sample
    this.policy = definePolicy(defineScopes(vocabulary), {
      ...rest,
      ...(roles === null ? {} : { roles }),
      rules,
      predicates: Object.fromEntries(predicates.map((name) => [name, () => answer(name)])),
      relations: Object.fromEntries(
        Object.entries(relations).map(([name, relation]) => [
          name,
          { ...relation, load: (pairs: readonly unknown[]) => pairs.map(() => answer(name)) },
        ]),
      ),
    })
  }

  /** Asks it. One question at a time: what loaders answer is of the question. */
  decide({ grant, answers, ...question }: SampleRequest): ReturnType<Policy['decide']> {
    this.answers = answers
    const { scopes } = this.policy
    const held = grant === 'undelegated' ? grant : scopes.grant(grant.claim)
    // A request may bring anything; that it does not fit what was declared is what is tested.
    return this.policy.decide({ ...question, grant: held } as Parameters<Policy['decide']>[0])
  }
}

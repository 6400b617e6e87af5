import type { Eventual } from '../../../src/shared/eventual.js'
import type { Random } from '../../fuzz/random.js'

/** Something that is true of every policy and every request. */
export interface AnalysisLaw {
  readonly id: string
  readonly name: string
  /** Draws a policy and some requests. What it found, if the law is broken; null if it holds. */
  check(random: Random): Eventual<string | null>
}

/** As texts, to be compared and printed. */
export function shown(value: unknown): string {
  return JSON.stringify(value, (_key, member: unknown) =>
    member instanceof Map || member instanceof Set
      ? [...member]
      : Number.isNaN(member)
        ? 'NaN'
        : typeof member === 'bigint'
          ? `${member}n`
          : member,
  )
}

/** Policies with few enough cases to look at thousands of them. */
export const SMALL = { maxRules: 4, maxDepth: 2 }

/** How many requests there are for each policy. */
export const REQUESTS = 20

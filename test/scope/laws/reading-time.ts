import { defineScopes } from '../../../src/scope/define-scopes.js'
import type { Scopes } from '../../../src/scope/vocabulary.js'

export interface ReadingTime {
  /** The longest of the medians, in microseconds. */
  readonly worst: number
  /** What the claim that took it repeats. */
  readonly unit: string
  /** How many times as long as a claim of an eighth of its length; 8 is linear, 64 quadratic. */
  readonly ratio: number
}

/** How long reading a claim of 8,192 characters may take at most, in microseconds: some twenty times what it takes. */
export const BUDGET = 4_000

/**
 * Times the reading of the longest claims that repeat whatever may be slow to read, by what they cover, as L24 asks. Not
 * for a test: a machine that is busy with something else is slower.
 */
export function timeReading(scopes: Scopes = largeVocabulary()): ReadingTime {
  for (const unit of UNITS) medianOf(scopes, unit, 8_192)
  const times = UNITS.map((unit) => {
    const [short, long] = [1_024, 8_192].map((length) => medianOf(scopes, unit, length))
    return { worst: long ?? 0, unit, ratio: (long ?? 0) / (short ?? 1) }
  })
  return times.reduce((slowest, one) => (one.worst > slowest.worst ? one : slowest))
}

function medianOf(scopes: Scopes, unit: string, length: number): number {
  const times = Array.from({ length: 15 }, (_, round) => {
    // Every claim is another text, so that nothing of it is remembered.
    const text = `${round} ${unit.repeat(length)}`.slice(0, length)
    const started = performance.now()
    const grant = scopes.grant(text)
    scopes.can(grant, scopes.names[0] ?? '')
    if (grant.covered.size > scopes.names.length) throw new Error('more than there is')
    return (performance.now() - started) * 1_000
  })
  return times.sort((left, right) => left - right)[7] ?? 0
}

function largeVocabulary(): Scopes {
  const actions = Array.from({ length: 10 }, (_, at) => `a${at}`)
  return defineScopes({
    dialect: 'dotted',
    accepts: ['resource:action'],
    resources: Object.fromEntries(
      Array.from({ length: 100 }, (_, at) => [`r${at % 10}.s${at}.a.a.a.a.a`, actions]),
    ),
    superuser: 'admin:all',
    actionImplies: { a1: ['a0'] },
    wildcards: 'grants',
  })
}

const UNITS = [
  ' ',
  'a',
  'a ',
  '* ',
  '*.',
  '**.',
  '*:* ',
  '*.*.*.*.*.*.*.* ',
  '*.**.** ',
  'r1.s1.a.a.a.a.a.a0 ',
  'r1.s1.a.a.a.a.a.a0',
  'r1.s1.a.a.a.a.a.a0\t ',
  'admin:all ',
  'é ',
  '\u0000',
]

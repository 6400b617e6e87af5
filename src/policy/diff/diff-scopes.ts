import { combinations, isBeyond } from '../analysis/cases/case-bounds.js'
import { MOST_CASES } from '../analysis/cases/case-space.js'
import type { ExampleRequest, PolicyDifference } from './difference.js'
import { limitExamples } from './limit-examples.js'
import { type Pair, shownBy } from './shown-by.js'

/**
 * Which grants cover an action in one vocabulary and not in the other. A grant covers what one of its tokens does, so single
 * tokens are enough: names, their spellings in every dialect that either accepts, and patterns; and then claims that are
 * beyond the limits of one alone.
 *
 * Which claims of a token a vocabulary reads (`claims`) is not compared: an example is the text of one claim.
 */
export function diffScopes(
  pair: Pair,
  actions: readonly string[],
  mostCases: number = MOST_CASES,
): readonly PolicyDifference[] {
  const [before, after] = [pair.before.policy.scopes, pair.after.policy.scopes]
  if (before === after) return []
  const names = new Set([...before.names, ...after.names])
  const types = [pair.before, pair.after].flatMap(({ policy }) => [...policy.model.types.keys()])
  const type = types[0] ?? ''
  const notProved = actions.map((action) => ({ kind: 'not_proved', action, type }) as const)
  if (isBeyond(mostPatterns(names), mostCases)) return notProved
  const tokens = new Set([...names, ...patternsOf(names)])
  for (const { token } of after.wideningsSince(before)) tokens.add(token)
  for (const { token } of before.wideningsSince(after)) tokens.add(token)
  const differences: PolicyDifference[] = []
  const show = (grant: string, action: string): void => {
    const example: ExampleRequest = { ...NOBODY, action, type, grant }
    for (const difference of shownBy(pair, example, [null])) differences.push(difference)
  }
  let common: { readonly token: string; readonly action: string } | null = null
  for (const token of tokens) {
    const [earlier, later] = [before.grant(token), after.grant(token)]
    for (const action of actions) {
      const isCovered = before.can(earlier, action)
      if (isCovered === after.can(later, action)) {
        // The shortest leaves the most room for what is beyond a limit.
        const isBetter = common === null || token.length < common.token.length
        if (isCovered && isBetter) common = { token, action }
        continue
      }
      show(token, action)
      break
    }
  }
  // What covers nothing in both cannot be refused for its length either.
  if (common === null) return differences
  const { action } = common
  const claims = limitExamples(before, after, common.token)
  if (claims === null) return [...differences, ...notProved]
  for (const claim of claims) show(claim, action)
  return differences
}

/** As many as a vocabulary writes out when it is compared: they double with each segment. */
function mostPatterns(names: Iterable<string>): number {
  let sum = 0
  for (const name of names) sum += combinations(name.split(/[:.]/).map(() => 2)) * SPELLINGS
  return sum
}

/** Each name with one of its segments, or all, replaced. */
function patternsOf(names: Iterable<string>): ReadonlySet<string> {
  const patterns = new Set<string>(['*', '**'])
  for (const name of names) {
    for (const separator of [':', '.']) {
      const segments = name.split(separator)
      if (segments.length < 2) continue
      patterns.add(segments.map(() => '*').join(separator))
      for (const at of segments.keys()) {
        patterns.add(
          segments.map((segment, index) => (index === at ? '*' : segment)).join(separator),
        )
        if (at > 0) patterns.add([...segments.slice(0, at), '**'].join(separator))
      }
    }
  }
  return patterns
}

const NOBODY = {
  principal: {},
  roles: [],
  resource: {},
  context: {},
  relations: {},
  predicates: {},
} as const
/** A name may be written in two dialects, and with a tail. */
const SPELLINGS = 4

import type { ExampleRequest, PolicyDifference } from './difference.js'
import { type Pair, shownBy } from './shown-by.js'

/**
 * Which grants cover an action in one vocabulary and not in the other. A grant covers what one of its tokens does, so single
 * tokens are enough: every name, and the patterns that can be made of the segments of names.
 */
export function diffScopes(pair: Pair, actions: readonly string[]): readonly PolicyDifference[] {
  const [before, after] = [pair.before.policy.scopes, pair.after.policy.scopes]
  const names = new Set([...before.names, ...after.names])
  const differences: PolicyDifference[] = []
  for (const token of new Set([...names, ...patternsOf(names)])) {
    const [earlier, later] = [before.grant(token), after.grant(token)]
    for (const action of actions) {
      if (before.can(earlier, action) === after.can(later, action)) continue
      const type = [
        ...pair.before.policy.model.types.keys(),
        ...pair.after.policy.model.types.keys(),
      ][0]
      const example: ExampleRequest = { ...NOBODY, action, type: type ?? '', grant: token }
      differences.push(...shownBy(pair, example, [null]))
      break
    }
  }
  return differences
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

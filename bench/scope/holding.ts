import { declareScopes, NAME, type Outcome, PRINCIPALS, tokensOf } from './claims.js'
import type { Work } from './work.js'

/** Ours and what takes no library: everything is ready, and the question is asked again and again. */
export const HOLDING_BARE = {
  sallyport: (size, outcome) => holdingOurs('plain', size, outcome),
  'sallyport, wildcards and implications': (size, outcome) => holdingOurs('rich', size, outcome),
  'Set.has': (size, outcome) => {
    const sets = each((principal) => new Set(tokensOf(principal, size, outcome)))
    return asked(outcome, (times) => () => {
      let yes = 0
      for (let turn = 0; turn < times; turn++) if (sets[turn % PRINCIPALS]?.has(NAME)) yes++
      return yes
    })
  },
  'Array.includes': (size, outcome) => {
    const lists = each((principal) => tokensOf(principal, size, outcome))
    return asked(outcome, (times) => () => {
      let yes = 0
      for (let turn = 0; turn < times; turn++) if (lists[turn % PRINCIPALS]?.includes(NAME)) yes++
      return yes
    })
  },
  "split(' ').includes": (size, outcome) => {
    const claims = each((principal) => tokensOf(principal, size, outcome).join(' '))
    return asked(outcome, (times) => () => {
      let yes = 0
      for (let turn = 0; turn < times; turn++) {
        if (claims[turn % PRINCIPALS]?.split(' ').includes(NAME)) yes++
      }
      return yes
    })
  },
} as const satisfies Readonly<Record<string, Holding>>

/** Makes ready what answers, for principals that hold so much. */
export type Holding = (size: number, outcome: Outcome) => Work | Promise<Work>

/** One of something for each principal. */
export function each<Value>(of: (principal: number) => Value): readonly Value[] {
  return Array.from({ length: PRINCIPALS }, (_, principal) => of(principal))
}

/** Work that answers yes to a hit and no to a miss. */
export function asked(outcome: Outcome, prepare: Work['prepare']): Work {
  return { prepare, yes: outcome === 'hit' }
}

function holdingOurs(kind: 'plain' | 'rich', size: number, outcome: Outcome): Work {
  const scopes = declareScopes(kind)
  const grants = each((principal) => scopes.grant(tokensOf(principal, size, outcome).join(' ')))
  return asked(outcome, (times) => () => {
    let yes = 0
    for (let turn = 0; turn < times; turn++) {
      const grant = grants[turn % PRINCIPALS]
      if (grant !== undefined && scopes.can(grant, NAME)) yes++
    }
    return yes
  })
}

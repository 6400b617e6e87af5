import { Buffer } from 'node:buffer'
import { defineScopes, type Scopes } from 'sallyport'

/** How many scopes a principal holds, a pair of columns each. */
export const SIZES = [10, 100, 1_000] as const

/** The question: does the principal hold this? It was granted last, or another scope was in its place. */
export const NAME = 'users:write'

/** How many principals take turns: in a server, no two requests in a row ask the same object. */
export const PRINCIPALS = 8

export type Outcome = 'hit' | 'miss'

/** Our vocabulary of 1,003 scopes: bare, or with everything that makes a token mean more than its own name. */
export function declareScopes(kind: 'plain' | 'rich'): Scopes {
  const resources: Record<string, readonly string[]> = { users: ['list', 'write'] }
  for (let index = 0; index < RESOURCES; index++) resources[`things-${index}`] = ACTIONS
  if (kind === 'plain') return defineScopes({ resources, limits: LIMITS })
  return defineScopes({
    resources,
    limits: LIMITS,
    superuser: 'admin:all',
    wildcards: 'grants',
    actionImplies: { write: ['read'], share: ['read'], purge: ['write'] },
  })
}

/** What a principal holds, as tokens. Each starts elsewhere, so neither their sets nor their order are the same. */
export function tokensOf(principal: number, size: number, outcome: Outcome): readonly string[] {
  return claimOf(principal, size, outcome).split(' ')
}

/**
 * Claims as requests bring them: so many strings that were not there before. A runtime remembers the hash of a string
 * and, of one that it has interned, the pieces; of these it knows neither.
 */
export function freshClaims(size: number, outcome: Outcome, count: number): readonly string[] {
  return Array.from({ length: count }, (_, turn) => claimOf(turn % PRINCIPALS, size, outcome))
}

function claimOf(principal: number, size: number, outcome: Outcome): string {
  const key = `${principal} ${size} ${outcome}`
  let claim = CLAIMS.get(key)
  if (claim === undefined) {
    claim = Buffer.from(namesOf(principal, size, outcome).join(' '), 'latin1')
    CLAIMS.set(key, claim)
  }
  return claim.toString('latin1')
}

function namesOf(principal: number, size: number, outcome: Outcome): readonly string[] {
  const names = Array.from({ length: size - 1 }, (_, index) => {
    const place = (index + principal * STRIDE) % (RESOURCES * ACTIONS.length)
    return `things-${Math.floor(place / ACTIONS.length)}:${ACTIONS[place % ACTIONS.length]}`
  })
  return [...names, outcome === 'hit' ? NAME : 'users:list']
}

/** 1,000 tokens are more than are read by default. */
const LIMITS = { characters: 32_768, tokens: 1_024 }
const CLAIMS = new Map<string, Buffer>()
const ACTIONS = ['read', 'write', 'share', 'purge'] as const
const RESOURCES = 250
const STRIDE = 31

import type { Buffer } from 'node:buffer'
import type { Contender } from '../rounds.js'
import type { Candidate } from './candidates.js'
import { inTurn } from './tokens.js'

/** The candidate's work on these values of `Authorization`. Throws or rejects if it judges one otherwise than `accepted` says. */
export function judging(
  { name, accepts }: Candidate,
  values: readonly Buffer[],
  accepted: boolean,
): Contender {
  const next = inTurn(values)
  const check = (verdict: boolean): undefined => {
    if (verdict !== accepted) throw new Error(`${name} ${verdict ? 'took' : 'refused'} a token.`)
  }
  return () => {
    const verdict = accepts(next())
    return typeof verdict === 'boolean' ? check(verdict) : verdict.then(check)
  }
}

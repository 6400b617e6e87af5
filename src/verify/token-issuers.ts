import { isClaimText } from '../jwt/claims.js'
import type { CompactJws } from '../jwt/compact.js'
import type { TokenJudge } from '../jwt/token-judge.js'
import type { Eventual } from '../shared/eventual.js'
import { refused } from './refused.js'
import type { RefusedCredential, UnjudgedCredential, VerificationContext } from './verifier.js'

/** Whose tokens a verifier takes. */
export interface TokenIssuers {
  /** The issuers that the configuration names; none of them where they are looked up. */
  readonly names: readonly string[]
  /** The judge of a parsed token: that of its issuer. Never throws or rejects. */
  judgeOf(jws: CompactJws, context: VerificationContext): Eventual<FoundJudge>
}

export type FoundJudge =
  | { readonly kind: 'found'; readonly judge: TokenJudge }
  | RefusedCredential
  | UnjudgedCredential

/** What an unverified token says of its issuer. */
export function issuerOf({
  payload,
}: CompactJws): { readonly kind: 'named'; readonly name: string } | RefusedCredential {
  const { iss } = payload
  if (iss === undefined) return refused('claim_missing', 'iss')
  if (!isClaimText(iss)) return refused('claim_malformed', 'iss')
  return { kind: 'named', name: iss }
}

import { type Eventual, whenReady } from '../shared/eventual.js'
import { parseCompact } from './compact.js'
import { createTokenJudge, type JwtVerification, type JwtVerifierOptions } from './token-judge.js'

export interface JwtVerifier {
  /**
   * Judges a token at `now`, in seconds since the epoch: at once if keys and runtime allow it, else by a promise. Never
   * throws or rejects, whatever the string.
   */
  verify(token: string, now: number): Eventual<JwtVerification>
}

/**
 * Makes a verifier for signed JWTs of one issuer. Keys given by the configuration are judged here and now.
 *
 * A token passes in this order: its text is canonical, its algorithm allowed, its kind expected, its key known, its
 * signature good, its claims right. Encrypted tokens are refused by their shape, keys and URLs in a header ignored.
 *
 * @throws ConfigurationError `option_invalid`, `algorithm_unknown`, `algorithm_families_mixed`, `key_invalid`
 * @see RFC 7519 section 7.2, RFC 8725, RFC 9068 section 4
 */
export function createJwtVerifier(options: JwtVerifierOptions): JwtVerifier {
  const tokens = createTokenJudge('createJwtVerifier', options)
  return Object.freeze({
    verify(token: string, now: number): Eventual<JwtVerification> {
      const parsed = parseCompact(token)
      if (!parsed.ok) return { kind: 'refused', reason: parsed.reason }
      return whenReady(tokens.judge(parsed.value, now), (judgement): JwtVerification => {
        if (judgement.kind !== 'verified') return judgement
        const { kind, claims, registered, tokenId } = judgement
        return { kind, claims, registered, tokenId }
      })
    },
  })
}

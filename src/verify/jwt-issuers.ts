import { ConfigurationError } from '../errors.js'
import { createTokenJudge, type JwtVerifierOptions, type TokenJudge } from '../jwt/token-judge.js'
import { refused } from './refused.js'
import { type IssuerResolver, resolvedIssuers } from './resolved-issuers.js'
import { type FoundJudge, issuerOf, type TokenIssuers } from './token-issuers.js'

/** Tokens of one issuer, or of several: a list, or a function that looks an issuer up when its first token comes. */
export type JwtIssuers =
  | (JwtVerifierOptions & { readonly issuers?: never })
  | { readonly issuers: readonly JwtVerifierOptions[] | IssuerResolver }

/**
 * Checks whose tokens a verifier is to take.
 *
 * INVARIANT: an unverified `iss` does nothing but select among what the configuration gives, by exact comparison. The
 * selected judge then compares it again, under the signature of that issuer's key.
 *
 * @throws ConfigurationError `option_invalid`, and what `createTokenJudge` throws
 */
export function jwtIssuers(factory: string, options: JwtIssuers): TokenIssuers {
  const { issuers, ...rest } = options as { readonly issuers?: unknown } & JwtVerifierOptions
  if (issuers === undefined) return oneIssuer(createTokenJudge(factory, rest))
  const others = Object.keys(rest)
  if (others.length > 0) {
    throw invalid(factory, `with 'issuers', '${others[0]}' belongs to each of them`)
  }
  if (typeof issuers === 'function') return resolvedIssuers(factory, issuers as IssuerResolver)
  if (!Array.isArray(issuers) || issuers.length === 0) {
    throw invalid(factory, "'issuers' must be a list of at least one, or a function")
  }
  return severalIssuers(factory, issuers)
}

/** With one issuer there is nothing to select: its judge says what is wrong with a token, `iss` included. */
function oneIssuer(judge: TokenJudge): TokenIssuers {
  const found = { kind: 'found', judge } as const
  return { names: [judge.issuer], judgeOf: () => found }
}

function severalIssuers(factory: string, list: readonly JwtVerifierOptions[]): TokenIssuers {
  const judges = new Map<string, FoundJudge>()
  for (const each of list) {
    const judge = createTokenJudge(factory, each)
    if (judges.has(judge.issuer)) throw invalid(factory, "'issuers' names an issuer twice")
    judges.set(judge.issuer, { kind: 'found', judge })
  }
  return {
    names: [...judges.keys()],
    judgeOf(jws) {
      const issuer = issuerOf(jws)
      return issuer.kind === 'named'
        ? (judges.get(issuer.name) ?? refused('issuer_mismatch', 'iss'))
        : issuer
    },
  }
}

function invalid(factory: string, problem: string): ConfigurationError {
  return new ConfigurationError('option_invalid', `${factory}: ${problem}.`)
}

import { signJwt } from '../../jwt/sign-jwt.js'
import { type Waited, within } from '../../runtime/within.js'
import { isThenable } from '../../shared/eventual.js'
import { Redacted } from '../../shared/redacted.js'
import { randomId } from '../random-text.js'
import type { SigningKeyLookup, SigningKeySource } from '../signing-keys/signing-key-source.js'
import { type Performed, perform, type StoreUnavailable, unavailable } from '../store/steps.js'
import type { Store } from '../store/store.js'
import { type AccessTokenFacts, claimsOfAccessToken } from './access-token-claims.js'
import { insertOpaqueToken } from './opaque-access-tokens.js'

/** How access tokens are made. */
export interface AccessTokenIssuer {
  /**
   * Makes ready to issue. What can fail without anything having happened fails here: ask before a refresh token is spent.
   */
  prepare(now: number): Promise<PreparedIssue | StoreUnavailable>
}

export interface PreparedIssue {
  readonly kind: 'prepared'
  issue(facts: AccessTokenFacts): Promise<Redacted | StoreUnavailable>
}

/**
 * Access tokens that verifiers can judge by themselves: JWTs of type `at+jwt`.
 *
 * @see RFC 9068
 */
export function jwtAccessTokens(
  keys: SigningKeySource,
  timeoutMilliseconds: number,
): AccessTokenIssuer {
  return {
    async prepare(now) {
      const lookup = await currentKey(keys, now, timeoutMilliseconds)
      if (lookup.kind === 'unavailable') return unavailable(lookup.cause)
      const { key } = lookup
      return {
        kind: 'prepared',
        async issue(facts) {
          try {
            const claims = { ...claimsOfAccessToken(facts), jti: randomId() }
            return new Redacted(await signJwt(claims, { key, type: 'at+jwt' }))
          } catch (cause) {
            return unavailable(cause)
          }
        },
      }
    },
  }
}

/** Access tokens that say nothing, and are looked up in the store at each use. */
export function opaqueAccessTokens(store: Store, timeoutMilliseconds: number): AccessTokenIssuer {
  return {
    prepare: async () => ({
      kind: 'prepared',
      async issue(facts) {
        const inserted: Performed<Redacted> = await perform(
          store,
          insertOpaqueToken(facts),
          timeoutMilliseconds,
        )
        return inserted.kind === 'done' ? inserted.result : inserted
      },
    }),
  }
}

/** A source of the user's own may break its promise, and not answer or answer with no key. */
async function currentKey(
  keys: SigningKeySource,
  now: number,
  timeoutMilliseconds: number,
): Promise<SigningKeyLookup> {
  try {
    const given = keys.current(now)
    const waited = isThenable(given) ? await within(timeoutMilliseconds, given) : settled(given)
    if (waited.kind === 'timed_out') throw new Error('The source of signing keys did not answer.')
    const lookup = waited.value
    if (lookup.kind === 'unavailable') return lookup
    if (lookup.kind === 'key' && typeof lookup.key === 'object' && lookup.key !== null) {
      return lookup
    }
    throw new Error('The source of signing keys answered with no key.')
  } catch (cause) {
    return { kind: 'unavailable', cause }
  }
}

function settled<Value>(value: Value): Waited<Value> {
  return { kind: 'settled', value }
}

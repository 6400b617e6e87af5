import type { JsonObject } from '../shared/json.js'
import {
  type CodeBinding,
  type CodeRefusal,
  createCode,
  exchangeable,
  exchangeCode,
  type PresentedCode,
} from './code/code-steps.js'
import { AS_ALLOWED, completed, issued, reviewedBefore } from './completion.js'
import type { Desk } from './desk.js'
import { provenKey } from './family/judge-refresh.js'
import { authorizationOf, checkedBinding, type GrantOptions } from './grant.js'
import type { LifecycleSetup } from './lifecycle-options.js'
import type { StoreUnavailable } from './store/steps.js'
import type { TokenSet } from './token-set.js'

export type CodeResult = { readonly kind: 'created'; readonly code: string } | StoreUnavailable

export type ExchangeResult =
  | { readonly kind: 'issued'; readonly tokens: TokenSet }
  | {
      readonly kind: 'refused'
      readonly error: 'invalid_grant'
      /** What to tell the operator only. */
      readonly reason: CodeRefusal | 'review_ended'
    }
  | StoreUnavailable

/** What works once. */
export interface Codes<Claims extends JsonObject = JsonObject> {
  /**
   * Makes an authorization code, which `exchangeCode` turns into tokens once.
   * Rejects with ConfigurationError `option_invalid`.
   */
  createCode(grant: GrantOptions<Claims>, binding: CodeBinding): Promise<CodeResult>
  /** Exchanges a code. The client must have been authenticated, if it can be. */
  exchangeCode(presented: PresentedCode): Promise<ExchangeResult>
}

export function codesOf(setup: LifecycleSetup, desk: Desk): Codes {
  const { families, onEvent } = setup
  return {
    createCode: async (grant, binding) => {
      const check = (now: number) => authorizationOf('createCode', grant, setup, now)
      check(0)
      const bound = checkedBinding(binding)
      return desk.handle<CodeResult>('createCode', async (now) => {
        const steps = createCode(check(now), bound, setup.codeSeconds, now)
        const performed = await desk.perform(steps)
        return performed.kind === 'done' ? { kind: 'created', code: performed.result } : performed
      })
    },

    exchangeCode: (presented) =>
      desk.handle<ExchangeResult>('exchangeCode', async (now) => {
        const { clientId } = presented
        const confirmation = provenKey(presented.confirmation)
        const refuse = (reason: CodeRefusal | 'review_ended'): ExchangeResult => {
          if (reason !== 'review_ended')
            onEvent({ kind: 'code_refused', at: now, clientId, reason })
          return { kind: 'refused', error: 'invalid_grant', reason }
        }
        const prepared = await setup.accessTokens.prepare(now)
        if (prepared.kind === 'unavailable') return prepared
        const review = await reviewedBefore(setup, desk, exchangeable(presented, now))
        if (review?.kind === 'unavailable') return review
        const performed = await desk.perform(exchangeCode(presented, families, now))
        if (performed.kind === 'unavailable') return performed
        const { result } = performed
        if (result.kind === 'refused') return refuse(result.reason)
        const { familyId, family, token } = result
        const { authorization, absoluteUntil } = family
        const issue = { ...AS_ALLOWED, authorization, confirmation, familyId, absoluteUntil }
        const tokens = await completed(
          setup,
          desk,
          prepared,
          { ...issue, refreshToken: token },
          now,
          review,
        )
        if (tokens === 'review_ended') return refuse(tokens)
        return 'kind' in tokens ? tokens : issued(setup, tokens, authorization, now)
      }),
  }
}

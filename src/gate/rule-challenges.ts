import type { CredentialKind } from '../credential/credential.js'
import { type Challenge, type ChallengeDetails, composeChallenges } from '../outcome/challenge.js'
import type { NamedVerifier } from '../verify/choose-verifier.js'
import { offersFor, offersOf } from '../verify/offers.js'
import type { GateSetup } from './checked-options.js'

/** What a refused credential's challenge says: the error, and in words. Constants of ours. */
export interface RefusalInWords {
  readonly error: 'invalid_token' | 'invalid_dpop_proof' | 'use_dpop_nonce'
  readonly errorDescription: string
}

/** The challenges of one rule. */
export interface RuleChallenges {
  /** For a request that presents nothing. */
  bare(): readonly Challenge[]
  /** For a credential that is refused. */
  refused(chosen: NamedVerifier, used: CredentialKind, words: RefusalInWords): readonly Challenge[]
  /** For everything else: composed anew. */
  compose(details: Omit<ChallengeDetails, 'realm' | 'resourceMetadata'>): readonly Challenge[]
}

/**
 * The challenges of a rule that accepts these verifiers.
 *
 * Those that depend on nothing but the configuration are composed once, so that refusing costs a stranger more than us;
 * and once more when the metadata is served meanwhile: then they name it. INVARIANT: what is kept is bounded by the
 * verifiers and by our own words.
 *
 * @param scope what the rule needs; empty if nothing
 */
export function ruleChallenges(
  { realm, metadata }: Pick<GateSetup, 'realm' | 'metadata'>,
  accepted: readonly NamedVerifier[],
  scope: string,
): RuleChallenges {
  const offers = accepted.flatMap(({ verifier }) => offersOf(verifier))
  let named = metadata.url
  let bare: readonly Challenge[] | null = null
  let kept: Kept[] = []

  function compose(details: Omit<ChallengeDetails, 'realm'>): readonly Challenge[] {
    return composeChallenges(offers, { realm, resourceMetadata: named, ...details })
  }

  function follow(): void {
    if (named === metadata.url) return
    named = metadata.url
    bare = null
    kept = []
  }

  return {
    bare() {
      follow()
      bare ??= compose({ scope })
      return bare
    },
    refused(chosen, used, words) {
      follow()
      for (const one of kept) {
        if (one.words === words && one.used === used && one.chosen === chosen) return one.challenges
      }
      const challenges = compose({ used: offersFor(chosen.verifier, used), ...words, scope })
      kept.push({ chosen, used, words, challenges })
      return challenges
    },
    compose(details) {
      follow()
      return compose(details)
    },
  }
}

interface Kept {
  readonly chosen: NamedVerifier
  readonly used: CredentialKind
  readonly words: RefusalInWords
  readonly challenges: readonly Challenge[]
}

import type { Challenge } from '../outcome/challenge.js'

/**
 * A challenge as the value of one `WWW-Authenticate` field line.
 *
 * Values stand between quotes without escaping.
 * INVARIANT: they hold no `"` and no `\`; `assertChallengeOffer` checked those that come from configuration, and the
 * rest are scopes of the vocabulary and our own constants.
 *
 * @see RFC 9110 section 11.6.1
 */
export function formatChallenge(challenge: Challenge): string {
  const parameters = challenge.parameters.map(([name, value]) => `${name}="${value}"`)
  return `${challenge.scheme} ${parameters.join(', ')}`
}

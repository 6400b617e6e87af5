import { tokenEnd } from '../credential/field-grammar.js'
import { ConfigurationError } from '../errors.js'
import { frozen } from '../shared/frozen.js'
import { isQuotable } from '../shared/quotable.js'
import type { ChallengeOffer } from '../verify/verifier.js'

/** One `WWW-Authenticate` challenge as data. Parameter names are unique within a challenge (RFC 9110 section 11.2). */
export interface Challenge {
  readonly scheme: string
  readonly parameters: readonly (readonly [name: string, value: string])[]
}

/** What the composer adds to the offers of a gate's verifiers. */
export interface ChallengeDetails {
  readonly realm: string
  /** What the client used: the error sits on these, all others are offered bare. */
  readonly used?: readonly ChallengeOffer[]
  /** RFC 6750 section 3.1's code, or RFC 9470's. Absent when nothing was presented. */
  readonly error?: string
  readonly errorDescription?: string
  /** What this request needs; put on Bearer and DPoP, and on the scheme that was used. */
  readonly scope?: string
  /** Where the metadata of the API is served; named by the schemes of OAuth tokens. */
  readonly resourceMetadata?: string | null
  /** Further parameters for the schemes that were used, e.g. `max_age`. */
  readonly parameters?: Readonly<Record<string, string>>
}

/**
 * Composes one challenge per different offer, in the order of the offers; Bearer first, because there are clients that
 * read no further than to a scheme that they do not know.
 *
 * Two verifiers with the same offer (JWT and opaque bearer tokens) share a challenge. Nothing from the request is echoed.
 *
 * @see RFC 6750 section 3, RFC 9110 section 11.6.1, RFC 9728 section 5.1
 */
export function composeChallenges(
  offers: readonly ChallengeOffer[],
  details: ChallengeDetails,
): readonly Challenge[] {
  const used = new Set(details.error === undefined ? [] : details.used?.map(keyOf))
  const challenges = new Map<string, Challenge>()
  for (const offer of [...offers].sort(bearerFirst)) {
    const key = keyOf(offer)
    if (!challenges.has(key)) challenges.set(key, challengeFor(offer, used.has(key), details))
  }
  // Shared by the requests of a rule: what a handler wrote would stand in the next one's answer.
  return frozen([...challenges.values()])
}

function challengeFor(offer: ChallengeOffer, used: boolean, details: ChallengeDetails): Challenge {
  const { realm, error, errorDescription, scope } = details
  const parameters = new Map([['realm', realm]])
  if (details.resourceMetadata != null && TOKEN_SCHEMES.has(offer.scheme)) {
    parameters.set('resource_metadata', details.resourceMetadata)
  }
  for (const [name, value] of Object.entries(offer.parameters)) parameters.set(name, value)
  if (used && error !== undefined) parameters.set('error', error)
  if (used && errorDescription !== undefined) parameters.set('error_description', errorDescription)
  if ((used || TOKEN_SCHEMES.has(offer.scheme)) && scope) parameters.set('scope', scope)
  if (used) {
    for (const [name, value] of Object.entries(details.parameters ?? {}))
      parameters.set(name, value)
  }
  return { scheme: offer.scheme, parameters: [...parameters] }
}

function bearerFirst(one: ChallengeOffer, other: ChallengeOffer): number {
  return Number(other.scheme === 'Bearer') - Number(one.scheme === 'Bearer')
}

function keyOf({ scheme, parameters }: ChallengeOffer): string {
  return JSON.stringify([scheme, parameters])
}

/**
 * Checks an offer when a gate is made, so that composing it for a request cannot fail.
 *
 * @throws ConfigurationError `option_invalid` for a scheme or parameter name that is not a token (RFC 9110 section
 *   5.6.2), or a value with a character that RFC 6750 section 3 leaves out (`"`, `\`, controls, anything not ASCII)
 */
export function assertChallengeOffer(offer: ChallengeOffer): void {
  for (const name of [offer.scheme, ...Object.keys(offer.parameters)]) {
    if (!isToken(name)) {
      throw new ConfigurationError(
        'option_invalid',
        'A challenge needs a scheme and parameter names made of RFC 9110 token characters.',
      )
    }
  }
  for (const value of Object.values(offer.parameters))
    assertQuotable('A challenge parameter', value)
}

/**
 * Checks a value that will stand between quotes in a challenge: 1 to 256 characters of printable ASCII without `"`
 * and `\`, so that no escaping is ever needed.
 *
 * @throws ConfigurationError `option_invalid`
 */
export function assertQuotable(label: string, value: string): void {
  if (value.length > 256 || !isQuotable(value)) {
    throw new ConfigurationError(
      'option_invalid',
      `${label} must be 1 to 256 printable ASCII characters without double quotes and backslashes.`,
    )
  }
}

function isToken(text: string): boolean {
  return text !== '' && tokenEnd(text, 0) === text.length
}

/** The schemes that carry what an authorization server has issued. */
const TOKEN_SCHEMES: ReadonlySet<string> = new Set(['Bearer', 'DPoP'])

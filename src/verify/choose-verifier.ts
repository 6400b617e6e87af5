import { hasJwtShape } from '../credential/bearer.js'
import type { Credential } from '../credential/credential.js'
import { ConfigurationError } from '../errors.js'
import type { Recognition, Verifier } from './verifier.js'

/** A verifier under the name that the gate's options give it. */
export interface NamedVerifier {
  readonly name: string
  readonly verifier: Verifier
}

/**
 * The one verifier that this credential is for, by what was sent: its kind, and for bearer tokens and API keys its
 * shape. Verifiers are never tried in turn: what one of them refused, another must not get to accept.
 *
 * @param verifiers those that the route accepts
 * @returns null if none of them is for this kind of credential
 */
export function chooseVerifier(
  verifiers: readonly NamedVerifier[],
  credential: Credential,
): NamedVerifier | null {
  switch (credential.kind) {
    case 'bearer':
    case 'dpop':
      return chooseByFormat(verifiers, credential)
    case 'basic':
      return verifiers.find(({ verifier }) => verifier.recognises.kind === 'basic') ?? null
    case 'api-key':
      return chooseByPrefix(verifiers, credential.key.reveal())
    case 'cookie':
      return (
        verifiers.find(
          ({ verifier: { recognises } }) =>
            recognises.kind === 'cookie' && recognises.name === credential.name,
        ) ?? null
      )
  }
}

/**
 * Checks when a gate is made that no credential could belong to two of its verifiers.
 *
 * @throws ConfigurationError `verifier_conflict`
 */
export function assertNoConflict(verifiers: readonly NamedVerifier[]): void {
  const claimed = new Map<string, string>()
  for (const { name, verifier } of verifiers) {
    const key = recognitionKey(verifier.recognises)
    const other = claimed.get(key)
    if (other !== undefined) {
      throw new ConfigurationError(
        'verifier_conflict',
        `Verifiers '${other}' and '${name}' would both claim the same credential (${key}); keep one of them.`,
      )
    }
    claimed.set(key, name)
  }
}

function chooseByFormat(
  verifiers: readonly NamedVerifier[],
  { kind, token }: Extract<Credential, { readonly kind: 'bearer' | 'dpop' }>,
): NamedVerifier | null {
  const takes = kind === 'dpop' ? isForProofs : isForBearers
  const first = verifiers.find(takes)
  const last = verifiers.findLast(takes)
  // The only one gets every token; its shape is looked at where there is a choice.
  if (first === undefined || first === last) return first ?? null
  const format = hasJwtShape(token.reveal()) ? 'jwt' : 'opaque'
  return (
    verifiers.find(
      (named) =>
        takes(named) &&
        named.verifier.recognises.kind === 'bearer' &&
        named.verifier.recognises.format === format,
    ) ?? null
  )
}

function isForBearers({ verifier }: NamedVerifier): boolean {
  return verifier.recognises.kind === 'bearer'
}

function isForProofs({ verifier: { recognises } }: NamedVerifier): boolean {
  return recognises.kind === 'bearer' && recognises.dpop === true
}

/** The longest prefix wins: `acme_live` and `acme` can stand side by side. A key of no prefix goes to the first. */
function chooseByPrefix(verifiers: readonly NamedVerifier[], key: string): NamedVerifier | null {
  let chosen: NamedVerifier | null = null
  let chosenLength = -1
  for (const named of verifiers) {
    const { recognises } = named.verifier
    if (recognises.kind !== 'api-key') continue
    const length = key.startsWith(`${recognises.prefix}_`) ? recognises.prefix.length : 0
    if (length > chosenLength) {
      chosen = named
      chosenLength = length
    }
  }
  return chosen
}

function recognitionKey(recognises: Recognition): string {
  switch (recognises.kind) {
    case 'bearer':
      return `a ${recognises.format} bearer token`
    case 'basic':
      return 'Basic credentials'
    case 'api-key':
      return `an API key that starts with ${recognises.prefix}_`
    case 'cookie':
      return `the cookie ${recognises.name}`
  }
}

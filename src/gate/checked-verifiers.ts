import * as z from 'zod/mini'
import type { CredentialLocations } from '../credential/credential.js'
import { DEFAULT_REFUSED_QUERY_PARAMETERS } from '../credential/url-credentials.js'
import { ConfigurationError } from '../errors.js'
import { assertChallengeOffer } from '../outcome/challenge.js'
import { functionOption, TEXT } from '../shared/options.js'
import { assertNoConflict, type NamedVerifier } from '../verify/choose-verifier.js'
import { offersOf } from '../verify/offers.js'
import type { Verifier } from '../verify/verifier.js'

/**
 * Checks the verifiers of a gate: what each recognises and offers, and that no two would read the same credential.
 *
 * @throws ConfigurationError that names the verifier
 */
export function checkedVerifiers(
  record: Readonly<Record<string, unknown>>,
): readonly NamedVerifier[] {
  const verifiers = Object.entries(record).map(([name, verifier]) => {
    if (name === 'anyone' || !isVerifier(verifier)) {
      throw new ConfigurationError(
        'option_invalid',
        `createGate: verifiers.${name} must be a verifier such as jwtBearer(...), under a name other than 'anyone'.`,
      )
    }
    offersOf(verifier).forEach(assertChallengeOffer)
    const { recognises } = verifier
    if (recognises.kind === 'api-key' && TAKEN_FIELDS.has(recognises.field.toLowerCase())) {
      throw new ConfigurationError(
        'option_invalid',
        `createGate: verifiers.${name} reads API keys from a field with a meaning of its own; name another field.`,
      )
    }
    return { name, verifier }
  })
  if (verifiers.length === 0) {
    throw new ConfigurationError('option_invalid', 'createGate: verifiers must name at least one.')
  }
  assertNoConflict(verifiers)
  return verifiers
}

function isVerifier(value: unknown): value is Verifier {
  return z.safeParse(VERIFIER, value).success
}

/** Where these verifiers look for credentials, and which query parameters are refused as leaked ones. */
export function locationsOf(
  verifiers: readonly NamedVerifier[],
  refusedQueryParameters: readonly string[] | undefined,
): CredentialLocations {
  const apiKeyFields = new Set<string>()
  const cookieNames = new Set<string>()
  const keyPrefixes = new Set<string>()
  for (const { recognises } of verifiers.map(({ verifier }) => verifier)) {
    if (recognises.kind === 'api-key') {
      apiKeyFields.add(recognises.field.toLowerCase())
      keyPrefixes.add(`${recognises.prefix}_`)
    } else if (recognises.kind === 'cookie') {
      cookieNames.add(recognises.name)
    }
  }
  return {
    apiKeyFields: [...apiKeyFields],
    cookieNames: [...cookieNames],
    keyPrefixes: [...keyPrefixes],
    refusedQueryParameters: refusedQueryParameters ?? DEFAULT_REFUSED_QUERY_PARAMETERS,
  }
}

/** `Authorization: ApiKey` is read anyway. */
const TAKEN_FIELDS: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'dpop',
  'host',
  'origin',
  'forwarded',
  'x-forwarded-proto',
])

const OFFER = z.object({ scheme: z.string(), parameters: z.record(z.string(), z.string()) })

const VERIFIER = z.object({
  verify: functionOption<Verifier['verify']>(),
  recognises: z.discriminatedUnion('kind', [
    z.object({
      kind: z.literal('bearer'),
      format: z.enum(['jwt', 'opaque']),
      dpop: z.optional(z.boolean()),
    }),
    z.object({ kind: z.literal('basic') }),
    z.object({ kind: z.literal('api-key'), field: TEXT, prefix: z.string() }),
    z.object({ kind: z.literal('cookie'), name: TEXT }),
  ]),
  metadata: z.optional(
    z.object({
      issuers: z.optional(z.array(z.string())),
      dpopAlgorithms: z.optional(z.array(z.string())),
      dpopRequired: z.optional(z.boolean()),
      certificateBound: z.optional(z.boolean()),
    }),
  ),
  needsClientNetwork: z.optional(z.boolean()),
  offer: z.union([OFFER, z.array(OFFER).check(z.minLength(1))]),
})

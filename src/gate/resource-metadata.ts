import * as z from 'zod/mini'
import { ConfigurationError } from '../errors.js'
import { type HttpAnswer, respondWithMetadata } from '../http/respond.js'
import { pathOf } from '../http/target-path.js'
import type { Requirement } from '../scope/requirement.js'
import { checkedOptions, TEXT } from '../shared/options.js'
import { parseSecureUrl, parseServerUrl } from '../shared/secure-url.js'
import type { NamedVerifier } from '../verify/choose-verifier.js'

/** What the metadata tells people, besides what the gate knows by itself. All of it is public. */
export interface MetadataOptions {
  /**
   * Authorization servers besides the issuers that the verifiers name: those of issuers that are looked up. https URLs,
   * http on localhost only.
   */
  readonly authorizationServers?: readonly string[]
  /** The name of the API, for people. */
  readonly name?: string
  /** A page for developers. */
  readonly documentation?: string
  /** A page that says how data may be used. */
  readonly policy?: string
  /** A page with the terms of service. */
  readonly termsOfService?: string
}

/** The document at its place, for adapters to serve. */
export interface ServedMetadata {
  readonly path: string
  /** Whether a request target is for the document: its path, whatever the query. */
  isAt(target: string): boolean
  /** The answer to a request for it, whatever the method. */
  answer(method: string): HttpAnswer
}

/**
 * The protected resource metadata of one gate: where it stands, what is in it, and whether anybody serves it.
 *
 * It is all the gate's own data; nothing of it comes from a request.
 *
 * @see RFC 9728
 */
export class ResourceMetadata {
  readonly #place: URL
  readonly #facts: ResourceFacts
  readonly #scopes = new Set<string>()
  #isServed = false

  constructor(facts: ResourceFacts) {
    this.#facts = facts
    this.#place = placeOf(facts.resource)
  }

  /** Where the document is; null as long as nobody serves it, since a challenge must not point to nothing. */
  get url(): string | null {
    return this.#isServed ? this.#place.href : null
  }

  /** Counts the scopes of a rule among those that the API asks for. */
  include(requirement: Requirement): void {
    if (requirement.kind === 'scope') this.#scopes.add(requirement.name)
    if ('parts' in requirement) for (const part of requirement.parts) this.include(part)
  }

  /**
   * Makes the document, and lets challenges name it from now on.
   *
   * @throws ConfigurationError `option_invalid` if no verifier names an authorization server, `url_invalid` for a page
   *   that is not at an https URL
   */
  serve(options: MetadataOptions): ServedMetadata {
    const { authorizationServers = [], ...forPeople } = checkedOptions(
      'serveMetadata',
      OPTIONS,
      options,
    )
    const told = toldMembers(forPeople)
    const known = knownMembers(this.#facts, authorizationServers)
    this.#isServed = true
    return {
      path: this.#place.pathname,
      isAt: (target) => target.includes(WELL_KNOWN) && pathOf(target) === this.#place.pathname,
      answer: (method) => {
        const scopes = this.#facts.scopeNames.filter((name) => this.#scopes.has(name))
        return respondWithMetadata(method, {
          resource: this.#facts.resource,
          ...known,
          ...(scopes.length === 0 ? {} : { scopes_supported: scopes }),
          ...told,
        })
      },
    }
  }
}

/** What a gate knows of itself. */
export interface ResourceFacts {
  readonly resource: string
  /** In the order of the vocabulary. */
  readonly scopeNames: readonly string[]
  readonly verifiers: readonly NamedVerifier[]
}

/** The well-known name stands between host and path; a path of one slash is none. @see RFC 9728 section 3.1 */
function placeOf(resource: string): URL {
  const { origin, pathname } = new URL(resource)
  return new URL(`${origin}${WELL_KNOWN}${pathname === '/' ? '' : pathname}`)
}

function knownMembers(
  { verifiers }: ResourceFacts,
  named: readonly string[],
): Readonly<Record<string, unknown>> {
  const tokens = verifiers.flatMap(({ verifier }) => verifier.metadata ?? [])
  const issuers = tokens.flatMap(({ issuers = [] }) => issuers)
  if (named.some((server) => parseServerUrl(server) === null)) {
    throw new ConfigurationError(
      'url_invalid',
      'serveMetadata: each of authorizationServers must be an https URL (http only for localhost).',
    )
  }
  const servers = distinct([
    ...issuers.filter((issuer) => parseServerUrl(issuer) !== null),
    ...named,
  ])
  if (servers.length === 0) {
    throw new ConfigurationError(
      'option_invalid',
      'serveMetadata: no verifier of the gate has an issuer with an https URL, so name authorizationServers.',
    )
  }
  const takesBearer = verifiers.some(({ verifier }) => verifier.recognises.kind === 'bearer')
  const proofs = distinct(tokens.flatMap(({ dpopAlgorithms = [] }) => dpopAlgorithms))
  return {
    authorization_servers: servers,
    ...(takesBearer ? { bearer_methods_supported: ['header'] } : {}),
    ...(proofs.length === 0 ? {} : { dpop_signing_alg_values_supported: proofs }),
    ...(tokens.every(({ dpopRequired }) => dpopRequired === true)
      ? { dpop_bound_access_tokens_required: true }
      : {}),
    ...(tokens.some(({ certificateBound }) => certificateBound === true)
      ? { tls_client_certificate_bound_access_tokens: true }
      : {}),
  }
}

function toldMembers({
  name,
  ...pages
}: Omit<z.output<typeof OPTIONS>, 'authorizationServers'>): Readonly<Record<string, string>> {
  const members: [string, string][] = name === undefined ? [] : [['resource_name', name]]
  for (const [option, member] of PAGES) {
    const page = pages[option]
    if (page === undefined) continue
    if (parseSecureUrl(page) === null) {
      throw new ConfigurationError(
        'url_invalid',
        `serveMetadata: ${option} must be an https URL (http only for localhost) without credentials.`,
      )
    }
    members.push([member, page])
  }
  return Object.fromEntries(members)
}

function distinct(members: readonly string[]): readonly string[] {
  return [...new Set(members)]
}

const WELL_KNOWN = '/.well-known/oauth-protected-resource'

const PAGES = [
  ['documentation', 'resource_documentation'],
  ['policy', 'resource_policy_uri'],
  ['termsOfService', 'resource_tos_uri'],
] as const

const PAGE = z.optional(z.string())
const OPTIONS = z.strictObject({
  authorizationServers: z.optional(z.array(z.string())),
  name: z.optional(TEXT),
  documentation: PAGE,
  policy: PAGE,
  termsOfService: PAGE,
})

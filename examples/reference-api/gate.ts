/** The gate of the API: what credentials it takes, from whom, and which policy it asks. */
import {
  type ApiKeyStore,
  apiKey,
  basic,
  type Clock,
  createGate,
  type Gate,
  type GateEvent,
  jwtBearer,
  type KeySource,
  type OpaqueTokenStore,
  opaqueBearer,
  type PasswordStore,
  type RevocationMirror,
} from 'sallyport'
import type { Directory } from './data.js'
import { createPolicy, factsOf } from './policy.js'
import { scopes } from './scopes.js'

/** Our own public URL. Tokens must name it as their audience; challenges name its host as their realm. */
export const API_URL = 'https://api.example.com'
/** Who vouches for our users. */
export const ISSUER = 'https://id.example.com'
/** For those who log in with us, we vouch ourselves. */
export const ACCOUNTS_ISSUER = 'https://accounts.example.com'

/** What the gate asks: in your API, the identity provider's key URL and your database. */
export interface Sources {
  readonly keys: KeySource
  readonly tokens: OpaqueTokenStore
  readonly apiKeys: ApiKeyStore
  readonly passwords: PasswordStore
  /** Those who log in with us, and not with the identity provider. */
  readonly accounts: {
    readonly issuer: string
    readonly keys: KeySource
    readonly revocation: RevocationMirror
  }
  readonly directory: Directory
}

export function createApiGate(
  { keys, tokens, apiKeys, passwords, accounts, directory }: Sources,
  options: { readonly clock?: Clock; readonly onEvent?: (event: GateEvent) => void } = {},
) {
  return createGate({
    resource: API_URL,
    scopes,
    verifiers: {
      // Two kinds of bearer token side by side: the gate tells them apart by their shape, never by trying.
      user: jwtBearer({
        issuers: [
          { issuer: ISSUER, audience: API_URL, algorithms: ['RS256'], keys },
          {
            issuer: accounts.issuer,
            audience: API_URL,
            algorithms: ['ES256'],
            keys: accounts.keys,
          },
        ],
      }),
      session: opaqueBearer({ store: tokens }),
      machine: apiKey({ prefix: 'acme', store: apiKeys }),
      account: basic({ realm: 'account', store: passwords }),
    },
    policy: {
      policy: createPolicy(directory),
      principal: (who) => factsOf(who, directory),
    },
    // Who has logged out is refused from memory, at the next request.
    revocation: accounts.revocation,
    // Behind a proxy that ends TLS, this would need `proxy: { hops: 1 }`.
    ...options,
  })
}

export type ApiGate = ReturnType<typeof createApiGate>
export type ScopeName = ApiGate['scopes']['names'][number]
/** The principals by the names of their verifiers. */
export type Principals = ApiGate extends Gate<ScopeName, infer ByName, infer _> ? ByName : never
/** The types of resources that the policy knows. */
export type Types = ApiGate extends Gate<ScopeName, Principals, infer ByType> ? ByType : never

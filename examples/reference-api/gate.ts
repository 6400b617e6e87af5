/** The gate of the API: what credentials it takes, from whom, and which scopes exist. */
import {
  type ApiKeyStore,
  apiKey,
  basic,
  type Clock,
  createGate,
  defineScopes,
  type Gate,
  type GateEvent,
  jwtBearer,
  type KeySource,
  type OpaqueTokenStore,
  opaqueBearer,
  type PasswordStore,
  type RevocationMirror,
} from 'sallyport'

/** Our own public URL. Tokens must name it as their audience; challenges name its host as their realm. */
export const API_URL = 'https://api.example.com'
/** Who vouches for our users. */
export const ISSUER = 'https://id.example.com'
/** For those who log in with us, we vouch ourselves. */
export const ACCOUNTS_ISSUER = 'https://accounts.example.com'

export const scopes = defineScopes({
  resources: {
    users: ['read', 'write', 'delete'],
    posts: ['read', 'write', 'delete'],
    weather: ['read'],
  },
  superuser: 'admin:all',
  actionImplies: { write: ['read'] }, // who may write users may read them
  wildcards: 'grants', // a token may say posts:*; a route never may
})

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
}

export function createApiGate(
  { keys, tokens, apiKeys, passwords, accounts }: Sources,
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
    // Who has logged out is refused from memory, at the next request.
    revocation: accounts.revocation,
    // Behind a proxy that ends TLS, this would need `proxy: { hops: 1 }`.
    ...options,
  })
}

export type ApiGate = ReturnType<typeof createApiGate>
export type ScopeName = ApiGate extends Gate<infer Name, infer _> ? Name : never
/** The principals by the names of their verifiers. */
export type Principals = ApiGate extends Gate<infer _, infer ByName> ? ByName : never

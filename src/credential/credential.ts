import type { Redacted } from '../shared/redacted.js'

/**
 * What one request presented as its proof, sorted by kind and not yet verified. The text is judged by the verifier
 * that is chosen for the kind: only there does a Basic value get decoded or a token parsed.
 */
export type Credential =
  | { readonly kind: 'bearer'; readonly token: Redacted }
  | {
      readonly kind: 'dpop'
      readonly token: Redacted
      /** All lines of the `DPoP` field, joined; null if there is none. A proof belongs to its token: they count as one. */
      readonly proof: string | null
    }
  | { readonly kind: 'basic'; readonly token68: Redacted }
  | { readonly kind: 'api-key'; readonly key: Redacted }
  | { readonly kind: 'cookie'; readonly name: string; readonly value: Redacted }

export type CredentialKind = Credential['kind']

/** The secret text of a credential, whatever its kind. */
export function textOf(credential: Credential): Redacted {
  switch (credential.kind) {
    case 'bearer':
    case 'dpop':
      return credential.token
    case 'basic':
      return credential.token68
    case 'api-key':
      return credential.key
    case 'cookie':
      return credential.value
  }
}

/** Where a gate looks for credentials: the union of what its verifiers read. `Authorization` is always read. */
export interface CredentialLocations {
  /** Names of fields that carry an API key, in lower case. */
  readonly apiKeyFields: readonly string[]
  /** Names of cookies that carry a credential. Cookies are case-sensitive. */
  readonly cookieNames: readonly string[]
  /** Names of query parameters that are taken for a credential and refused; compared without regard to case. */
  readonly refusedQueryParameters: readonly string[]
  /** Starts of values that are taken for a credential wherever they stand in a query, e.g. `acme_`. */
  readonly keyPrefixes: readonly string[]
}

/** Why a request as a whole is refused before any credential is judged (RFC 6750 section 3.1, `invalid_request`). */
export type PresentationProblem =
  | 'authorization_malformed' // not `scheme token68`, or several field lines
  | 'authorization_too_large'
  | 'api_key_malformed' // a character no key holds, or several field lines
  | 'api_key_too_large'
  | 'cookie_malformed' // the credential's cookie twice, or with a character no cookie holds
  | 'cookie_too_large'
  | 'several_credentials'
  | 'credential_in_url'
  | 'credential_in_body'
  | 'credential_over_cleartext'

/** What one request presented: nothing, exactly one credential, a scheme we do not know, or a problem. */
export type Presented =
  | { readonly kind: 'none' }
  | { readonly kind: 'credential'; readonly credential: Credential }
  | { readonly kind: 'unsupported' }
  | {
      readonly kind: 'problem'
      readonly problem: PresentationProblem
      /** The kinds that were used, as far as they can be told: their challenges carry the error. */
      readonly used: readonly CredentialKind[]
      /**
       * The text of a credential that has leaked (URL, cleartext), to be reported by fingerprint. Never a password: its
       * fast hash in a log would be a gift to whoever reads the log.
       */
      readonly leaked?: Redacted
    }

/** The challenges of the contract's gate, as they stand in `WWW-Authenticate`. */

/** Where the contract's application serves its metadata. */
export const METADATA_URL: string = 'https://api.example.com/.well-known/oauth-protected-resource'
export const BEARER: string = `Bearer realm="api.example.com", resource_metadata="${METADATA_URL}"`
export const COOKIE: string = 'Cookie realm="api.example.com", cookie-name="__Host-token"'
export const API_KEY: string = 'ApiKey realm="api.example.com"'
export const BASIC: string = 'Basic realm="ops", charset="UTF-8"'
const OTHER_COOKIES = ['keyless', 'limited', 'storeless'].map(
  (name) => `Cookie realm="api.example.com", cookie-name="${name}"`,
)
export const EVERY_SCHEME: string = everyScheme({})
export const REQUEST_ERROR: string = 'error="invalid_request"'
export const INVALID: string =
  'error="invalid_token", error_description="The credential is not valid"'
export const EXPIRED: string =
  'error="invalid_token", error_description="The credential has expired"'
export const STEP_UP: string =
  'error="insufficient_user_authentication", error_description="A more recent or stronger login is needed", acr_values="gold silver", max_age="300"'

/** The challenges of a route that takes every verifier of the gate, with an error on some of them. */
export function everyScheme(errors: Readonly<Record<string, string>>): string {
  return [BEARER, COOKIE, API_KEY, BASIC, ...OTHER_COOKIES]
    .map((challenge) => (challenge in errors ? `${challenge}, ${errors[challenge]}` : challenge))
    .join(', ')
}

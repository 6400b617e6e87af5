import type { CredentialLocations } from '../../src/credential/credential.js'
import type { RequestView } from '../../src/credential/request-view.js'
import { DEFAULT_REFUSED_QUERY_PARAMETERS } from '../../src/credential/url-credentials.js'

/** A request of which only the named details matter. A field given as several lines is joined as the port says. */
export function aRequest(details: {
  readonly fields?: Readonly<Record<string, string | readonly string[]>>
  readonly url?: string
  readonly form?: Readonly<Record<string, unknown>>
}): RequestView {
  const fields = new Map(Object.entries(details.fields ?? {}))
  return {
    method: 'GET',
    url: details.url ?? '/',
    encrypted: true,
    remoteAddress: null,
    field: (name) => {
      const value = fields.get(name) ?? null
      if (value === null || typeof value === 'string') return value
      return value.join(name === 'cookie' ? '; ' : ', ')
    },
    ...(details.form === undefined ? {} : { form: details.form }),
  }
}

/** A gate that reads every kind of place there is. */
export const everywhere: CredentialLocations = {
  apiKeyFields: ['x-api-key', 'x-machine-key'],
  cookieNames: ['__Host-session', 'sid'],
  refusedQueryParameters: DEFAULT_REFUSED_QUERY_PARAMETERS,
  keyPrefixes: ['acme_'],
}

/** A gate that reads `Authorization` for Bearer and Basic only. */
export const authorizationOnly: CredentialLocations = {
  apiKeyFields: [],
  cookieNames: [],
  refusedQueryParameters: DEFAULT_REFUSED_QUERY_PARAMETERS,
  keyPrefixes: [],
}

import type { Redacted } from '../shared/redacted.js'
import { readApiKeyField } from './api-key-field.js'
import { parseAuthorization } from './authorization-header.js'
import { readCookie } from './cookie.js'
import type {
  Credential,
  CredentialKind,
  CredentialLocations,
  PresentationProblem,
  Presented,
} from './credential.js'
import type { RequestView } from './request-view.js'
import { kindOfScheme, kindsNamedIn } from './scheme.js'
import { credentialInUrl } from './url-credentials.js'

/**
 * Collects all that a request presents as its proof, and takes it only if it is exactly one thing.
 *
 * Each place is judged as though it were the only one, then the places are counted. A credential in the URL comes
 * first, whatever else was sent, because it has leaked; then a field that is too large to be read; then more than one
 * place in use. Anything in `Authorization` counts, also a scheme we do not know: what a client sends twice must not
 * depend on which of the two we happen to understand. `Authorization: ApiKey` is read where API keys are, by the
 * grammar of their field. A `DPoP` field is read with `Authorization: DPoP` only: without it, a proof is about nothing.
 *
 * Returns every failure. Does not verify the credential, and does not know whether the request was encrypted.
 *
 * @param locations no name twice: a place looked at twice would count as two
 * @see RFC 6750 section 2, RFC 9110 section 11.6.2
 */
export function presentedCredential(
  request: RequestView,
  locations: CredentialLocations,
): Presented {
  const found: Presented[] = []
  const authorization = request.field('authorization')
  if (authorization !== null) found.push(inAuthorization(authorization, request, locations))
  for (const name of locations.apiKeyFields) {
    const value = request.field(name)
    if (value !== null) found.push(inApiKeyField(value))
  }
  const cookies = locations.cookieNames.length === 0 ? null : request.field('cookie')
  if (cookies !== null) {
    for (const name of locations.cookieNames) {
      const cookie = inCookies(cookies, name)
      if (cookie !== null) found.push(cookie)
    }
  }
  // RFC 6750 section 2.2 has this place; OAuth 2.1 drops it, and here it is only refused.
  if (request.form !== undefined && Object.hasOwn(request.form, 'access_token')) {
    found.push(problem('credential_in_body', ['bearer']))
  }

  const leaked = credentialInUrl(request.url, locations)
  if (leaked !== null) {
    const used = leaked.kind === null ? kindsOf(found) : [...kindsOf(found), leaked.kind]
    const isRandom = leaked.kind === 'bearer' || leaked.kind === 'api-key'
    return problem('credential_in_url', distinct(used), isRandom ? leaked.text : undefined)
  }
  const [first, second] = found
  if (first === undefined) return NONE
  if (second === undefined) return first
  return problem(sizeProblemIn(found) ?? 'several_credentials', kindsOf(found))
}

function inAuthorization(
  fieldValue: string,
  request: RequestView,
  locations: CredentialLocations,
): Presented {
  const takesApiKeys = locations.apiKeyFields.length > 0
  const parsed = parseAuthorization(fieldValue)
  if (!parsed.ok) {
    const named = kindsNamedIn(fieldValue)
    return problem(parsed.reason, takesApiKeys ? named : named.filter((kind) => kind !== 'api-key'))
  }
  const kind = kindOfScheme(parsed.value.scheme)
  if (kind === null || (kind === 'api-key' && !takesApiKeys)) return UNSUPPORTED
  const { token68 } = parsed.value
  if (token68 === null) return problem('authorization_malformed', [kind])
  switch (kind) {
    case 'api-key':
      return inApiKeyField(token68.reveal())
    case 'basic':
      return presented({ kind, token68 })
    case 'dpop':
      return presented({ kind, token: token68, proof: request.field('dpop') })
    default:
      return presented({ kind: 'bearer', token: token68 })
  }
}

function inApiKeyField(fieldValue: string): Presented {
  const key = readApiKeyField(fieldValue)
  return key.ok ? presented({ kind: 'api-key', key: key.value }) : problem(key.reason, ['api-key'])
}

function inCookies(field: string, name: string): Presented | null {
  const cookie = readCookie(field, name)
  if (!cookie.ok) return problem(cookie.reason, ['cookie'])
  return cookie.value === null ? null : presented({ kind: 'cookie', name, value: cookie.value })
}

function presented(credential: Credential): Presented {
  return { kind: 'credential', credential }
}

function problem(
  reason: PresentationProblem,
  used: readonly CredentialKind[],
  leaked?: Redacted,
): Presented {
  return leaked === undefined
    ? { kind: 'problem', problem: reason, used }
    : { kind: 'problem', problem: reason, used, leaked }
}

function kindsOf(found: readonly Presented[]): readonly CredentialKind[] {
  return distinct(
    found.flatMap((one) => {
      if (one.kind === 'credential') return [one.credential.kind]
      return one.kind === 'problem' ? one.used : []
    }),
  )
}

/** Whether `several_credentials` would be a guess: a field that was not read may hold one or none. */
function sizeProblemIn(found: readonly Presented[]): PresentationProblem | undefined {
  for (const one of found) {
    if (one.kind === 'problem' && SIZE_PROBLEMS.has(one.problem)) return one.problem
  }
  return undefined
}

function distinct<Member>(members: readonly Member[]): readonly Member[] {
  return members.length < 2 ? members : [...new Set(members)]
}

const NONE: Presented = Object.freeze({ kind: 'none' })
const UNSUPPORTED: Presented = Object.freeze({ kind: 'unsupported' })
const SIZE_PROBLEMS: ReadonlySet<PresentationProblem> = new Set([
  'authorization_too_large',
  'api_key_too_large',
  'cookie_too_large',
])

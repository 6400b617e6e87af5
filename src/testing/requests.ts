import { encodeBase64 } from '../shared/base64.js'
import { utf8Bytes } from '../shared/bytes.js'

/** A credential in the place where a well-behaved client puts it. */
export type TestCredential =
  | { readonly bearer: string }
  | { readonly dpop: readonly [token: string, proof: string] }
  | { readonly apiKey: string }
  | { readonly basic: readonly [username: string, password: string] }
  | { readonly cookie: readonly [name: string, value: string] }

/** The fields that carry a credential: `fetch(url, { headers: fieldsOf({ bearer: token }) })`. */
export function fieldsOf(credential: TestCredential): Readonly<Record<string, string>> {
  if ('bearer' in credential) return { authorization: `Bearer ${credential.bearer}` }
  if ('dpop' in credential) {
    const [token, proof] = credential.dpop
    return { authorization: `DPoP ${token}`, dpop: proof }
  }
  if ('apiKey' in credential) return { 'x-api-key': credential.apiKey }
  if ('cookie' in credential) return { cookie: credential.cookie.join('=') }
  return { authorization: `Basic ${encodeBase64(utf8Bytes(credential.basic.join(':')))}` }
}

/**
 * A Fetch request for tests of fetch-style handlers: `aRequest('/users', { bearer: token })`.
 *
 * @param path below `https://api.example.com`
 */
export function aRequest(
  path: string,
  credential?: TestCredential,
  init: {
    readonly method?: string
    readonly fields?: Readonly<Record<string, string>>
  } = {},
): Request {
  const headers = { ...init.fields, ...(credential === undefined ? {} : fieldsOf(credential)) }
  return new Request(new URL(path, 'https://api.example.com'), {
    method: init.method ?? 'GET',
    headers,
  })
}

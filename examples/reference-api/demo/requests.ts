/** What the callers of the story send. Each function says what is presented; the step says to which route. */
import {
  fieldsOf,
  type HostileToken,
  type RawRequest,
  type TestCredential,
  type TokenOptions,
} from 'sallyport/testing'
import type { Credentials } from './credentials.js'
import type { IdentityProvider } from './identity-provider.js'

/** Who the requests are made with. */
export interface Cast {
  readonly credentials: Credentials
  readonly provider: IdentityProvider
  /** What was answered earlier, under the name that the step has given it. */
  readonly memory: Map<string, Remembered>
}

/** An answer's JSON, as far as a later request needs it. */
export interface Remembered {
  readonly access_token?: string
  readonly refresh_token?: string
  readonly devices?: readonly { readonly session: string; readonly label: string | null }[]
}

export interface Presented {
  readonly fields: RawRequest['fields']
  readonly query?: string
  /** In place of the step's. */
  readonly path?: string
  readonly body?: string
}

export type Present = (cast: Cast) => Presented | Promise<Presented>

export const nothing: Present = () => ({ fields: [] })

/** Field lines as they are: they may repeat, and may be malformed. */
export function lines(...fields: RawRequest['fields']): Present {
  return () => ({ fields })
}

/** A rightly signed token; Alice's unless `token` says otherwise. */
export function bearer(scope?: string, token: TokenOptions = {}): Present {
  return async ({ provider }) => inField({ bearer: await signed(provider, scope, token) })
}

/** A token that only a careless verifier takes. */
export function hostile(kind: HostileToken): Present {
  return async ({ provider: { issuer } }) =>
    inField({ bearer: await issuer.hostile(kind, { scope: 'users:read' }) })
}

/** A good token whose header says that it is not signed, with the signature left where it was. */
export const signedByNone: Present = async ({ provider }) => {
  const [, payload, signature] = (await signed(provider, 'users:read')).split('.')
  const header = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')
  return inField({ bearer: `${header}.${payload}.${signature}` })
}

export function opaque(which: keyof Credentials['opaque']): Present {
  return ({ credentials }) => inField({ bearer: credentials.opaque[which] })
}

export function apiKey(which: keyof Credentials['apiKey']): Present {
  return ({ credentials }) => inField({ apiKey: credentials.apiKey[which] })
}

/** The right password, unless another is given. */
export function password(username: string, given?: string): Present {
  return ({ credentials }) => inField({ basic: [username, given ?? credentials.password] })
}

export const tokenInUrl: Present = async ({ provider }) => ({
  fields: [],
  query: `access_token=${await signed(provider, 'users:read')}`,
})

export const apiKeyInUrl: Present = ({ credentials }) => ({
  fields: [],
  query: `api_key=${credentials.apiKey.good}`,
})

/** Two credentials at once, each of them good. */
export const tokenAndApiKey: Present = async (cast) => ({
  fields: [...(await bearer('posts:read')(cast)).fields, ...(await apiKey('good')(cast)).fields],
})

/** The same good token in two field lines. */
export const twoAuthorizationLines: Present = async (cast) => {
  const { fields } = await bearer('users:read')(cast)
  return { fields: [...fields, ...fields] }
}

/** A good token over plain HTTP under the API's public name: everybody on the way could have read it. */
export const cleartext: Present = async (cast) => ({
  fields: [['Host', 'api.example.com'], ...(await bearer('users:read')(cast)).fields],
})

/** A name and a password in the body; the right password, unless another is given. */
export function logIn(username: string, device: string, given?: string): Present {
  return (cast) => {
    const password = given ?? cast.credentials.password
    return json({ username, password, device }, nothing)(cast)
  }
}

/** The access token of an earlier login or refresh. */
export function tokenOf(name: string): Present {
  return ({ memory }) => inField({ bearer: memory.get(name)?.access_token ?? 'none' })
}

/** The refresh token of an earlier login or refresh, in the body. */
export function refreshOf(name: string): Present {
  return (cast) =>
    json({ refresh_token: cast.memory.get(name)?.refresh_token ?? 'none' }, nothing)(cast)
}

/** Ends a device of an earlier list of them, with an access token. */
export function endDevice(label: string, list: string, token: string): Present {
  return async (cast) => {
    const devices = cast.memory.get(list)?.devices ?? []
    const session = devices.find((device) => device.label === label)?.session ?? 'none'
    return { ...(await tokenOf(token)(cast)), path: `/devices/${session}` }
  }
}

/** Adds a JSON body. */
export function json(body: Readonly<Record<string, unknown>>, present: Present): Present {
  return async (cast) => {
    const { fields } = await present(cast)
    return {
      fields: [...fields, ['Content-Type', 'application/json']],
      body: JSON.stringify(body),
    }
  }
}

function inField(credential: TestCredential): Presented {
  return { fields: Object.entries(fieldsOf(credential)) }
}

function signed(
  { issuer }: IdentityProvider,
  scope: string | undefined,
  token: TokenOptions = {},
): Promise<string> {
  return issuer.token({ scope, expiresIn: ONE_HOUR, ...token })
}

/** As long as a verifier takes by default: so that there is time to try the lines of `--serve`. */
const ONE_HOUR = 3_600

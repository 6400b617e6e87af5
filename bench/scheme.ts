import { Buffer } from 'node:buffer'
import {
  createGate,
  defineScopes,
  type Gate,
  type IdentifiedPrincipal,
  type Verifier,
} from 'sallyport'

/** What is measured of one scheme: a gate, credentials, and the bare work that no gate can do without. */
export interface Scheme {
  readonly gate: BenchGate
  /** The field that carries the credential, in lower case. */
  readonly field: string
  /** Values of that field as they come from a socket; each is another credential, and all of them are good. */
  readonly values: readonly Buffer[]
  /** Proves a credential and does nothing else. Throws or rejects if it is not good. */
  bare(value: string): unknown
}

/** A gate with a single verifier. */
export type BenchGate = Gate<'things:read', { readonly caller: IdentifiedPrincipal }>

/** A gate around this verifier, with a small vocabulary. It tells nobody of its decisions. */
export function gateOf(verifier: Verifier): BenchGate {
  return createGate({
    resource: RESOURCE,
    scopes: defineScopes({ resources: { things: ['read'] } }),
    verifiers: { caller: verifier },
  })
}

/** The values of as many credentials as a scheme has. */
export async function many(value: () => string | Promise<string>): Promise<readonly Buffer[]> {
  const values: Buffer[] = []
  while (values.length < CREDENTIALS) values.push(Buffer.from(await value(), 'latin1'))
  return values
}

/** The API's URL, which is also the audience of its tokens. */
export const RESOURCE = 'https://api.example.com'

/** What the good credentials are granted: what the route needs, and some more. */
export const GRANTED: readonly string[] = ['openid', 'profile', 'things:read']

/** Enough that no cache of a runtime's or a processor's last values makes the work look smaller than it is. */
const CREDENTIALS = 256

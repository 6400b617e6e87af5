import type { Buffer } from 'node:buffer'
import { jwtScheme } from './jwt-scheme.js'
import { type CaseName, isScheme } from './names.js'
import { spoiltValues } from './refusals.js'
import type { Scheme } from './scheme.js'
import { createScheme } from './schemes.js'

/** What the requests of one case carry, and what becomes of them at the gate of its scheme. */
export interface Credentials {
  readonly scheme: Scheme
  /** Values of the scheme's field; none if the requests carry no credential. */
  readonly values: readonly Buffer[]
  readonly expected: 'granted' | 'unauthenticated' | 'invalid_token'
}

/** Makes keys, a gate, and the credentials of this case. */
export async function createCredentials(name: CaseName): Promise<Credentials> {
  if (isScheme(name)) {
    const scheme = await createScheme(name)
    return { scheme, values: scheme.values, expected: 'granted' }
  }
  const scheme = await jwtScheme('ES256')
  return name === 'missing'
    ? { scheme, values: [], expected: 'unauthenticated' }
    : { scheme, values: await spoiltValues(name, scheme), expected: 'invalid_token' }
}

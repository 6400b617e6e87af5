import type { Credential } from '../../src/credential/credential.js'
import { defineScopes } from '../../src/scope/define-scopes.js'
import { Redacted } from '../../src/shared/redacted.js'
import { verificationContext } from '../../src/verify/verification-context.js'
import type { VerificationContext } from '../../src/verify/verifier.js'
import { aView } from '../support/views.js'

/** The moment at which the tests of verifiers take place. */
export const NOW = 1_800_000_000

const scopes = defineScopes({ resources: { jobs: ['run', 'stop'] } })

/** What a gate would hand to a verifier. */
export function aContext(given: Partial<VerificationContext> = {}): VerificationContext {
  const { now = NOW, resource = 'https://api.example.com', request = aView() } = given
  const setup = { scopes: given.scopes ?? scopes, resource, transport: { proxy: null } }
  return verificationContext(setup, request, now, given.report ?? (() => {}))
}

export function apiKeyCredential(text: string): Credential {
  return { kind: 'api-key', key: new Redacted(text) }
}

export function bearerCredential(text: string): Credential {
  return { kind: 'bearer', token: new Redacted(text) }
}

export function cookieCredential(name: string, value: string): Credential {
  return { kind: 'cookie', name, value: new Redacted(value) }
}

export function basicCredential(username: string, password: string): Credential {
  const token68 = Buffer.from(`${username}:${password}`).toString('base64')
  return { kind: 'basic', token68: new Redacted(token68) }
}

/** A store that answers what it is told and writes down everything it is given. */
export function aSpyStore<Row>(answer: (key: string) => Row) {
  const calls: unknown[][] = []
  return {
    calls,
    /** All that the store was ever given, as one text. */
    seen: (): string => JSON.stringify(calls),
    find(...given: [key: string]): Row {
      calls.push(given)
      return answer(given[0])
    },
  }
}

/** Every way in which a store can fail to give a record, by name; `record` is a good one. */
export function brokenStores(record: Readonly<Record<string, unknown>>): [string, () => unknown][] {
  const without = (member: string) => () =>
    Object.fromEntries(Object.entries(record).filter(([name]) => name !== member))
  return [
    [
      'throws',
      () => {
        throw new Error('connection lost')
      },
    ],
    [
      'throws something that is no error',
      () => {
        throw null
      },
    ],
    ['rejects', () => Promise.reject(new Error('connection lost'))],
    ['answers undefined', () => undefined],
    ['answers a promise of undefined', () => Promise.resolve(undefined)],
    ['answers false', () => false],
    ['answers a text', () => JSON.stringify(record)],
    ['answers a list of records', () => [record]],
    ['answers an empty object', () => ({})],
    [
      'has a thenable that throws',
      () => ({
        // biome-ignore lint/suspicious/noThenProperty: a hostile thenable is what is tested
        then() {
          throw new Error('not a promise')
        },
      }),
    ],
    [
      'has a trap in its record',
      () =>
        new Proxy(record, {
          get() {
            throw new Error('trap')
          },
        }),
    ],
    ...Object.keys(record).map((name): [string, () => unknown] => [
      `forgets ${name}`,
      without(name),
    ]),
    ...Object.keys(record).map((name): [string, () => unknown] => [
      `has another type in ${name}`,
      () => ({ ...record, [name]: Symbol('nonsense') }),
    ]),
  ]
}

import { sha256Base64url } from '../../runtime/sha256.js'

/** What an attempt to prove a credential is counted under. */
export interface Attempt {
  /**
   * Where it comes from: what `clientNetwork` says of the request. INVARIANT: nothing that a client can write, or each
   * attempt comes from somewhere new.
   */
  readonly source: string
  /**
   * Whose secret is tried, in the one spelling that the store looks up; whether there is such an account does not matter.
   * Absent where a credential is its own name, such as an API key.
   */
  readonly account?: string
  /**
   * A hash of the whole credential, if it is too random to be guessed: with this it is known again once it was good. Never
   * of a password.
   */
  readonly credentialHash?: string
}

/** The keys of one attempt; null where there is nothing to count under. */
export interface AttemptKeys {
  readonly source: string
  readonly accountAndSource: string | null
  readonly account: string | null
  readonly credential: string | null
  /** Whether it comes from some network: all that come from nowhere are as one, and have nothing to do with each other. */
  readonly hasNetwork: boolean
}

/**
 * Names the counters of an attempt: short, in ASCII, and of different domains, so that one limiter can serve several.
 *
 * People type passwords into the field of the name, so a store is shown only hashes of accounts. Networks stay readable,
 * for whoever has to let one in again.
 */
export function attemptKeys({ source, account, credentialHash }: Attempt): AttemptKeys {
  return {
    source: `source:${NETWORK.test(source) ? source : hashOf('source', source)}`,
    accountAndSource: account === undefined ? null : `pair:${hashOf('pair', account, source)}`,
    account: account === undefined ? null : `account:${hashOf('account', account)}`,
    credential: credentialHash === undefined ? null : `credential:${credentialHash}`,
    hasNetwork: source !== UNKNOWN,
  }
}

function hashOf(domain: string, ...parts: readonly string[]): string {
  return sha256Base64url(JSON.stringify(['sallyport throttle', domain, ...parts]))
}

const UNKNOWN = 'unknown'
/** What `clientNetwork` writes. */
const NETWORK = /^(?:[0-9a-f.:/]{1,64}|unknown)$/

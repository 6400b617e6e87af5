/** What every framework's file works with: the API to serve, and the server that comes of it. */
import type { Accounts } from './accounts.js'
import type { Data } from './data.js'
import type { ApiGate } from './gate.js'

export interface Api {
  readonly gate: ApiGate
  readonly data: Data
  readonly accounts: Accounts
}

/** A running server. */
export interface Served {
  /** Like `http://127.0.0.1:3000`. */
  readonly origin: string
  /** Stops at once; connections that are kept alive are cut. */
  close(): Promise<void>
}

/** The one other origin whose pages may call the API from a browser. */
export const WEB_APP = 'https://app.example.com'

/** Local only: a server that is reached from elsewhere needs TLS in front of it. */
export const HOSTNAME = '127.0.0.1'

/** The answer to a body that is not what the route takes. */
export const BAD_BODY = { type: 'about:blank', title: 'Bad Request', status: 400 }

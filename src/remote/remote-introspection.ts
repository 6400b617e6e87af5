import * as z from 'zod/mini'
import { ConfigurationError } from '../errors.js'
import type { Algorithm } from '../jwt/algorithms.js'
import type { JwkSet, KeySource, KeysOfIssuer } from '../jwt/jwk-set.js'
import {
  createIntrospectionJwtVerifier,
  type IntrospectionJwtVerdict,
} from '../jwt/verify-introspection-jwt.js'
import { monotonicMilliseconds, timeSince } from '../runtime/clock.js'
import { utf8Text } from '../shared/bytes.js'
import { isJsonObject, parseStrictJson } from '../shared/json.js'
import { checkedOptions, functionOption, TEXT, wholeNumber } from '../shared/options.js'
import { parseSecureUrl } from '../shared/secure-url.js'
import type {
  IntrospectionAnswer,
  IntrospectionFailure,
  IntrospectionSource,
} from '../verify/introspection/introspection-source.js'
import { type ClientAuthentication, clientAuthentication } from './client-authentication.js'
import { type Exchange, exchange } from './exchange.js'
import { retryAfterSeconds } from './freshness.js'

export interface RemoteIntrospectionOptions {
  /** The authorization server's exact identifier: whose tokens are asked about. */
  readonly issuer: string
  /** Its `introspection_endpoint`: https; http only on `localhost`, `127.0.0.1` and `[::1]`. No user name or password. */
  readonly endpoint: string
  /** How we prove to the server who asks. */
  readonly client: ClientAuthentication
  /**
   * Ask for signed answers, and take no others: an answer can then be neither made up nor meant for another client,
   * whatever stands between the server and us (RFC 9701).
   */
  readonly signedAnswers?: {
    /** The server's keys, or where they come from: `discoveredKeys` finds them by the issuer. */
    readonly keys: JwkSet | KeySource | KeysOfIssuer
    /** Of one family; what the server signs its answers to us with. */
    readonly algorithms: readonly Algorithm[]
  }
  /** The largest answer: 65,536 by default, up to 1 MiB. */
  readonly maxBytes?: number
  /** Instead of the platform's `fetch`, to go through a proxy or to add telemetry. It sees the token and our proof. */
  readonly fetch?: typeof globalThis.fetch
}

/**
 * An authorization server that is asked about tokens over the network.
 *
 * The token goes into the body of a POST, and nothing of it chooses the URL. Redirects are not followed, no cookies sent.
 * An answer counts if it has status 200, the media type that was asked for, a strict JSON object inside, and a boolean
 * `active`; if signed answers are asked for, also the right signature, `typ`, issuer, audience and time. All else is
 * `unavailable`.
 *
 * @throws ConfigurationError `option_invalid`, `url_invalid`, `key_invalid`, `algorithm_unknown`,
 *   `algorithm_families_mixed`
 * @see RFC 7662 section 2, RFC 9701 section 4
 */
export function remoteIntrospection(options: RemoteIntrospectionOptions): IntrospectionSource {
  const checked = checkedOptions('remoteIntrospection', OPTIONS, options)
  const { issuer, maxBytes, fetch } = checked
  const { client, signedAnswers } = options
  const url = checkedEndpoint(checked.endpoint)
  const prove = clientAuthentication('remoteIntrospection', client, issuer)
  const { clientId } = client
  const verifyJwt =
    signedAnswers === undefined
      ? null
      : createIntrospectionJwtVerifier({ issuer, clientId, ...signedAnswers })
  return {
    issuer,
    async introspect({ token, now, timeoutMilliseconds, report }) {
      const start = monotonicMilliseconds()
      const { fields, parameters } = await prove(now)
      const body = new URLSearchParams({
        token: token.reveal(),
        token_type_hint: 'access_token',
        ...parameters,
      })
      const asked = await exchange(
        {
          url,
          method: 'POST',
          accept: [verifyJwt === null ? 'application/json' : SIGNED_TYPE],
          fields: { 'content-type': 'application/x-www-form-urlencoded', ...fields },
          body: body.toString(),
        },
        { timeoutMilliseconds, maxBytes },
        fetch,
      )
      // To keys that others ask for meanwhile, the time of the question would be a clock that was set back.
      const answeredAt = timeSince(now, start)
      if (asked.kind === 'failed') return failedExchange(asked, answeredAt)
      if (verifyJwt === null) return readJson(asked.bytes)
      return readVerdict(await verifyJwt(utf8Text(asked.bytes) ?? '', answeredAt, report))
    },
  }
}

/** What an answer means, whether or not a signature holds it together. */
function readMembers(answer: unknown): IntrospectionAnswer {
  if (typeof answer !== 'object' || answer === null || Array.isArray(answer)) {
    return unusable('The answer is not a JSON object.')
  }
  // What was parsed from JSON has a prototype, and only its own members were said.
  const claims: Readonly<Record<string, unknown>> = Object.assign(Object.create(null), answer)
  const { active } = claims
  if (active === true) return { kind: 'active', claims }
  // Nothing but `false` refuses a token: a server that has lost its mind must not lock everybody out.
  return active === false ? { kind: 'inactive' } : unusable("The answer's 'active' is no boolean.")
}

function readJson(bytes: Uint8Array): IntrospectionAnswer {
  const json = parseStrictJson(bytes)
  if (!json.ok || !isJsonObject(json.value)) return unusable('The answer is not strict JSON.')
  return readMembers(json.value)
}

function readVerdict(verdict: IntrospectionJwtVerdict): IntrospectionAnswer {
  switch (verdict.kind) {
    case 'verified':
      return readMembers(verdict.answer)
    case 'refused': {
      const { reason, claim } = verdict
      const which = claim === undefined ? reason : `${reason}, '${claim}'`
      return unusable(`The signed answer is refused: ${which}.`)
    }
    case 'unavailable':
      return { ...verdict, concerns: 'server' }
  }
}

/**
 * Whose fault a failed exchange may be. Statuses that a server, or what guards it, gives for one odd text concern that
 * text alone; so does an answer of another type or size. Everything else concerns all tokens.
 */
function failedExchange(
  { status, retryAfter, cause }: Extract<Exchange, { readonly kind: 'failed' }>,
  now: number,
): IntrospectionFailure {
  const seconds = retryAfterSeconds(retryAfter, now)
  if (seconds !== null) {
    return { kind: 'unavailable', concerns: 'server', retryAfterSeconds: seconds, cause }
  }
  const concerns = status !== null && OF_ONE_TOKEN.has(status) ? 'token' : 'server'
  return { kind: 'unavailable', concerns, cause }
}

function unusable(problem: string): IntrospectionFailure {
  return { kind: 'unavailable', concerns: 'token', cause: new Error(problem) }
}

function checkedEndpoint(text: string): string {
  const url = parseSecureUrl(text)
  if (url !== null && url.hash === '') return url.href
  throw new ConfigurationError(
    'url_invalid',
    'remoteIntrospection: the endpoint must be https (http on localhost only) without user name, password or fragment.',
  )
}

const SIGNED_TYPE = 'application/token-introspection+jwt'

/**
 * 200 is here for answers that are too large or of another type; 406, 413, 414 and 431 are what filters, limits of bodies and
 * gateways that move the token elsewhere say of one text.
 */
const OF_ONE_TOKEN: ReadonlySet<number> = new Set([200, 400, 403, 406, 413, 414, 422, 431, 500])

const OPTIONS = /* @__PURE__ */ z.strictObject({
  issuer: TEXT,
  endpoint: z.string(),
  client: z.unknown(),
  signedAnswers: z.optional(z.strictObject({ keys: z.unknown(), algorithms: z.array(z.string()) })),
  maxBytes: z._default(wholeNumber(1, 1_048_576), 65_536),
  fetch: z.optional(functionOption<typeof globalThis.fetch>()),
})

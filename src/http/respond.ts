import type { KeySetAnswer } from '../lifecycle/signing-keys/signing-keys.js'
import type { Challenge } from '../outcome/challenge.js'
import type { Granted, Refusal } from '../outcome/outcome.js'
import { unreachable } from '../shared/result.js'
import { isExpiry } from '../verify/refused.js'
import { PROBLEM_MEDIA_TYPE, type Problem } from './problem-json.js'
import { formatChallenge } from './www-authenticate.js'

export type Field = readonly [name: string, value: string]

/** A refusal as HTTP. */
export interface HttpAnswer {
  readonly status: number
  /** Fields that replace what was set before. */
  readonly fields: readonly Field[]
  /**
   * Field lines that are added to what was set before: each challenge has a line of its own. Where an answer is a Fetch
   * `Response`, the platform joins them by commas.
   */
  readonly addedLines: readonly Field[]
  /** The body; empty for a preflight. Leave it out when the method is HEAD. */
  readonly body: string
}

/**
 * Turns a refusal into status, fields and body. The only file that knows status codes.
 *
 * Refusals must not be cached: another caller, or the same one a second later, may get another answer.
 *
 * @see RFC 6750 section 3.1, RFC 9470 section 3, RFC 9110 section 15, RFC 6585 section 4
 */
export function respond(refusal: Refusal): HttpAnswer {
  switch (refusal.kind) {
    case 'preflight':
      return { status: 204, fields: [], addedLines: [], body: '' }
    case 'invalid_request':
      return challenged(400, 'Bad Request', INVALID_REQUEST[refusal.reason], refusal)
    case 'unauthenticated':
      return challenged(401, 'Unauthorized', 'This needs a credential.', refusal)
    case 'invalid_token':
      return challenged(
        401,
        'Unauthorized',
        isExpiry(refusal.reason) ? 'The credential has expired.' : 'The credential is not valid.',
        refusal,
      )
    case 'invalid_dpop_proof':
      return challenged(401, 'Unauthorized', 'The DPoP proof is not valid.', refusal)
    case 'use_dpop_nonce':
      return challenged(401, 'Unauthorized', 'The DPoP proof needs a nonce.', refusal)
    case 'insufficient_user_authentication':
      return challenged(401, 'Unauthorized', 'This needs a more recent or stronger login.', refusal)
    case 'insufficient_scope':
      return challenged(403, 'Forbidden', 'The credential lacks a scope that this needs.', refusal)
    case 'denied':
      // Hidden: not one byte may tell a resource that is denied from one that is not there.
      return refusal.hidden ? notFound() : plain(403, 'Forbidden', 'This is not allowed.')
    case 'absent':
      return notFound()
    case 'throttled':
      // Not one byte may tell whether the credential was right.
      return plain(429, 'Too Many Requests', 'There were too many attempts. Try again later.', {
        fields: [['Retry-After', String(refusal.retryAfterSeconds)]],
        exposed: 'Retry-After',
      })
    case 'unavailable':
      return undecided(refusal.retryAfterSeconds)
    default:
      return unreachable(refusal)
  }
}

/**
 * The fields to set before the handler of a granted request runs; the handler may set others in their place.
 *
 * An answer to someone in particular must not be kept by a shared cache. The cache knows that by itself only if the
 * credential came in `Authorization` (RFC 9111 section 3.5), not for API keys and cookies.
 */
export function fieldsOfGrant({ principal, dpopNonce }: Granted): readonly Field[] {
  // An answer that is kept would hand out a nonce of the past (RFC 9449 section 8.2).
  if (dpopNonce !== undefined) return [NO_STORE, ['DPoP-Nonce', dpopNonce]]
  return principal.kind === 'anonymous' ? [] : PRIVATE
}

/**
 * Answers a request for the metadata of the API. Anyone may read it from any page, and keep it for an hour.
 *
 * @see RFC 9728 section 3, RFC 9110 section 15.5.6
 */
export function respondWithMetadata(
  method: string,
  metadata: Readonly<Record<string, unknown>>,
): HttpAnswer {
  return openly(method, () => ({
    status: 200,
    fields: [
      ['Content-Type', 'application/json'],
      ['Cache-Control', 'max-age=3600'],
    ],
    addedLines: [],
    body: JSON.stringify(metadata),
  }))
}

/**
 * Answers a request for the keys that verify our tokens. Anyone may read them from any page, and keep them for as long as
 * the document says; who has them already is told so.
 *
 * @param ifNoneMatch the field of that name, null without one
 * @see RFC 7517 section 8.5.2, RFC 9110 sections 13.1.2 and 15.4.5
 */
export function respondWithKeys(
  method: string,
  ifNoneMatch: string | null,
  keys: KeySetAnswer,
): HttpAnswer {
  return openly(method, () => {
    if (keys.kind === 'unavailable') return undecided(KEYS_RETRY_AFTER_SECONDS)
    const { body, etag, maxAgeSeconds } = keys.document
    const fields: readonly Field[] = [
      ['Cache-Control', `public, max-age=${maxAgeSeconds}`],
      ['ETag', etag],
    ]
    if (ifNoneMatch !== null && isMatch(ifNoneMatch, etag)) {
      return { status: 304, fields, addedLines: [], body: '' }
    }
    const type: Field = ['Content-Type', 'application/jwk-set+json']
    return { status: 200, fields: [type, ...fields], addedLines: [], body }
  })
}

/** Whether one of the tags is this one, weakly compared; ours has no comma, so a list falls apart at each. */
function isMatch(ifNoneMatch: string, etag: string): boolean {
  const tags = ifNoneMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return tags.includes('*') || tags.includes(etag)
}

/** An answer that anyone may read from any page, to GET and HEAD; nothing can be written. */
function openly(method: string, read: () => HttpAnswer): HttpAnswer {
  const fields = (...more: readonly Field[]): readonly Field[] => [
    ['Access-Control-Allow-Origin', '*'],
    ...more,
  ]
  const allow: Field = ['Allow', 'GET, HEAD, OPTIONS']
  switch (method) {
    case 'GET':
    case 'HEAD': {
      const answer = read()
      return { ...answer, fields: fields(...answer.fields, ...answer.addedLines), addedLines: [] }
    }
    case 'OPTIONS':
      // MCP clients in browsers send a field with their version: none is needed, and any may come.
      return {
        status: 204,
        fields: fields(
          allow,
          ['Access-Control-Allow-Methods', 'GET, HEAD'],
          ['Access-Control-Allow-Headers', '*'],
          ['Access-Control-Max-Age', '3600'],
        ),
        addedLines: [],
        body: '',
      }
    default: {
      const problem = plain(405, 'Method Not Allowed', 'This can only be read.')
      return { ...problem, fields: fields(...problem.fields, allow) }
    }
  }
}

/** The field lines to add to the answer of a granted request, beside what the handler and others set. */
export function addedLinesOfGrant({ dpopNonce }: Granted): readonly Field[] {
  return dpopNonce === undefined ? [] : EXPOSED_NONCE
}

function undecided(retryAfterSeconds: number): HttpAnswer {
  return plain(503, 'Service Unavailable', 'This cannot be decided at the moment.', {
    fields: [['Retry-After', String(retryAfterSeconds)]],
    exposed: 'Retry-After',
  })
}

function notFound(): HttpAnswer {
  return plain(404, 'Not Found', 'There is nothing here.')
}

function challenged(
  status: number,
  title: string,
  detail: string,
  refusal: Extract<Refusal, { readonly challenges: readonly Challenge[] }>,
): HttpAnswer {
  const error = refusal.kind === 'unauthenticated' ? {} : { error: refusal.kind }
  const nonce = 'dpopNonce' in refusal && refusal.dpopNonce !== undefined ? refusal.dpopNonce : null
  return answer(
    { type: 'about:blank', title, status, detail, ...error },
    nonce === null ? [] : [['DPoP-Nonce', nonce]],
    [
      ...refusal.challenges.map(
        (challenge): Field => ['WWW-Authenticate', formatChallenge(challenge)],
      ),
      exposing('WWW-Authenticate'),
      ...(nonce === null ? [] : EXPOSED_NONCE),
    ],
  )
}

function plain(
  status: number,
  title: string,
  detail: string,
  more: { readonly fields: readonly Field[]; readonly exposed: string } | null = null,
): HttpAnswer {
  const problem: Problem = { type: 'about:blank', title, status, detail }
  return answer(problem, more?.fields ?? [], more === null ? [] : [exposing(more.exposed)])
}

/** Browsers hide the field from a cross-origin caller unless it is exposed; without CORS the line means nothing. */
function exposing(name: string): Field {
  return ['Access-Control-Expose-Headers', name]
}

function answer(
  problem: Problem,
  fields: readonly Field[],
  addedLines: readonly Field[],
): HttpAnswer {
  return {
    status: problem.status,
    fields: [['Content-Type', PROBLEM_MEDIA_TYPE], NO_STORE, ...fields],
    addedLines,
    body: JSON.stringify(problem),
  }
}

const INVALID_REQUEST: Readonly<
  Record<Extract<Refusal, { readonly kind: 'invalid_request' }>['reason'], string>
> = {
  authorization_malformed: 'The Authorization field is malformed or repeated.',
  authorization_too_large: 'The Authorization field is too large.',
  api_key_malformed: 'The API key field is malformed or repeated.',
  api_key_too_large: 'The API key field is too large.',
  cookie_malformed: 'The credential cookie is malformed or repeated.',
  cookie_too_large: 'The Cookie field is too large.',
  several_credentials: 'The request carries more than one credential.',
  credential_in_url: 'The request carries a credential in its URL. It has leaked; revoke it.',
  credential_in_body: 'The request carries a credential in its body.',
  credential_over_cleartext:
    'The request carries a credential without HTTPS. It has leaked; revoke it.',
}

/** A process asks its store again after as long. */
const KEYS_RETRY_AFTER_SECONDS = 5

const NO_STORE: Field = ['Cache-Control', 'no-store']
const PRIVATE: readonly Field[] = Object.freeze([['Cache-Control', 'private'] as const])
const EXPOSED_NONCE: readonly Field[] = Object.freeze([exposing('DPoP-Nonce')])

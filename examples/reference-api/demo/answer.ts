/** What came back, what should have come back, and where the two differ. */
import type { GateEvent } from 'sallyport'
import type { RawResponse } from 'sallyport/testing'

/** One answer, as far as the story cares. */
export interface Answer {
  readonly status: number
  /** Each challenge without realm, charset and description: `Bearer error=invalid_token scope=users:read`. */
  readonly challenges: readonly string[]
  /** The member of the problem+json body; null if there is none. */
  readonly error: string | null
  /** What the gate told its operator: `granted: user`, or the reason of the refusal. */
  readonly why: string
  /** Whether the operator was told that a credential has leaked. */
  readonly leaked: boolean
  /** The field of that name: after how many seconds to ask again. */
  readonly retryAfter: string
}

export interface Expected extends Answer {
  /** Part of the body. */
  readonly body?: string
  /** Fields that must be there. */
  readonly fields?: Readonly<Record<string, string>>
}

/** Reads the answer and what the gate said while it was made. */
export function readAnswer(response: RawResponse, events: readonly GateEvent[]): Answer {
  return {
    status: response.status,
    challenges: challengesOf(response),
    error: errorOf(response),
    why: whyOf(events),
    leaked: events.some(({ kind }) => kind === 'leaked'),
    retryAfter: fieldOf(response, 'retry-after'),
  }
}

/** The differences as sentences; none if the answer is the expected one. */
export function faultsOf(
  answer: Answer,
  expected: Expected,
  response: RawResponse,
): readonly string[] {
  const { body = '', fields = {}, ...members } = expected
  const compared = Object.entries(members).map(([name, value]) => ({
    name,
    value,
    got: answer[name as keyof Answer], // the members of Expected that are left are those of Answer
  }))
  return [
    ...compared
      .filter(({ name, value, got }) => !isAsExpected(name, value, got))
      .map(({ name, value, got }) => `${name}: expected ${show(value)}, got ${show(got)}`),
    ...Object.entries(fields)
      .filter(([name, value]) => fieldOf(response, name) !== value)
      .map(([name, value]) => `${name}: expected ${value}, got ${fieldOf(response, name)}`),
    ...(response.body.includes(body) ? [] : [`body: expected ${body} in ${response.body}`]),
  ]
}

/** How long a limit lasts depends on when it was reached: some time between a second and a quarter of an hour. */
function isAsExpected(name: string, value: unknown, got: unknown): boolean {
  if (name !== 'retryAfter' || value !== SOME_SECONDS)
    return JSON.stringify(value) === JSON.stringify(got)
  return Number(got) >= 1 && Number(got) <= 900
}

export const SOME_SECONDS = '1 to 900'

/** Why the policy refuses, as it tells the operator. */
type PolicyRefusal = 'no_rule_allows' | 'tenant_differs'

/** Both doors open. */
export function granted(
  status: number,
  who: 'anonymous' | 'user' | 'application',
  body = '',
): Expected {
  return { ...answer(status, `granted: ${who}`), body }
}

/** 400: the request as a whole cannot be judged. */
export function badRequest(why: string, ...challenges: readonly string[]): Expected {
  return { ...answer(400, why, challenges), error: 'invalid_request' }
}

/** 400, and the operator is told to revoke the credential. */
export function leak(why: string, ...challenges: readonly string[]): Expected {
  return { ...badRequest(why, ...challenges), leaked: true }
}

/** 401 without an error: nothing was presented that the route takes. */
export function notProven(why: string, ...challenges: readonly string[]): Expected {
  return answer(401, why, challenges)
}

/** 401 with an error: what was presented is not good. */
export function notValid(why: string, ...challenges: readonly string[]): Expected {
  return { ...answer(401, why, challenges), error: 'invalid_token' }
}

/** 403: proven, but the credential lacks a scope. */
export function lacksScope(...challenges: readonly string[]): Expected {
  return { ...answer(403, 'scope_missing', challenges), error: 'insufficient_scope' }
}

/** 403 without a challenge: proven, and no other credential of the same caller would help. */
export function denied(why: 'policy_denied' | PolicyRefusal = 'policy_denied'): Expected {
  return answer(403, why)
}

/** 404: it is not there, or the caller must not learn that it is. */
export function notFound(why: 'resource_absent' | PolicyRefusal): Expected {
  return answer(404, why)
}

/** 503: our side's fault, never a 401. */
export function unavailable(why: string, retryAfter: number): Expected {
  return { ...answer(503, why), retryAfter: String(retryAfter) }
}

/** 204 from CORS: the gate leaves preflights alone. */
export function preflight(origin: string): Expected {
  return { ...answer(204, NOT_ASKED), fields: { 'access-control-allow-origin': origin } }
}

function answer(status: number, why: string, challenges: readonly string[] = []): Answer {
  return { status, challenges, error: null, why, leaked: false, retryAfter: '' }
}

function challengesOf(response: RawResponse): readonly string[] {
  const text = fieldOf(response, 'www-authenticate')
  if (text === '') return []
  // Some servers send one line per challenge, some join them: a new one starts with a scheme and a space.
  return text.split(/, (?=\w+ \w)/).map((challenge) => {
    const [scheme = '', ...rest] = challenge.split(' ')
    const parameters = rest
      .join(' ')
      .split(', ')
      .filter((parameter) => !/^(realm|charset|error_description)=/.test(parameter))
    return [scheme, ...parameters].join(' ').replaceAll('"', '')
  })
}

function errorOf(response: RawResponse): string | null {
  if (!fieldOf(response, 'content-type').startsWith('application/problem+json')) return null
  const problem: unknown = JSON.parse(response.body)
  return typeof problem === 'object' && problem !== null && 'error' in problem
    ? String(problem.error)
    : null
}

function whyOf(events: readonly GateEvent[]): string {
  const decided = events.find((event) => event.kind === 'decided')
  if (decided === undefined) return NOT_ASKED
  return decided.reason ?? `${decided.outcome}: ${decided.principal}`
}

function fieldOf({ fields }: RawResponse, wanted: string): string {
  return fields
    .filter(([name]) => name === wanted)
    .map(([, value]) => value)
    .join(', ')
}

function show(value: unknown): string {
  return Array.isArray(value) ? value.join(' | ') || 'none' : String(value)
}

const NOT_ASKED = 'left to CORS'

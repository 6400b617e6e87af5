import { describe, expect, test } from 'vitest'
import { respond } from '../../src/http/respond.js'
import type { Refusal } from '../../src/outcome/outcome.js'

const challenges = [{ scheme: 'Bearer', parameters: [['realm', 'api']] }] as const
const trace = [] as const

const REFUSALS: readonly (readonly [Refusal, number, string | undefined])[] = [
  [
    { kind: 'invalid_request', reason: 'several_credentials', challenges, trace },
    400,
    'invalid_request',
  ],
  [{ kind: 'unauthenticated', reason: 'credential_missing', challenges, trace }, 401, undefined],
  [{ kind: 'invalid_token', reason: 'signature_invalid', challenges, trace }, 401, 'invalid_token'],
  [
    { kind: 'insufficient_user_authentication', reason: 'login_too_old', challenges, trace },
    401,
    'insufficient_user_authentication',
  ],
  [
    { kind: 'insufficient_scope', reason: 'scope_missing', missing: ['a'], challenges, trace },
    403,
    'insufficient_scope',
  ],
  [{ kind: 'denied', reason: 'policy_denied', hidden: false, trace }, 403, undefined],
  [{ kind: 'denied', reason: 'policy_denied', hidden: true, trace }, 404, undefined],
  [{ kind: 'absent', reason: 'resource_absent', trace }, 404, undefined],
  [{ kind: 'throttled', reason: 'source_throttled', retryAfterSeconds: 3, trace }, 429, undefined],
  [
    { kind: 'unavailable', reason: 'store_unavailable', retryAfterSeconds: 3, trace },
    503,
    undefined,
  ],
]

describe('a refusal over HTTP', () => {
  test.each(REFUSALS)('%o', (refusal, status, error) => {
    const answer = respond(refusal)
    const body = JSON.parse(answer.body)
    expect(answer.status).toBe(status)
    expect(body).toMatchObject({ type: 'about:blank', status })
    expect(body.error).toBe(error)
    expect(new Map(answer.fields).get('Content-Type')).toBe('application/problem+json')
    expect(new Map(answer.fields).get('Cache-Control')).toBe('no-store')
  })

  test('a 401 and a 400 always carry a challenge, a 404, a 429 and a 503 never do', () => {
    for (const [refusal, status] of REFUSALS) {
      const lines = respond(refusal).addedLines.filter(([name]) => name === 'WWW-Authenticate')
      expect(lines.length).toBe('challenges' in refusal ? 1 : 0)
      if (status === 401) expect(lines.length).toBeGreaterThan(0)
    }
  })

  test('challenges are exposed to cross-origin callers, each on a line of its own', () => {
    const two = [...challenges, { scheme: 'Basic', parameters: [['realm', 'ops']] }] as const
    expect(
      respond({ kind: 'unauthenticated', reason: 'credential_missing', challenges: two, trace })
        .addedLines,
    ).toEqual([
      ['WWW-Authenticate', 'Bearer realm="api"'],
      ['WWW-Authenticate', 'Basic realm="ops"'],
      ['Access-Control-Expose-Headers', 'WWW-Authenticate'],
    ])
  })

  test('a hidden denial and an absent resource are the same answer', () => {
    expect(respond({ kind: 'denied', reason: 'policy_denied', hidden: true, trace })).toEqual(
      respond({ kind: 'absent', reason: 'resource_absent', trace }),
    )
  })

  test('an outage says when to come back', () => {
    const { fields } = respond({
      kind: 'unavailable',
      reason: 'keys_unavailable',
      retryAfterSeconds: 7,
      trace,
    })
    expect(fields).toContainEqual(['Retry-After', '7'])
  })

  test('an expired credential is told so, any other fault is not', () => {
    const detail = (reason: 'token_expired' | 'api_key_expired' | 'audience_mismatch') =>
      JSON.parse(respond({ kind: 'invalid_token', reason, challenges, trace }).body).detail
    expect(detail('token_expired')).toBe('The credential has expired.')
    expect(detail('api_key_expired')).toBe('The credential has expired.')
    expect(detail('audience_mismatch')).toBe('The credential is not valid.')
  })

  test('a preflight has no body and no challenge', () => {
    expect(respond({ kind: 'preflight', trace })).toEqual({
      status: 204,
      fields: [],
      addedLines: [],
      body: '',
    })
  })
})

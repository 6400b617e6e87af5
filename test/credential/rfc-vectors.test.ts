import { describe, expect, test } from 'vitest'
import { parseBasic } from '../../src/credential/basic.js'
import { presentedCredential } from '../../src/credential/presented.js'
import { aRequest, authorizationOnly } from './a-request.js'
import { vectors } from './vectors.js'

interface HeaderCase {
  readonly rfc?: string
  readonly note?: string
  readonly header: string
  readonly expect: string
}

function presentedBy(header: string) {
  return presentedCredential(aRequest({ fields: { authorization: header } }), authorizationOnly)
}

describe('RFC 6750 bearer vectors', () => {
  const cases = vectors<HeaderCase & { readonly token?: string }>('rfc/rfc6750-bearer.json')

  test.each(cases)('$header ($note$rfc): $expect', ({ header, token, note, expect: expected }) => {
    const presented = presentedBy(header)
    if (token !== undefined) {
      expect(expected).toBe('parse')
      expect(presented.kind === 'credential' && presented.credential.kind).toBe('bearer')
      if (presented.kind !== 'credential' || presented.credential.kind !== 'bearer') return
      expect(presented.credential.token.reveal()).toBe(token)
    } else if (expected.startsWith('unknown scheme') && note !== 'colon') {
      expect(presented).toEqual({ kind: 'unsupported' })
    } else {
      // `Bearer:` is no scheme at all (RFC 9110 section 5.6.2), so it is malformed rather than unknown.
      const problem = { kind: 'problem', problem: 'authorization_malformed', used: ['bearer'] }
      expect(presented).toEqual(problem)
    }
  })
})

describe('RFC 7617 Basic vectors', () => {
  interface BasicCase extends HeaderCase {
    readonly user?: string
    readonly password?: string
  }
  const cases = vectors<BasicCase>('rfc/rfc7617-basic.json')

  /** What the header says, or at which of the two steps it was refused. */
  function read(header: string): unknown {
    const presented = presentedBy(header)
    if (presented.kind === 'problem') return presented.problem
    if (presented.kind !== 'credential' || presented.credential.kind !== 'basic') return presented
    const parsed = parseBasic(presented.credential.token68.reveal())
    if (!parsed.ok) return parsed.reason
    return { user: parsed.value.username, password: parsed.value.password.reveal() }
  }

  test.each(cases)(
    '$header ($note$rfc): $expect',
    ({ header, user, password, expect: expected }) => {
      if (expected.startsWith('parse')) expect(read(header)).toEqual({ user, password })
      else expect(['basic_malformed', 'authorization_malformed']).toContain(read(header))
    },
  )

  test('each file was read', () => {
    expect(cases).toHaveLength(26)
    expect(vectors('rfc/rfc6750-bearer.json')).toHaveLength(16)
  })
})

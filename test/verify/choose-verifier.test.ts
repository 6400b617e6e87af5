import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Credential } from '../../src/credential/credential.js'
import { Redacted } from '../../src/shared/redacted.js'
import { chooseVerifier, type NamedVerifier } from '../../src/verify/choose-verifier.js'
import { stubApiKey, stubBearer, stubCookie } from '../support/stub-verifiers.js'

const named = (verifiers: Record<string, NamedVerifier['verifier']>): NamedVerifier[] =>
  Object.entries(verifiers).map(([name, verifier]) => ({ name, verifier }))

const bearer = (token: string): Credential => ({ kind: 'bearer', token: new Redacted(token) })
const key = (text: string): Credential => ({ kind: 'api-key', key: new Redacted(text) })

describe('choosing the verifier', () => {
  const both = named({ jwt: stubBearer('jwt'), opaque: stubBearer('opaque') })

  test('a token that looks like a JWT is for the JWT verifier, any other for the opaque one', () => {
    expect(chooseVerifier(both, bearer('eyJh.eyJp.sig'))?.name).toBe('jwt')
    for (const token of [
      'abc',
      'a.b.c',
      'eyJh.b',
      'eyJh.b.c.d',
      '....',
      'eyJh..b',
      'mF_9.B5f-4.1JqM',
    ]) {
      expect(chooseVerifier(both, bearer(token))?.name).toBe('opaque')
    }
  })

  test('with one bearer verifier every bearer token is for it', () => {
    fc.assert(
      fc.property(fc.string(), (token) => {
        expect(chooseVerifier(both.slice(0, 1), bearer(token))?.name).toBe('jwt')
        expect(chooseVerifier(both.slice(1), bearer(token))?.name).toBe('opaque')
      }),
    )
  })

  test('an API key goes by the longest prefix, and one of no prefix to the first', () => {
    const keys = named({
      user: stubBearer(),
      all: stubApiKey('acme'),
      live: stubApiKey('acme_live'),
    })
    expect(chooseVerifier(keys, key('acme_live_x'))?.name).toBe('live')
    expect(chooseVerifier(keys, key('acme_x'))?.name).toBe('all')
    expect(chooseVerifier(keys, key('acmelive'))?.name).toBe('all')
    expect(chooseVerifier(keys, key('other_x'))?.name).toBe('all')
  })

  test('a cookie goes by its name', () => {
    const cookies = named({ a: stubCookie('a'), b: stubCookie('b') })
    const cookie = (name: string): Credential => ({
      kind: 'cookie',
      name,
      value: new Redacted('x'),
    })
    expect(chooseVerifier(cookies, cookie('b'))?.name).toBe('b')
    expect(chooseVerifier(cookies, cookie('c'))).toBeNull()
  })

  test('a kind that nobody reads has no verifier', () => {
    expect(chooseVerifier(both, { kind: 'basic', token68: new Redacted('x') })).toBeNull()
    expect(chooseVerifier(both, key('acme_x'))).toBeNull()
    expect(chooseVerifier([], bearer('x'))).toBeNull()
  })
})

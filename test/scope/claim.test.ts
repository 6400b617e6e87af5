import { describe, expect, test } from 'vitest'
import { defineScopes } from '../../src/scope/define-scopes.js'

const scopes = defineScopes({ resources: { users: ['read', 'write'] } })

describe('a claim string', () => {
  test('is split at single spaces; more of them mean nothing', () => {
    expect(scopes.grant('  users:read   users:write ').tokens).toEqual([
      'users:read',
      'users:write',
    ])
  })

  test.each([
    '\t',
    '\n',
    '\r\n',
    '\v',
    '\f',
    '\u00a0',
    '\u2003',
    '\u2028',
    '\ufeff',
    '\u0000',
    ',',
    '+',
    '%20',
  ])('is not split at %j', (separator) => {
    const grant = scopes.grant(`users:read${separator}users:write`)
    expect(grant.tokens).toEqual([])
    expect(grant.unknown.length + grant.malformed.length).toBe(1)
  })

  test.each([
    [0x20, 'separates'],
    [0x21, 'unknown'],
    [0x22, 'malformed'],
    [0x23, 'unknown'],
    [0x5b, 'unknown'],
    [0x5c, 'malformed'],
    [0x5d, 'unknown'],
    [0x7e, 'unknown'],
    [0x7f, 'malformed'],
    [0x80, 'malformed'],
  ])('judges a character next to the edge of RFC 6749: U+00%s', (code, verdict) => {
    const grant = scopes.grant(`users:read${String.fromCharCode(code)}`)
    expect(grant.malformed.length).toBe(verdict === 'malformed' ? 1 : 0)
    expect(grant.unknown.length).toBe(verdict === 'unknown' ? 1 : 0)
    expect(scopes.can(grant, 'users:read')).toBe(verdict === 'separates')
  })

  test('a malformed piece takes nothing away from the others', () => {
    const grant = scopes.grant('users:read "users:write"')
    expect(grant).toMatchObject({ tokens: ['users:read'], malformed: ['"users:write"'] })
  })
})

describe('the limits', () => {
  test('8,192 characters are read and one more refuses the whole', () => {
    const text = `users:read${' '.repeat(8_182)}`
    expect(scopes.grant(text)).toMatchObject({ tokens: ['users:read'], problem: null })
    expect(scopes.grant(`${text} `)).toMatchObject({ tokens: [], problem: 'scope_limit' })
  })

  test('512 tokens are read and one more refuses the whole, repeated or not', () => {
    const list = Array.from({ length: 512 }, () => 'users:read')
    for (const claim of [list, list.join(' ')]) {
      expect(scopes.grant(claim)).toMatchObject({ tokens: ['users:read'], problem: null })
    }
    for (const claim of [[...list, 'x'], `${list.join(' ')} x`]) {
      const grant = scopes.grant(claim)
      expect(grant).toMatchObject({
        tokens: [],
        unknown: [],
        malformed: [],
        problem: 'scope_limit',
      })
      expect(grant.covered.size).toBe(0)
    }
  })

  test('a token of 256 characters is read and one more refuses the whole', () => {
    expect(scopes.grant(['users:read', 'x'.repeat(256)])).toMatchObject({
      tokens: ['users:read'],
      problem: null,
    })
    expect(scopes.grant(['users:read', 'x'.repeat(257)])).toMatchObject({
      tokens: [],
      problem: 'scope_limit',
    })
  })

  test('a list is as long as the text it would make', () => {
    // 32 elements of 255 characters and 31 spaces make 8,191; the 33rd brings the last character, or one too many.
    const list = Array.from({ length: 32 }, (_, index) => `${index}`.padStart(255, 'x'))
    expect(scopes.grant([...list, '']).problem).toBeNull()
    expect(scopes.grant([...list, 'y']).problem).toBe('scope_limit')
  })

  test('a list that only claims to be long is refused without being walked', () => {
    expect(scopes.grant(new Array(2 ** 32 - 1)).problem).toBe('scope_limit')
  })
})

describe("limits of one's own", () => {
  const define = (limits: object) =>
    defineScopes({ resources: { users: ['read', 'write'] }, limits })

  test('hold both ways, and the others stay as they are', () => {
    const small = define({ tokens: 2, characters: 30 })
    expect(small.grant('users:read other').problem).toBeNull()
    expect(small.grant('users:read other third').problem).toBe('scope_limit')
    expect(small.grant(`users:read${' '.repeat(20)}`).problem).toBeNull()
    expect(small.grant(`users:read${' '.repeat(21)}`).problem).toBe('scope_limit')
    expect(small.fromClaims({ scp: ['a', 'b', 'c'] }).problem).toBe('scope_limit')

    const large = define({ tokens: 1_000, characters: 20_000, tokenCharacters: 300 })
    const many = Array.from({ length: 1_000 }, (_, index) => `other${index}`)
    expect(large.grant(many.join(' ')).unknown.length).toBe(1_000)
    expect(large.grant([...many, 'x']).problem).toBe('scope_limit')
    expect(large.grant('x'.repeat(300)).problem).toBeNull()
    expect(large.grant('x'.repeat(301)).problem).toBe('scope_limit')
  })

  test('of a token bind the names, too: one that no token could say is refused', () => {
    expect(define({ tokenCharacters: 11 }).names).toEqual(['users:read', 'users:write'])
    expect(() => define({ tokenCharacters: 10 })).toThrow(
      expect.objectContaining({ code: 'scope_invalid' }),
    )
    expect(() => define({ tokenCharacters: 10 })).toThrow("'users:write'")
  })
})

describe('claims that are named', () => {
  const both = { scope: 'users:read', scp: 'users:write' }

  test('one alone pins the vocabulary to it, whatever the others say', () => {
    const pinned = defineScopes({ resources: { users: ['read', 'write'] }, claims: ['scp'] })
    expect(pinned.fromClaims(both)).toMatchObject({ tokens: ['users:write'], problem: null })
    expect(pinned.fromClaims({ scope: 'users:read' }).tokens).toEqual([])
    expect(pinned.fromClaims({ scope: 1, scp: ['users:read'] }).tokens).toEqual(['users:read'])
  })

  test('an issuer may have its own', () => {
    expect(scopes.fromClaims(both, ['scope']).tokens).toEqual(['users:read'])
    expect(scopes.fromClaims(both, ['scp']).tokens).toEqual(['users:write'])
    expect(scopes.fromClaims(both, []).tokens).toEqual([])
  })

  test('permissions are read once they are named, as text and as a list, and add to the scopes', () => {
    const named = defineScopes({
      resources: { users: ['read', 'write'] },
      claims: ['scope', 'scp', 'permissions'],
    })
    const claims = { scope: 'users:read openid', permissions: ['users:write', 'users:read'] }
    expect(named.fromClaims(claims)).toMatchObject({
      tokens: ['users:read', 'users:write'],
      unknown: ['openid'],
      problem: null,
    })
    expect(named.fromClaims({ permissions: 'users:write' }).tokens).toEqual(['users:write'])
    expect(named.fromClaims({ permissions: [1] }).problem).toBe('scope_claim_malformed')
    expect(named.fromClaims({ scope: 'a', scp: 'b', permissions: [] }).problem).toBe(
      'scope_claim_ambiguous',
    )
    expect(named.fromClaims({ scope: 'a', scp: ['a'], permissions: ['users:read'] })).toMatchObject(
      { tokens: ['users:read'], unknown: ['a'], problem: null },
    )
  })

  test('in whichever order scope and scp are named, they must agree, and scope is a string', () => {
    for (const claims of [
      ['scp', 'scope'],
      ['scope', 'scp'],
    ]) {
      expect(scopes.fromClaims(both, claims).problem).toBe('scope_claim_ambiguous')
      expect(scopes.fromClaims({ scope: ['users:read'] }, claims).problem).toBe(
        'scope_claim_malformed',
      )
    }
  })

  test('are own members, whatever their name', () => {
    for (const name of ['constructor', '__proto__', 'toString']) {
      expect(scopes.fromClaims({}, [name])).toMatchObject({ tokens: [], problem: null })
    }
  })
})

describe('the claims', () => {
  test.each([
    { claims: { scope: 'users:read users:write' } },
    { claims: { scp: 'users:read users:write' } },
    { claims: { scp: ['users:read', 'users:write'] } },
    {
      claims: { scope: 'users:read users:write', scp: ['users:write', 'users:read', 'users:read'] },
    },
    { claims: { scope: undefined, scp: 'users:read users:write' } },
  ])('$claims grant both scopes', ({ claims }) => {
    const grant = scopes.fromClaims(claims)
    expect([...grant.covered].sort()).toEqual(['users:read', 'users:write'])
    expect(grant.problem).toBeNull()
  })

  test.each([
    { claims: { scope: 'users:read', scp: 'users:read users:write' } },
    { claims: { scope: 'users:read users:write', scp: 'users:read' } },
    { claims: { scope: 'users:read', scp: '' } },
    { claims: { scope: '', scp: ['users:read'] } },
    { claims: { scope: 'users:read', scp: 'users:read other:api' } },
    { claims: { scope: 'users:read', scp: ['users:read', 'b\u00e4d'] } },
    { claims: { scope: 'users:read users:write', scp: ['users:read users:write'] } },
  ])('$claims say two things and grant nothing', ({ claims }) => {
    const grant = scopes.fromClaims(claims)
    expect(grant).toMatchObject({ tokens: [], malformed: [], problem: 'scope_claim_ambiguous' })
    expect(grant.covered.size).toBe(0)
  })

  test.each([
    { claims: { scope: null } },
    { claims: { scope: 1 } },
    { claims: { scope: true } },
    { claims: { scope: { users: ['read'] } } },
    { claims: { scope: ['users:read'] } },
    { claims: { scp: null } },
    { claims: { scp: 1 } },
    { claims: { scp: {} } },
    { claims: { scp: ['users:read', 1] } },
    { claims: { scp: [['users:read']] } },
    { claims: { scp: [undefined] } },
    { claims: { scope: 'users:read', scp: 1 } },
    { claims: { scope: 1, scp: 'users:read' } },
  ])('$claims are malformed and grant nothing', ({ claims }) => {
    const grant = scopes.fromClaims(claims)
    expect(grant.problem).toBe('scope_claim_malformed')
    expect(grant.covered.size).toBe(0)
  })

  test('over the limit in one claim is over the limit', () => {
    const long = 'x'.repeat(257)
    expect(scopes.fromClaims({ scope: 'users:read', scp: long }).problem).toBe('scope_limit')
    expect(scopes.fromClaims({ scope: long, scp: 'users:read' }).problem).toBe('scope_limit')
  })

  test.each([null, undefined, 'users:read', 1])('%j instead of claims is malformed', (claims) => {
    // What arrives at run time is not what the types say.
    const grant = scopes.fromClaims(claims as unknown as Record<string, unknown>)
    expect(grant.problem).toBe('scope_claim_malformed')
  })

  test('an element with a space is malformed and not split again; an empty one is dropped', () => {
    expect(scopes.fromClaims({ scp: ['users:read users:write', '', 'users:read'] })).toMatchObject({
      tokens: ['users:read'],
      unknown: [],
      malformed: ['users:read users:write'],
    })
  })

  test('roles and permissions are not scopes', () => {
    const claims = { permissions: ['users:read'], roles: ['users:read'], scopes: 'users:read' }
    expect(scopes.fromClaims(claims).covered.size).toBe(0)
  })

  test('a polluted prototype grants nothing, and neither does an inherited claim', () => {
    const prototype = Object.prototype as { scope?: string; scp?: string }
    prototype.scope = 'users:read'
    prototype.scp = 'users:write'
    try {
      expect(scopes.fromClaims({}).covered.size).toBe(0)
      expect(scopes.fromClaims({ scope: 'users:read' })).toMatchObject({
        tokens: ['users:read'],
        problem: null,
      })
    } finally {
      delete prototype.scope
      delete prototype.scp
    }
    expect(scopes.fromClaims(Object.create({ scope: 'users:read' })).covered.size).toBe(0)
  })

  test('claims without a prototype are read', () => {
    const claims = Object.assign(Object.create(null), { scope: 'users:read' })
    expect(scopes.can(scopes.fromClaims(claims), 'users:read')).toBe(true)
  })
})

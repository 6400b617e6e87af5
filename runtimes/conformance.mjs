// Conformance vectors: what the built package answers, through its public names only, and without a test runner, so
// that every runtime can run them. `run.mjs` does, and compares.

import { denyByDefault, protect } from '../dist/adapters/fetch.js'
import {
  apiKey,
  authenticated,
  basic,
  createApiKey,
  createGate,
  createOpaqueToken,
  defineScopes,
  hashPassword,
  jwtBearer,
  opaqueBearer,
  passwordHasher,
} from '../dist/index.js'
import { createJwtVerifier, generateSigningKey, signJwt } from '../dist/jwt/index.js'
import { aRequest, createTestClock, createTestIssuer } from '../dist/testing/index.js'

/** Runs every vector. Returns each answer, and a sentence for each that is not the expected one. */
export async function conformance() {
  const api = await createApi()
  const answers = {}
  const failures = []
  for (const [name, expected, request] of await api.vectors()) {
    const answer = await answerTo(api, request)
    answers[name] = answer
    if (answer !== expected) failures.push(`${name}: expected "${expected}", got "${answer}"`)
  }
  for (const [name, expected, actual] of scopeVectors()) {
    answers[name] = String(actual)
    if (actual !== expected) failures.push(`${name}: expected ${expected}, got ${actual}`)
  }
  for (const [name, expected, answer] of await passwordVectors()) {
    answers[name] = answer
    if (answer !== expected) failures.push(`${name}: expected ${expected}, got ${answer}`)
  }
  for (const algorithm of ALGORITHMS) {
    const name = `${algorithm}: a good token, a tampered one, a foreign key`
    answers[name] = await answersFor(algorithm)
    if (answers[name] !== '200, 401, 401') failures.push(`${name}: got ${answers[name]}`)
  }
  for (const algorithm of SIGNATURE_ALGORITHMS) {
    for (const [name, expected, answer] of await signatureVectors(algorithm)) {
      answers[name] = answer
      if (answer !== expected) failures.push(`${name}: expected ${expected}, got ${answer}`)
    }
  }
  return { answers, failures }
}

/** Status, and the error of the challenges if there is one. */
async function answerTo({ handle }, request) {
  const response = await handle(request)
  const challenges = response.headers.get('WWW-Authenticate') ?? ''
  const error = challenges.split('error="')[1]?.split('"')[0]
  return error === undefined ? String(response.status) : `${response.status} ${error}`
}

async function createApi() {
  const clock = createTestClock()
  const issuer = await createTestIssuer({ clock })
  const scopes = defineScopes({ resources: { users: ['read', 'delete'] } })
  const now = clock.now()
  const machine = createApiKey({
    prefix: 'acme',
    applicationId: 'robot',
    scopes: ['users:read'],
    now,
  })
  const old = createApiKey({
    prefix: 'acme',
    applicationId: 'robot',
    scopes: [],
    now: now - 61,
    expiresIn: 60,
  })
  const keys = new Map([machine, old].map(({ record }) => [record.id, record]))
  const opaque = createOpaqueToken()
  const session = {
    kind: 'user',
    hash: opaque.hash,
    subject: 'bob',
    scopes: [],
    expiresAt: now + 60,
  }
  const passwordHashes = new Map([
    ['alice', await hashPassword('s3cret: ä', { algorithm: 'scrypt', ln: 13, r: 8, p: 10 })],
    ['bob', await hashPassword('s3cret: ö', { algorithm: 'argon2id', m: 7168, t: 5, p: 1 })],
  ])
  const gate = createGate({
    resource: issuer.audience,
    clock,
    scopes,
    verifiers: {
      user: jwtBearer(issuer.trust),
      session: opaqueBearer({ store: { find: (hash) => (hash === opaque.hash ? session : null) } }),
      machine: apiKey({ prefix: 'acme', store: { find: (id) => keys.get(id) ?? null } }),
      person: basic({
        realm: 'people',
        passwords: { algorithm: 'scrypt', ln: 13, r: 8, p: 10 },
        store: {
          find: (username) => {
            const passwordHash = passwordHashes.get(username)
            return passwordHash === undefined ? null : { username, passwordHash }
          },
        },
      }),
    },
  })
  const ok = () => new Response('ok')
  const broken = () => {
    throw new Error('the database is down')
  }
  const anyone = protect(gate, { accept: 'anyone' }, ok)
  const identified = protect(gate, { scopes: 'users:read' }, ok)
  const account = protect(gate, { accept: 'person', scopes: authenticated() }, ok)
  const routes = new Map([
    ['/open', anyone],
    ['/users', identified],
    ['/account', account],
    ['/delete', protect(gate, { scopes: 'users:delete' }, ok)],
    ['/hidden', protect(gate, { scopes: 'users:read', allow: () => false, hide: true }, ok)],
    ['/denied', protect(gate, { scopes: 'users:read', allow: () => false }, ok)],
    ['/broken', protect(gate, { scopes: 'users:read', load: broken }, ok)],
    ['/bare', ok],
  ])
  const handle = denyByDefault(gate, (request) => routes.get(new URL(request.url).pathname))
  const good = await issuer.token({ scope: 'users:read' })
  const key = machine.key.reveal()
  const bearer = (token, path = '/users') => aRequest(path, { bearer: token })
  const hostile = async (kind) => [
    `a token that is ${kind}`,
    '401 invalid_token',
    bearer(await issuer.hostile(kind, { scope: 'users:read' })),
  ]
  const person = (username, password) => aRequest('/account', { basic: [username, password] })
  return {
    handle,
    vectors: async () => [
      ['an open route', '200', aRequest('/open')],
      ['no credential', '401', aRequest('/users')],
      ['a good token', '200', bearer(good)],
      ['a good token in a lower-case scheme', '200', withField('authorization', `bearer ${good}`)],
      ['a token without the scope', '403 insufficient_scope', bearer(good, '/delete')],
      ...(await Promise.all(HOSTILE.map(hostile))),
      ['text that is no token', '401 invalid_token', bearer('a.b.c')],
      ['a token with padding', '401 invalid_token', bearer(`${good}=`)],
      [
        'a field that is no credential',
        '400 invalid_request',
        withField('authorization', 'Bearer a b'),
      ],
      ['a scheme that nobody knows', '401', withField('authorization', 'Sesame open')],
      ['two credentials', '400 invalid_request', both(good, key)],
      ['a credential twice', '400 invalid_request', twice(`Bearer ${good}`)],
      ['a token in the URL', '400 invalid_request', aRequest(`/users?access_token=${good}`)],
      ['a token without TLS', '400 invalid_request', cleartext(good)],
      ['an opaque token', '403 insufficient_scope', bearer(opaque.token.reveal())],
      ['an opaque token that nobody issued', '401 invalid_token', bearer('A'.repeat(43))],
      ['an API key', '200', aRequest('/users', { apiKey: key })],
      [
        'an API key with a wrong checksum',
        '401 invalid_token',
        aRequest('/users', { apiKey: `${key.slice(0, -1)}${key.endsWith('0') ? '1' : '0'}` }),
      ],
      [
        'an API key that has expired',
        '401 invalid_token',
        aRequest('/users', { apiKey: old.key.reveal() }),
      ],
      ['a password under scrypt', '200', person('alice', 's3cret: ä')],
      ['a password under argon2id', '200', person('bob', 's3cret: ö')],
      ['a wrong password', '401 invalid_token', person('alice', 's3cret: ö')],
      ['a user that nobody knows', '401 invalid_token', person('mallory', 's3cret: ä')],
      [
        'a password where a token is needed',
        '403 insufficient_scope',
        aRequest('/users', { basic: ['alice', 's3cret: ä'] }),
      ],
      ['a resource that policy denies', '403', bearer(good, '/denied')],
      ['a resource that policy hides', '404', bearer(good, '/hidden')],
      ['a store that throws', '503', bearer(good, '/broken')],
      ['a route without a rule', '401', aRequest('/bare')],
      ['a route without a rule, with a token', '403', bearer(good, '/bare')],
      ['a path without a route', '404', aRequest('/nowhere')],
    ],
  }
}

async function answersFor(algorithm) {
  const clock = createTestClock()
  const issuer = await createTestIssuer({ clock, algorithm })
  const gate = createGate({
    resource: issuer.audience,
    clock,
    scopes: defineScopes({ resources: { users: ['read'] } }),
    verifiers: { user: jwtBearer(issuer.trust) },
  })
  const handle = protect(gate, { scopes: 'users:read' }, () => new Response('ok'))
  const scope = 'users:read'
  const tokens = [
    await issuer.token({ scope }),
    await issuer.hostile('tampered', { scope }),
    await issuer.hostile('foreign-key', { scope }),
  ]
  const statuses = []
  for (const bearer of tokens) statuses.push((await handle(aRequest('/users', { bearer }))).status)
  return statuses.join(', ')
}

/** Signatures good and bad, each judged once alone and then many at a time, which takes other ways inside. */
async function signatureVectors(algorithm) {
  const { privateJwk, publicJwk } = await keysOf(algorithm)
  const now = 1_767_225_600
  const claims = {
    iss: 'https://id.example.com',
    aud: 'https://api.example.com',
    sub: 'alice',
    client_id: 'c',
    jti: 'j',
  }
  const verifier = createJwtVerifier({
    issuer: claims.iss,
    audience: claims.aud,
    algorithms: [algorithm],
    keys: { keys: [publicJwk] },
  })
  const token = await signJwt(
    { ...claims, iat: now, exp: now + 60 },
    { key: privateJwk, type: 'at+jwt' },
  )
  const vectors = [
    ['a good signature', 'verified', token],
    ['another first bit', 'signature_invalid', changed(token, (bytes) => flipped(bytes, 0))],
    ['another last bit', 'signature_invalid', changed(token, (bytes) => flipped(bytes, -1))],
    ['a byte less', 'signature_invalid', changed(token, (bytes) => bytes.slice(0, -1))],
    ['a byte more', 'signature_invalid', changed(token, (bytes) => [...bytes, 0])],
    ['nothing but zeros', 'signature_invalid', changed(token, (bytes) => bytes.fill(0))],
  ]
  if (algorithm.startsWith('PS')) {
    const saltless = await withoutSalt(token, privateJwk)
    vectors.push(['a salt of another length', 'signature_invalid', saltless])
  }
  const verdict = async (text) => {
    const verified = await verifier.verify(text, now)
    return verified.reason ?? verified.kind
  }
  const answers = []
  for (const [name, expected, text] of vectors) {
    const alone = await verdict(text)
    const together = await Promise.all(Array.from({ length: 40 }, () => verdict(text)))
    answers.push([`${algorithm}: ${name}`, expected, [...new Set([alone, ...together])].join(', ')])
  }
  return answers
}

async function keysOf(algorithm) {
  if (!algorithm.startsWith('HS')) return generateSigningKey(algorithm)
  const k = base64url(crypto.getRandomValues(new Uint8Array(64)))
  const secret = { kty: 'oct', kid: 'secret', alg: algorithm, k }
  return { privateJwk: secret, publicJwk: secret }
}

/** The token with its signature's bytes changed. */
function changed(token, change) {
  const dot = token.lastIndexOf('.') + 1
  const text = token.slice(dot).replaceAll('-', '+').replaceAll('_', '/')
  const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
  return token.slice(0, dot) + base64url(change(bytes))
}

function flipped(bytes, at) {
  return bytes.with(at, bytes.at(at) ^ 1)
}

function base64url(bytes) {
  const text = btoa(String.fromCharCode(...bytes))
  return text.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

/** The same text, signed with RSA-PSS and no salt: RFC 7518 wants one as long as the hash. */
async function withoutSalt(token, { alg, kty, n, e, d, p, q, dp, dq, qi }) {
  const parameters = { name: 'RSA-PSS', hash: `SHA-${alg.slice(2)}` }
  const jwk = { kty, n, e, d, p, q, dp, dq, qi }
  const key = await crypto.subtle.importKey('jwk', jwk, parameters, false, ['sign'])
  const input = token.slice(0, token.lastIndexOf('.'))
  const signature = await crypto.subtle.sign(
    { name: 'RSA-PSS', saltLength: 0 },
    key,
    new TextEncoder().encode(input),
  )
  return `${input}.${base64url(new Uint8Array(signature))}`
}

function scopeVectors() {
  const scopes = defineScopes({ resources: { users: ['read', 'write'], posts: ['read'] } })
  const grant = scopes.fromClaims({ scope: 'users:read posts:read' })
  const judge = (requirement) => scopes.judge(grant, requirement).kind
  const { allOf, anyOf } = scopes
  return [
    ['scopes: one that is held', true, scopes.can(grant, 'users:read')],
    ['scopes: one that is not', false, scopes.can(grant, 'users:write')],
    ['scopes: all of two', 'covered', judge(allOf('users:read', 'posts:read'))],
    ['scopes: any of two', 'covered', judge(anyOf('users:write', 'posts:read'))],
    ['scopes: all, with one missing', 'insufficient', judge(allOf('users:read', 'users:write'))],
  ]
}

/** Hashes that others have made, so that every engine of every runtime is held to the same bytes. */
async function passwordVectors() {
  const pepper = { id: 'p1', secret: new Uint8Array(32).fill(7) }
  const hasher = passwordHasher({ algorithm: 'argon2id', pepper })
  const vectors = []
  for (const [name, password, hash] of PASSWORD_HASHES) {
    const right = (await hasher.verify(password, hash)).kind
    const wrong = (await hasher.verify(`${password}.`, hash)).kind
    vectors.push([`passwords: ${name}`, 'match, mismatch', `${right}, ${wrong}`])
  }
  return vectors
}

function withField(name, value) {
  return aRequest('/users', undefined, { fields: { [name]: value } })
}

function both(token, key) {
  return aRequest('/users', { bearer: token }, { fields: { 'x-api-key': key } })
}

function twice(value) {
  const request = aRequest('/users')
  request.headers.append('authorization', value)
  request.headers.append('authorization', value)
  return request
}

function cleartext(token) {
  const headers = { authorization: `Bearer ${token}` }
  return new Request('http://api.example.com/users', { headers })
}

const HOSTILE = [
  'algorithm-none',
  'key-confusion',
  'foreign-key',
  'embedded-key',
  'tampered',
  'expired',
  'not-yet-valid',
  'no-expiry',
  'ten-years',
  'wrong-issuer',
  'wrong-audience',
  'wrong-type',
]

const ALGORITHMS = ['ES256', 'ES384', 'ES512', 'PS256', 'RS256', 'Ed25519']

const SIGNATURE_ALGORITHMS = [
  ...['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'],
  ...['Ed25519', 'EdDSA', 'HS256', 'HS384', 'HS512'],
]

// The first two are of the reference implementation of Argon2 (phc-winner-argon2, src/test.c); the peppered ones were made
// by the portable engines.
const PASSWORD_HASHES = [
  [
    'argon2id in one lane',
    'password',
    '$argon2id$v=19$m=256,t=2,p=1$c29tZXNhbHQ$nf65EOgLrQMR/uIPnA4rEsF5h7TKyQwu9U1bMCHGi/4',
  ],
  [
    'argon2id in two lanes',
    'password',
    '$argon2id$v=19$m=256,t=2,p=2$c29tZXNhbHQ$bQk8UB/VmZZF4Oo79iDXuL5/0ttZwg2f/5U52iv1cDc',
  ],
  [
    'argon2id with a pepper',
    's3cret: ä',
    '$argon2id$v=19$m=64,t=3,p=4,keyid=cDE$9mATffNj4lY8kPscdjuA+w$W5t883eFBXDLGQ6nRD4/LAkeiocov5MNcEGi3lB7Wck',
  ],
  [
    'scrypt with a pepper',
    's3cret: ä',
    '$scrypt$ln=10,r=8,p=2,keyid=cDE$KuRs2zJyfWa6k7T0h8OVDg$HpkyG8w3dggk+pBRq92Se32jQfVtZ9Bl1OEstOUeD18',
  ],
]

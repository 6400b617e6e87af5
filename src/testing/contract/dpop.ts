import type { RawRequest } from '../send.js'
import type { ProofOptions } from '../test-prover.js'
import { assert, check, type Expected, fieldOf, request } from './case.js'
import { BEARER, INVALID, METADATA_URL, REQUEST_ERROR } from './challenges.js'
import type { DpopCase, DpopFixture } from './dpop-fixture.js'

/** What RFC 9449 asks of a protected resource, as it shows over the wire. */
export function dpopCases(): readonly DpopCase[] {
  return [...proofs(), ...downgrades(), ...nonces()]
}

function proofs(): readonly DpopCase[] {
  const refused = (name: string, build: Build): DpopCase => answers(name, build, PROOF_REFUSED)
  return [
    answers('a bound token with its proof is let in', async (fixture) => withProof(fixture), OK),
    answers(
      'the query is no part of the target',
      (fixture) => withProof(fixture, { query: '?a' }),
      OK,
    ),
    refused('the scheme without a proof is refused', async (fixture) =>
      request('GET', '/either', [['Authorization', `DPoP ${await boundToken(fixture)}`]]),
    ),
    refused('two proofs are refused, though each alone is good', async (fixture) => {
      const { method, path, fields } = await withProof(fixture)
      const [token = '', proof = ''] = fields.map(([, value]) => value)
      const other = await fixture.prover.proof({ url: EITHER, token: token.slice(5) })
      return request(method, path, [
        ['Authorization', token],
        ['DPoP', proof],
        ['DPoP', other],
      ])
    }),
    refused('a proof for GET does not let HEAD in', async (fixture) => ({
      ...(await withProof(fixture)),
      method: 'HEAD',
    })),
    answers(
      'a proof for HEAD lets HEAD in',
      async (fixture) => ({
        ...(await withProof(fixture, { proof: { method: 'HEAD' } })),
        method: 'HEAD',
      }),
      OK,
    ),
    refused('a proof for another method is refused', (fixture) =>
      withProof(fixture, { proof: { method: 'POST' } }),
    ),
    refused(
      'a proof for the address of the server, and not for the URL it is known by, is refused',
      (fixture) => withProof(fixture, { proof: { url: `${fixture.origin}/either` } }),
    ),
    refused(
      'a host that the client names does not change the URL that it is known by',
      async (fixture) => {
        const url = 'https://localhost/either'
        const sent = await withProof(fixture, { proof: { url } })
        return {
          ...sent,
          fields: [...sent.fields, ['Host', 'localhost'], ['X-Forwarded-Host', 'localhost']],
        }
      },
    ),
    refused('a proof for another token is refused', (fixture) =>
      withProof(fixture, { proof: { token: 'another' } }),
    ),
    refused('a proof of a minute and a second ago is refused', ({ clock, ...fixture }) =>
      withProof({ ...fixture, clock }, { proof: { claims: { iat: clock.now() - 61 } } }),
    ),
    {
      name: 'a proof is good once',
      async judge(fixture) {
        const sent = await withProof(fixture)
        check(await fixture.send(sent), sent, OK)
        check(await fixture.send(sent), sent, PROOF_REFUSED)
      },
    },
    {
      name: 'of a hundred uses of one proof at once, one is let in',
      async judge(fixture) {
        const sent = await withProof(fixture)
        const all = await Promise.all(Array.from({ length: 100 }, () => fixture.send(sent)))
        const winners = all.filter(({ status }) => status === 200)
        assert(winners.length === 1, `${winners.length} of the uses were let in`)
        for (const answer of all) if (answer.status !== 200) check(answer, sent, PROOF_REFUSED)
      },
    },
    answers(
      'a proof by another key than the token names is refused, and the token is at fault',
      async (fixture) => {
        const token = await boundToken(fixture)
        const proof = await fixture.thief.proof({ url: EITHER, token })
        return request('GET', '/either', dpopFields(token, proof))
      },
      TOKEN_REFUSED,
    ),
    answers(
      'a token that is not good is refused on the scheme that was used, whatever its proof',
      async (fixture) => {
        const token = await fixture.issuer.hostile('foreign-key', boundTo(fixture))
        const proof = await fixture.prover.proof({ url: EITHER, token })
        return request('GET', '/either', dpopFields(token, proof))
      },
      TOKEN_REFUSED,
    ),
    answers(
      'a token that lacks the scope is told so on the scheme that was used',
      (fixture) => withProof(fixture, { path: '/things' }),
      {
        status: 403,
        challenges: `${BEARER}, scope="things:read", ${DPOP}, error="insufficient_scope", scope="things:read"`,
        body: { error: 'insufficient_scope' },
      },
    ),
  ]
}

function downgrades(): readonly DpopCase[] {
  return [
    answers(
      'without a credential both schemes are offered',
      async () => request('GET', '/either', []),
      { status: 401, challenges: `${BEARER}, ${DPOP}` },
    ),
    answers(
      'a bound token is refused as a plain bearer token',
      async (fixture) =>
        request('GET', '/either', [['Authorization', `Bearer ${await boundToken(fixture)}`]]),
      BEARER_REFUSED,
    ),
    answers(
      'a bound token is refused as a plain bearer token, even with its proof beside it',
      async (fixture) => {
        const { fields } = await withProof(fixture)
        const lines = fields.map(
          ([name, value]) => [name, value.replace(/^DPoP /, 'Bearer ')] as const,
        )
        return request('GET', '/either', lines)
      },
      BEARER_REFUSED,
    ),
    answers(
      'a token that is bound to nothing is let in as a bearer token, where the constraint says so',
      async ({ issuer }) =>
        request('GET', '/either', [['Authorization', `Bearer ${await issuer.token()}`]]),
      OK,
    ),
    answers(
      'a token that is bound to nothing is refused under DPoP',
      async ({ issuer, prover }) => {
        const token = await issuer.token()
        const proof = await prover.proof({ url: EITHER, token })
        return request('GET', '/either', dpopFields(token, proof))
      },
      TOKEN_REFUSED,
    ),
    answers(
      'two Authorization fields, one of each scheme, are refused on both',
      async (fixture) => {
        const { fields } = await withProof(fixture)
        const bearer = ['Authorization', `Bearer ${await fixture.issuer.token()}`] as const
        return request('GET', '/either', [bearer, ...fields])
      },
      {
        status: 400,
        challenges: `${BEARER}, ${REQUEST_ERROR}, ${DPOP}, ${REQUEST_ERROR}`,
        body: { error: 'invalid_request' },
      },
    ),
  ]
}

function nonces(): readonly DpopCase[] {
  const fresh = async (fixture: DpopFixture, nonce?: string): Promise<RawRequest> => {
    const { opaqueToken: token, prover } = fixture
    const options = nonce === undefined ? {} : { nonce }
    const proof = await prover.proof({ url: 'https://api.example.com/fresh', token, ...options })
    return request('GET', '/fresh', dpopFields(token, proof))
  }
  const asked: Expected = {
    status: 401,
    challenges: `${DPOP}, error="use_dpop_nonce", error_description="The DPoP proof needs a nonce"`,
    body: { error: 'use_dpop_nonce' },
  }
  return [
    {
      name: 'a proof without a nonce is told one, and let in with it',
      async judge(fixture) {
        const sent = await fresh(fixture)
        const answer = await fixture.send(sent)
        check(answer, sent, asked)
        const nonce = fieldOf(answer, 'dpop-nonce')
        assert(nonce !== '', 'there is no nonce')
        assert(fieldOf(answer, EXPOSED).includes('DPoP-Nonce'), 'browsers do not see the nonce')
        const again = await fresh(fixture, nonce)
        const taken = await fixture.send(again)
        check(taken, again, OK)
        assert(fieldOf(taken, 'dpop-nonce') === '', 'another nonce was handed out')
      },
    },
    {
      name: 'a nonce that is about to run out is taken, and the next one handed out with the answer',
      async judge(fixture) {
        const old = fieldOf(await fixture.send(await fresh(fixture)), 'dpop-nonce')
        fixture.clock.advance(60)
        const sent = await fresh(fixture, old)
        const answer = await fixture.send(sent)
        check(answer, sent, OK)
        const next = fieldOf(answer, 'dpop-nonce')
        assert(next !== '' && next !== old, 'no other nonce was handed out')
        assert(fieldOf(answer, 'cache-control') === 'no-store', 'the nonce can be kept by a cache')
        assert(fieldOf(answer, EXPOSED).includes('DPoP-Nonce'), 'browsers do not see the nonce')
        fixture.clock.advance(60)
        const late = await fresh(fixture, old)
        check(await fixture.send(late), late, asked)
      },
    },
  ]
}

type Build = (fixture: DpopFixture) => Promise<RawRequest>

function answers(name: string, build: Build, expected: Expected): DpopCase {
  return {
    name,
    async judge(fixture) {
      const sent = await build(fixture)
      check(await fixture.send(sent), sent, expected)
    },
  }
}

/** `GET /either` with a bound token and its proof. */
async function withProof(
  fixture: DpopFixture,
  details: {
    readonly path?: string
    readonly query?: string
    readonly proof?: Partial<ProofOptions>
  } = {},
): Promise<RawRequest> {
  const { path = '/either', query = '', proof: options = {} } = details
  const token = await boundToken(fixture)
  const url = `https://api.example.com${path}`
  const proof = await fixture.prover.proof({ url, token, ...options })
  return request('GET', path + query, dpopFields(token, proof))
}

function boundToken(fixture: DpopFixture): Promise<string> {
  return fixture.issuer.token(boundTo(fixture))
}

function boundTo({ prover }: DpopFixture) {
  return { claims: { cnf: { jkt: prover.thumbprint } } }
}

function dpopFields(token: string, proof: string): RawRequest['fields'] {
  return [
    ['Authorization', `DPoP ${token}`],
    ['DPoP', proof],
  ]
}

const EITHER = 'https://api.example.com/either'
const EXPOSED = 'access-control-expose-headers'
const DPOP = `DPoP realm="api.example.com", resource_metadata="${METADATA_URL}", algs="ES256 Ed25519 EdDSA"`
const OK: Expected = { status: 200 }
const PROOF_REFUSED: Expected = {
  status: 401,
  challenges: `${BEARER}, ${DPOP}, error="invalid_dpop_proof", error_description="The DPoP proof is not valid"`,
  body: { error: 'invalid_dpop_proof' },
}
const TOKEN_REFUSED: Expected = {
  status: 401,
  challenges: `${BEARER}, ${DPOP}, ${INVALID}`,
  body: { error: 'invalid_token' },
}
const BEARER_REFUSED: Expected = {
  status: 401,
  challenges: `${BEARER}, ${INVALID}, ${DPOP}`,
  body: { error: 'invalid_token' },
}

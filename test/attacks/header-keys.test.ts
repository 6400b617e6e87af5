/** Keys and addresses that a token's header brings along, and key ids that mean something to somebody else. */
import { Buffer } from 'node:buffer'
import { createHmac, generateKeyPairSync, type KeyObject, sign } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { JwkSet, KeySource } from '../../src/jwt/jwk-set.js'
import { createJwtVerifier } from '../../src/jwt/verify-jwt.js'
import { readHouse } from '../house/house.js'
import { segment } from '../jwt/tokens.js'
import { onEveryAdapter } from './support/attack.js'
import { createSigner, type Signer } from './support/signer.js'
import { AUDIENCE, createTarget, ISSUER } from './support/target.js'

const target = await createTarget()
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const ours = publicKey.export({ format: 'jwk' })

const attackers = {
  ES256: createSigner('ES256', { ...target, now: target.clock.now }),
  RS256: createSigner('RS256', { ...target, now: target.clock.now }),
  HS256: createSigner('HS256', { ...target, now: target.clock.now }),
}

/** Everything that asks for an address of the attacker. */
const asked: (string | undefined)[] = []
let listener: Server
let address: string
beforeAll(async () => {
  listener = createServer((request, response) => {
    asked.push(request.url)
    response.end(JSON.stringify({ keys: [{ ...ours, kid: 'attacker', alg: 'RS256' }] }))
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  const { port } = listener.address() as AddressInfo // a TCP server that listens has one
  address = `http://127.0.0.1:${port}`
})
afterAll(() => void listener.close())

/** Raised claims under the attacker's own key. */
function signed(signer: Signer, header: object, key: KeyObject = privateKey): string {
  const payload = segment({ ...signer.claims(), sub: 'admin' })
  const input = `${segment({ ...signer.header, ...header })}.${payload}`
  return `${input}.${sign('sha256', Buffer.from(input), key).toString('base64url')}`
}

const FORGED = /^(signature_invalid|algorithm_not_allowed|key_unknown)$/

onEveryAdapter(target, (attack) => {
  test('jwks-inline: a key of one’s own in the header', async () => {
    await attack.refusesTokens((signer) => {
      const attacker = attackers[signer.algorithm]
      const inline = [
        { ...signer.header, jwk: attacker.jwk },
        { ...signer.header, kid: attacker.header.kid, jwk: attacker.jwk },
        { alg: signer.header.alg, typ: signer.header.typ, jwk: attacker.jwk },
        { ...attacker.header, jwks: { keys: [attacker.jwk] } },
      ]
      return [
        ...inline.map((header) => attacker.token({ header })),
        signed(signer, { alg: 'RS256', jwk: ours }),
      ]
    }, FORGED)
  })

  test('jwks-spoof-jku: an address of keys, which nobody asks', async () => {
    asked.length = 0
    await attack.refusesTokens((signer) => {
      const { port } = new URL(address)
      return [
        address,
        `${address}/.well-known/jwks.json`,
        `http://${signer.claims().iss.slice(8)}@127.0.0.1:${port}/jwks`,
        `${target.jwks.url}#${address}`,
        'file:///etc/passwd',
        'data:application/json,{}',
      ].flatMap((jku) => [
        signed(signer, { jku }),
        signed(signer, { jku, alg: 'RS256', kid: 'attacker' }),
        signed(signer, { iss: address, jku, kid: jku }),
      ])
    }, FORGED)
    expect(asked).toEqual([])
  })

  test('jwks-spoof-jku: an issuer of one’s own chooses no address either', async () => {
    asked.length = 0
    await attack.refusesTokens(
      (signer) => [
        signed(signer, { iss: address }),
        signer.token({ payload: { ...signer.claims(), iss: address } }),
      ],
      /^(signature_invalid|algorithm_not_allowed|issuer_mismatch)$/,
    )
    expect(asked).toEqual([])
  })

  test('x5u-x5c: a certificate of one’s own, or the address of one', async () => {
    asked.length = 0
    const certificate = publicKey.export({ type: 'spki', format: 'der' }).toString('base64')
    await attack.refusesTokens(
      (signer) =>
        [
          { x5c: [certificate] },
          { x5u: `${address}/x5u` },
          { x5u: `${address}/x5u`, x5c: [certificate], x5t: 'AAAA', 'x5t#S256': 'AAAA' },
        ].flatMap((header) => [
          signed(signer, header),
          signed(signer, { ...header, alg: 'RS256', kid: 'attacker' }),
          signed(signer, { ...header, alg: 'RS256', kid: undefined }),
        ]),
      FORGED,
    )
    expect(asked).toEqual([])
  })

  test('kid-traversal: a key id that is a path', async () => {
    const paths = [
      '../../../../../../dev/null',
      '/dev/null',
      'file:///dev/null',
      '/etc/passwd',
      '../package.json',
      '..\\..\\windows\\win.ini',
      '/proc/self/environ',
      `${address}/key`,
    ]
    asked.length = 0
    await attack.refusesTokens(
      (signer) => [
        ...paths.map((kid) => signed(signer, { kid })),
        ...paths.map((kid) => blankMac(signer, { alg: 'HS256', kid })),
        ...paths.map((kid) => signer.token({ header: { ...signer.header, kid } })),
      ],
      /^(key_unknown|algorithm_not_allowed)$/,
    )
    expect(asked).toEqual([])
  })

  test('kid-sql: a key id with a quote and a UNION', async () => {
    const queries = [
      "x' UNION SELECT 'AAAA'; --",
      "' OR '1'='1",
      'x"; DROP TABLE keys; --',
      '$(id)',
      '{{7*7}}',
      '#{7*7}',
      'a\r\nX-Injected: 1',
      '%00',
    ]
    await attack.refusesTokens(
      (signer) => [
        ...queries.map((kid) => blankMac(signer, { alg: 'HS256', kid })),
        ...queries.map((kid) => signer.token({ header: { ...signer.header, kid } })),
      ],
      /^(key_unknown|algorithm_not_allowed)$/,
    )
  })

  test('kid-proto: a key id that every object has as a member', async () => {
    const names = [
      '__proto__',
      'constructor',
      'toString',
      'hasOwnProperty',
      'valueOf',
      'size',
      'get',
    ]
    await attack.refusesTokens(
      (signer) => names.map((kid) => signer.token({ header: { ...signer.header, kid } })),
      'key_unknown',
    )
  })

  test('kid-proto: a key id that is no text, or no end of it', async () => {
    await attack.refusesTokens(
      (signer) =>
        [null, 0, 1, {}, [], [signer.header.kid], { toString: 'x' }, '', 'k'.repeat(257)].map(
          (kid) => signer.token({ header: { ...signer.header, kid } }),
        ),
      'token_malformed',
    )
  })
})

test('kid-traversal: no file can be opened, since nothing of the library looks at files', () => {
  for (const [path, text] of readHouse())
    expect(text, path).not.toMatch(/['"](node:)?fs(\/promises)?['"]/)
})

test('kid-sql: a key source never gets to see a key id, so it cannot build a query of it', async () => {
  const signer = createSigner('ES256', { ...target, now: target.clock.now })
  const arguments_: unknown[] = []
  const set: JwkSet = { keys: [signer.jwk] }
  const source: KeySource = {
    async current(...given) {
      arguments_.push(...given)
      return { kind: 'set', set }
    },
    async refreshed(...given) {
      arguments_.push(...given)
      return { kind: 'set', set }
    },
  }
  const verifier = createJwtVerifier({
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ['ES256'],
    keys: source,
  })
  const kid = "x' UNION SELECT"
  const token = signer.token({ header: { ...signer.header, kid } })
  expect(await verifier.verify(token, target.clock.now())).toMatchObject({ reason: 'key_unknown' })
  expect(JSON.stringify(arguments_)).not.toContain('UNION')
})

function blankMac(signer: Signer, header: object): string {
  const input = `${segment({ ...signer.header, ...header })}.${segment(signer.claims())}`
  return `${input}.${createHmac('sha256', '').update(input).digest('base64url')}`
}

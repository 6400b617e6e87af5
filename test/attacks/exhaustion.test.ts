/** Small requests that are to cost much: the work is refused before it is done. */
import { Buffer } from 'node:buffer'
import nodeCrypto, { createPublicKey } from 'node:crypto'
import zlib from 'node:zlib'
import { CompactEncrypt } from 'jose'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { parseCompact } from '../../src/jwt/compact.js'
import { segment } from '../jwt/tokens.js'
import { INVALID_REQUEST, INVALID_TOKEN, onEveryAdapter } from './support/attack.js'
import { createTarget } from './support/target.js'

const target = await createTarget()
const { es, cookie } = target.doors
const rsaKey = createPublicKey({ key: { ...target.doors.rs.signer.jwk }, format: 'jwk' })

/** Everything that derives a key, decrypts or inflates. */
let expensive: readonly { readonly mock: { readonly calls: readonly unknown[] } }[]
beforeEach(() => {
  const { subtle } = globalThis.crypto
  expensive = [
    vi.spyOn(subtle, 'deriveBits'),
    vi.spyOn(subtle, 'deriveKey'),
    vi.spyOn(subtle, 'decrypt'),
    vi.spyOn(subtle, 'unwrapKey'),
    vi.spyOn(nodeCrypto, 'pbkdf2'),
    vi.spyOn(nodeCrypto, 'pbkdf2Sync'),
    vi.spyOn(nodeCrypto, 'createDecipheriv'),
    vi.spyOn(nodeCrypto, 'privateDecrypt'),
    vi.spyOn(zlib, 'inflateRawSync'),
    vi.spyOn(zlib, 'createInflateRaw'),
    vi.spyOn(globalThis, 'DecompressionStream'),
  ]
})
afterEach(() => {
  vi.restoreAllMocks()
})
const expectNoWork = () => {
  for (const { mock } of expensive) expect(mock.calls).toEqual([])
}

onEveryAdapter(target, (attack) => {
  test('segment-flood: dots up to the limit of the server', async () => {
    for (const flood of [
      '.'.repeat(8_185),
      `eyJ${'.'.repeat(8_000)}`,
      'a.'.repeat(4_000),
      '..',
      '....',
      'eyJ..',
    ]) {
      await attack.isRefused(es, es.present(flood), { ...INVALID_TOKEN, reason: 'token_malformed' })
      await attack.isRefused(cookie, cookie.present(flood.slice(0, 8_000)), INVALID_TOKEN)
    }
    for (const length of [8_200, 15_000]) {
      await attack.isRefused(es, es.present('.'.repeat(length)), INVALID_REQUEST)
      await attack.isRefused(cookie, cookie.present('.'.repeat(length)), INVALID_REQUEST)
    }
    const answer = await attack.send({
      method: 'GET',
      path: es.path,
      fields: es.present('.'.repeat(60_000)),
    })
    expect([400, 431]).toContain(answer.status)
  })

  test('segment-flood: other floods of a field’s grammar', async () => {
    const floods = [
      `Bearer ${'='.repeat(8_000)}`,
      `Bearer a=${','.repeat(8_000)}`,
      `${'a'.repeat(8_000)}`,
      `Digest ${'a="b", '.repeat(1_100)}c="d"`,
      `Digest ${Array.from({ length: 800 }, (_, index) => `a${index}=b`).join(',')}`,
      `Digest a="${'\\a'.repeat(4_000)}"`,
      `Digest a="${'\\'.repeat(8_000)}`,
      ','.repeat(8_000),
      'Bearer, '.repeat(1_000),
    ]
    for (const value of floods) {
      const answer = await attack.send({
        method: 'GET',
        path: es.path,
        fields: [['Authorization', value]],
      })
      expect([400, 401]).toContain(answer.status)
    }
    const path = `${es.path}?${'a=b&'.repeat(3_500)}`
    await attack.isRefused(es, [], { status: 401, error: null }, { path })
    const cookies = [
      ['Cookie', '; '.repeat(4_000)],
      ['Cookie', 'a=b; '.repeat(1_500)],
    ] as const
    for (const fields of cookies)
      await attack.isRefused(cookie, [fields], { status: 401, error: null })
  })

  test('p2c-bomb: a token encrypted under a password, with two thousand million rounds, derives nothing', async () => {
    const bombs = [2 ** 31 - 1, 2 ** 31, 2 ** 53 - 1, 1e300, -1].map((p2c) => {
      const header = { alg: 'PBES2-HS512+A256KW', enc: 'A256GCM', p2c, p2s: 'AAAAAAAAAAAAAAAA' }
      const encrypted = `${'A'.repeat(54)}.AAAAAAAAAAAAAAAA.AAAA.AAAAAAAAAAAAAAAAAAAAAA`
      return [
        `${segment(header)}.${encrypted}`,
        `${segment({ ...es.signer.header, ...header })}.${encrypted}`,
      ]
    })
    await attack.refusesTokens(() => bombs.flat(), 'token_malformed')
    // In the shape of a signed token.
    await attack.refusesTokens(
      (signer) => [
        signer.token({
          header: { ...signer.header, alg: 'PBES2-HS512+A256KW', p2c: 2 ** 31, p2s: 'AAAA' },
        }),
      ],
      'algorithm_not_allowed',
    )
    expectNoWork()
  })

  test('zip-bomb: an encrypted token that inflates to 250 times its size is not inflated', async () => {
    const zeros = zlib.deflateRawSync(Buffer.alloc(1_000_000))
    expect(zeros.length * 250).toBeLessThan(1_000_000)
    const bomb = await new CompactEncrypt(zeros)
      .setProtectedHeader({ alg: 'RSA-OAEP-256', enc: 'A256GCM', typ: 'at+jwt' })
      .encrypt(rsaKey)
    const [, ...rest] = bomb.split('.')
    const header = segment({ alg: 'RSA-OAEP-256', enc: 'A256GCM', zip: 'DEF', typ: 'at+jwt' })
    await attack.refusesTokens(
      (signer) => [
        [header, ...rest].join('.'),
        signer.token({ header: { ...signer.header, zip: 'DEF' }, payload: zeros }),
        signer.token({ header: { ...signer.header, zip: 'DEF' } }),
        signer.token({ header: { ...signer.header, zip: 'GZIP', enc: 'A256GCM' } }),
      ],
      'token_malformed',
    )
    expectNoWork()
  })

  test('deep-json: a payload or header that nests deeper than anyone reads', async () => {
    const nested = (open: string, close: string, depth: number) =>
      open.repeat(depth) + close.repeat(depth)
    await attack.refusesTokens(
      (signer) => [
        signer.token({ payload: nested('[', ']', 2_700) }),
        signer.token({ payload: nested('{"a":', '}', 900).replace(':}', ':1}') }),
        signer.token({
          payload: { ...signer.claims(), deep: JSON.parse(nested('[', ']', 2_000)) },
        }),
        signer.token({ payload: { ...signer.claims(), deep: JSON.parse(nested('[', ']', 17)) } }),
        signer.token({ payload: '['.repeat(5_000) }),
        signer.token({ header: nested('[', ']', 2_500) }),
        signer.token({ header: { ...signer.header, deep: JSON.parse(nested('[', ']', 2_000)) } }),
      ],
      'token_malformed',
    )
    for (const door of target.jwtDoors) {
      const token = door.signer.token({ payload: nested('[', ']', 10_000) })
      const answer = await attack.send({
        method: 'GET',
        path: door.path,
        fields: door.present(token),
      })
      // Ten thousand deep is more than a field may be long.
      expect([400, 431]).toContain(answer.status)
    }
  })
})

test('segment-flood: a thousand floods together cost less than a second of the processor', () => {
  const floods = [
    '.'.repeat(8_192),
    'a.'.repeat(4_096),
    `${'a'.repeat(8_190)}..`,
    '.'.repeat(1_000_000),
  ]
  const before = process.cpuUsage()
  for (let times = 0; times < 1_000; times++) for (const flood of floods) parseCompact(flood)
  const { user, system } = process.cpuUsage(before)
  expect(user + system).toBeLessThan(1_000_000)
})

test('deep-json: ten thousand levels end without an overflow', () => {
  for (const [open, close] of [
    ['[', ']'],
    ['{"a":', '}'],
  ] as const) {
    const deep = segment(open.repeat(2_000) + close.repeat(2_000))
    expect(parseCompact(`${deep}.${deep}.AAAA`)).toMatchObject({ ok: false })
  }
  expect(parseCompact(`${segment('['.repeat(10_000))}.e30.AAAA`)).toMatchObject({ ok: false })
})

/** Rightly signed tokens whose text, JSON or header can be read in more than one way. */
import { Buffer } from 'node:buffer'
import { test } from 'vitest'
import { segment } from '../jwt/tokens.js'
import {
  type HostileToken,
  INVALID_REQUEST,
  INVALID_TOKEN,
  onEveryAdapter,
} from './support/attack.js'
import type { Signer } from './support/signer.js'
import { createTarget } from './support/target.js'

const target = await createTarget()

/** A rightly signed token whose claims are this text, in which `$NOW` and `$LATER` are times. */
function saying(signer: Signer, members: string): string {
  const { iss, aud, sub, client_id, jti, iat, exp } = signer.claims()
  const good = JSON.stringify({ iss, aud, sub, client_id, jti, iat, exp }).slice(1, -1)
  return signer.token({ payload: members.replace('$GOOD', good) })
}

const headed = (signer: Signer, members: string): string =>
  signer.token({ header: members.replace('$GOOD', JSON.stringify(signer.header).slice(1, -1)) })

onEveryAdapter(target, (attack) => {
  test('crit: an extension that must be understood, or a list that says nothing', async () => {
    const lists = [
      ['exp'],
      ['urn:example:unknown'],
      [],
      '',
      'alg',
      ['alg'],
      ['typ', 'kid'],
      ['crit'],
      { 0: 'exp' },
      null,
      1,
      [1],
      ['b64'],
      ['b64', 'b64'],
    ]
    await attack.refusesTokens(
      (signer) =>
        lists.map((crit) =>
          signer.token({ header: { ...signer.header, exp: 1, 'urn:example:unknown': 1, crit } }),
        ),
      'critical_header',
    )
  })

  test('b64: a payload that says it is not encoded, with and without crit', async () => {
    await attack.refusesTokens(
      (signer) =>
        [
          { b64: false },
          { b64: true },
          { b64: null },
          { b64: 'false' },
          { b64: false, crit: ['b64'] },
          { b64: true, crit: ['b64'] },
        ].map((more) => signer.token({ header: { ...signer.header, ...more } })),
      'critical_header',
    )
    // As RFC 7797 would spell it, the payload as it is.
    await attack.refusesTokens((signer) => {
      const header = segment({ ...signer.header, b64: false, crit: ['b64'] })
      const payload = segment(signer.claims())
      return [
        `${header}.${payload}.${signer.signature(`${header}.${JSON.stringify(signer.claims())}`)}`,
      ]
    }, 'critical_header')
  })

  test('dup-members: one name twice, plainly or escaped, in header and claims', async () => {
    await attack.refusesTokens(
      (signer) => [
        saying(signer, '{$GOOD,"sub":"admin"}'),
        saying(signer, '{"sub":"admin",$GOOD}'),
        saying(signer, '{$GOOD,"s\\u0075b":"admin"}'),
        saying(signer, '{$GOOD,"\\u0073\\u0075\\u0062":"admin"}'),
        saying(signer, '{$GOOD,"a":{"b":1,"b":2}}'),
        saying(signer, '{$GOOD,"a":[{"b":1,"\\u0062":1}]}'),
        saying(signer, '{$GOOD,"__proto__":{},"__proto__":{"sub":"admin"}}'),
        headed(signer, '{$GOOD,"alg":"none"}'),
        headed(signer, '{"alg":"none",$GOOD}'),
        headed(signer, '{$GOOD,"\\u0061lg":"HS256"}'),
        headed(signer, '{$GOOD,"kid":"other"}'),
        headed(signer, '{$GOOD,"typ":"JWT","t\\u0079p":"JWT"}'),
      ],
      'token_malformed',
    )
  })

  test('numeric-date: a time that is no number, or no finite one', async () => {
    const wrong = [
      '"1893456000"',
      'true',
      'false',
      'null',
      '[1893456000]',
      '{}',
      '-1',
      '""',
      '1e300',
      '9007199254740993',
    ]
    const noJson = [
      '1e400',
      '-1e400',
      'NaN',
      'Infinity',
      '0x7fffffff',
      '01893456000',
      '1893456000.',
      '+1893456000',
      '.5',
    ]
    await attack.refusesTokens((signer) => {
      const { iss, aud, sub, client_id, jti, iat, exp } = signer.claims()
      const dated = (name: string, text: string) =>
        saying(
          signer,
          JSON.stringify({ iss, aud, sub, client_id, jti, iat, exp, [name]: 'TIME' }).replace(
            '"TIME"',
            text,
          ),
        )
      return ['exp', 'iat', 'nbf'].flatMap((name): HostileToken[] => [
        ...wrong.map((text): HostileToken => [dated(name, text), 'claim_malformed']),
        ...noJson.map((text): HostileToken => [dated(name, text), 'token_malformed']),
      ])
    })
    await attack.refusesTokens(
      (signer) => [signer.token({ payload: { ...signer.claims(), exp: 0 } })],
      'token_expired',
    )
  })

  test('base64-shape: another spelling of the same bytes, which is within the grammar of the field', async () => {
    await attack.refusesTokens((signer) => {
      const token = signer.token()
      const [header = '', payload = '', signature = ''] = token.split('.')
      return [
        `${token}=`,
        `${token}==`,
        `${token}.`,
        `${token}~`,
        `.${token}`,
        ...unusedBits(header).map((other) => `${other}.${payload}.${signature}`),
        ...unusedBits(payload).map((other) => `${header}.${other}.${signature}`),
        ...unusedBits(signature).map((other) => `${header}.${payload}.${other}`),
        ...standard(signer),
      ]
    }, 'token_malformed')
  })

  test('base64-shape: spaces, padding and line ends inside, which are outside the grammar of the field', async () => {
    for (const door of target.jwtDoors) {
      const token = door.signer.token()
      const [header, payload, signature = ''] = token.split('.')
      const inAuthorization = door.scheme === 'Bearer'
      for (const text of [
        `${header}. ${payload}.${signature}`,
        `${header}.${payload}.${signature.slice(0, 9)} ${signature.slice(9)}`,
        `${header}.${payload}.${signature.slice(0, 9)}\t${signature.slice(9)}`,
        `${token}\t.`,
        `${token}\u00a0`,
        `"${token}"`,
        `${token}"`,
        `${token}\\n`,
        `${token},`,
      ]) {
        await attack.isRefused(door, door.present(text), INVALID_REQUEST)
      }
      const padded = `${header}=.${payload}=.${signature}`
      await attack.isRefused(
        door,
        door.present(padded),
        inAuthorization ? INVALID_REQUEST : INVALID_TOKEN,
      )
    }
  })

  test('base64-shape: bytes that are no UTF-8, or begin with a mark', async () => {
    await attack.refusesTokens((signer) => {
      const claims = Buffer.from(JSON.stringify(signer.claims()))
      const header = Buffer.from(JSON.stringify(signer.header))
      const marks = [
        Buffer.from([0xef, 0xbb, 0xbf]),
        Buffer.from([0xff, 0xfe]),
        Buffer.from([0x00]),
        Buffer.from([0x0b]),
      ]
      const within = (bytes: number[]) =>
        Buffer.concat([
          claims.subarray(0, -1),
          Buffer.from(',"x":"'),
          Buffer.from(bytes),
          Buffer.from('"}'),
        ])
      return [
        ...marks.map((mark) => signer.token({ payload: Buffer.concat([mark, claims]) })),
        ...marks.map((mark) => signer.token({ header: Buffer.concat([mark, header]) })),
        ...[[0xff], [0xc0, 0x80], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80], [0xe2, 0x82]].map(
          (bytes) => signer.token({ payload: within(bytes) }),
        ),
        signer.token({ payload: Buffer.from(claims.toString(), 'utf16le') }),
        signer.token({ payload: '[]' }),
        signer.token({ payload: '"text"' }),
        signer.token({ payload: 'null' }),
        signer.token({ payload: '' }),
      ]
    }, 'token_malformed')
  })
})

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** The texts that a lenient decoder reads the same bytes from: other last characters, where bits are left over. */
function unusedBits(text: string): string[] {
  const free = [0, 0, 16, 4][text.length % 4] ?? 0
  const last = ALPHABET.indexOf(text.at(-1) ?? 'A')
  return Array.from({ length: Math.max(0, Math.min(3, free - 1)) }, (_, index) => {
    return text.slice(0, -1) + ALPHABET[last + index + 1]
  })
}

/** A token that spells `-` or `_` as standard base64 does. */
function standard(signer: Signer): string[] {
  for (;;) {
    const token = signer.token({ payload: { ...signer.claims(), x: '\u00ff\u00fe\u00bf???>>>' } })
    if (/[-_]/.test(token)) return [token.replaceAll('-', '+').replaceAll('_', '/')]
  }
}

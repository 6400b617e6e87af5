import { Buffer } from 'node:buffer'
import { AUDIENCE, ISSUER, NOW } from '../../jwt/tokens.js'
import type { Party } from './party.js'
import type { Random } from './random.js'

/** A header or a payload as JSON text, one member after the other, so that a name can stand there twice. */
type Members = [name: string, value: string][]

/** A token whose header and claims were changed and which was then signed, rightly. */
export function signedMutant(party: Party, random: Random): string {
  const [header, claims] = [membersOf(party.header), membersOf(party.claims)]
  for (let edits = 1 + random.below(3); edits > 0; edits--) {
    if (random.oneIn(3)) edit(header, HEADER_NAMES, HEADER_VALUES, random)
    else edit(claims, CLAIM_NAMES, CLAIM_VALUES, random)
  }
  const [first, second] = [bytesOf(header, random), bytesOf(claims, random)]
  return party.signed(`${encoded(first, random)}.${encoded(second, random)}`)
}

const HEADER_NAMES: readonly [string, ...string[]] = [
  ...([
    'alg',
    'typ',
    'kid',
    'crit',
    'b64',
    'zip',
    'enc',
    'cty',
    'jku',
    'jwk',
    'x5u',
    'x5c',
  ] as const),
  ...(['x5t', 'iss', 'exp', 'ALG', 'Typ', '__proto__', 'constructor', 'x', ''] as const),
]

const CLAIM_NAMES: readonly [string, ...string[]] = [
  ...([
    'iss',
    'aud',
    'exp',
    'nbf',
    'iat',
    'sub',
    'jti',
    'client_id',
    'scope',
    'cnf',
    'acr',
    'amr',
  ] as const),
  ...(['auth_time', 'EXP', 'Iss', '__proto__', 'constructor', 'toJSON', 'x', ''] as const),
]

const ANY: readonly [string, ...string[]] = [
  ...([
    'null',
    'true',
    'false',
    '0',
    '-0',
    '-1',
    '1e3',
    '1e400',
    '-1e400',
    '1e-400',
    '""',
    '" "',
  ] as const),
  ...([
    '[]',
    '{}',
    '[[]]',
    '[null]',
    '{"a":1,"a":2}',
    '"\\u0000"',
    '"\\ud800"',
    '"é"',
    '01',
    '+1',
  ] as const),
  ...([
    'NaN',
    'undefined',
    "'x'",
    '',
    '1.',
    '.5',
    '0x1',
    '[1,]',
    '{"a"}',
    '"\\x"',
    '"\t"',
    '9007199254740993',
  ] as const),
]

const HEADER_VALUES: readonly [string, ...string[]] = [
  ...ANY,
  ...([
    '"none"',
    '"HS256"',
    '"HS384"',
    '"RS256"',
    '"ES256"',
    '"EdDSA"',
    '"Ed25519"',
    '"hs256"',
  ] as const),
  ...([
    '"at+jwt"',
    '"AT+JWT"',
    '"application/at+jwt"',
    '"JWT"',
    '"dpop+jwt"',
    '"at+jwt "',
    '"at\\u002bjwt"',
  ] as const),
  ...(['"k1"', '"k2"', '"\\u006b1"', '["b64"]', '["exp"]', '["x"]', '"DEF"', '"A128GCM"'] as const),
  ...(['"https://evil.example.net/"', '{"kty":"oct","k":"AAAA"}'] as const),
]

const CLAIM_VALUES: readonly [string, ...string[]] = [
  ...ANY,
  ...times(),
  ...[ISSUER, AUDIENCE, `${ISSUER}/`, `${AUDIENCE}/`, ISSUER.toUpperCase(), 'alice', '*'].flatMap(
    (text) => [JSON.stringify(text), JSON.stringify([text]), JSON.stringify([text, 'b'])],
  ),
  JSON.stringify([[AUDIENCE]]),
  JSON.stringify({ 0: AUDIENCE }),
  JSON.stringify([AUDIENCE, 1]),
]

/** Both sides of each bound, in the spellings that numbers have. */
function times(): readonly string[] {
  const around = [
    -3_600, -61, -60, -6, -5, -4, -1, 0, 1, 4, 5, 6, 60, 61, 3_600, 3_601, 315_360_000,
  ]
  return around.flatMap((offset) => {
    const time = NOW + offset
    return [
      `${time}`,
      `${time}.0`,
      `${time}.999999`,
      `${time}e0`,
      `${time / 1e9}e9`,
      `"${time}"`,
      `[${time}]`,
    ]
  })
}

function membersOf(object: Readonly<Record<string, unknown>>): Members {
  return Object.entries(object).map(([name, value]) => [
    JSON.stringify(name),
    JSON.stringify(value),
  ])
}

function edit(
  members: Members,
  names: readonly [string, ...string[]],
  values: readonly [string, ...string[]],
  random: Random,
): void {
  const place = random.below(members.length)
  const member = members[place]
  if (member === undefined) return
  const [name, value] = member
  const edits: readonly [() => unknown, ...(() => unknown)[]] = [
    () => members.splice(place, 1),
    () => members.splice(place, 1, [name, random.pick(values)]),
    () => members.splice(place, 1, [name, random.pick(values)]),
    () => members.splice(place, 1, [respelt(name), value]),
    () => members.splice(place, 1, [name.toUpperCase(), value]),
    () => members.push([JSON.stringify(random.pick(names)), random.pick(values)]),
    () => members.unshift([JSON.stringify(random.pick(names)), random.pick(values)]),
    () => members.push([random.oneIn(2) ? name : respelt(name), random.pick([value, ...values])]),
    () => members.reverse(),
  ]
  random.pick(edits)()
}

/** The same name with its first letter as an escape. */
function respelt(name: string): string {
  return name.length < 3
    ? name
    : `"\\u${name.charCodeAt(1).toString(16).padStart(4, '0')}${name.slice(2)}`
}

function bytesOf(members: Members, random: Random): Uint8Array {
  const text = `{${members.map(([name, value]) => `${name}:${value}`).join(',')}}`
  if (!random.oneIn(6)) return Buffer.from(text)
  const bytes = Buffer.from(text)
  const place = random.below(bytes.length)
  const inserted = (...more: number[]) =>
    Buffer.concat([bytes.subarray(0, place), Buffer.from(more), bytes.subarray(place)])
  return random.pick<() => Uint8Array>([
    () => inserted(random.below(256)),
    () => inserted(random.pick([0x20, 0x09, 0x0a, 0x0d, 0x0c, 0x00, 0x2c, 0x22, 0x5c, 0x7d])),
    () => inserted(0xef, 0xbb, 0xbf),
    () =>
      inserted(
        ...random.pick([[0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xff], [0xe2, 0x82], [0xc2, 0xa0]]),
      ),
    () => Buffer.concat([bytes.subarray(0, place), bytes.subarray(place + 1)]),
    () => Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), bytes]),
    () =>
      Buffer.concat([
        bytes,
        random.pick([Buffer.from(' '), Buffer.from('\u0000'), bytes, Buffer.from(',')]),
      ]),
    () => Buffer.from(text.replaceAll(',', ' ,\n')),
    () => Buffer.from(text, 'utf16le'),
    () => Buffer.from(`[${text}]`),
    () => Buffer.from(JSON.stringify(text)),
  ])()
}

/** Base64url, and now and then another spelling of it, which is signed as it stands. */
function encoded(bytes: Uint8Array, random: Random): string {
  const text = Buffer.from(bytes).toString('base64url')
  if (!random.oneIn(20)) return text
  return random.pick([
    `${text}=`,
    `${text}==`,
    `${text} `,
    ` ${text}`,
    `${text.slice(0, 4)}\n${text.slice(4)}`,
    Buffer.from(bytes).toString('base64'),
    text.replace(/.$/, (last) => String.fromCharCode(last.charCodeAt(0) + 1)),
    '',
  ])
}

import { Buffer } from 'node:buffer'
import { CLAIMS, HEADER, mac, macToken, segment } from '../../jwt/tokens.js'
import { type HostileToken, rightlySigned, withMembers } from './hostile-token.js'

/** Good tokens in another spelling, and JSON that two readers would read differently. All rightly signed. */
export function hostileTexts(): readonly HostileToken[] {
  return [...spellings(), ...documents(), ...signatures()]
}

const GOOD = rightlySigned()
const [FIRST = '', SECOND = '', THIRD = ''] = GOOD.split('.')

/** A header, then a payload, whose last base64url character has bits to spare: another last character, same bytes. */
function withTrailingBits(position: 0 | 1 | 2): string {
  // Claims and header are padded until their length leaves a rest; a MAC of 32 bytes always does.
  for (let padding = 0; ; padding++) {
    const fill = 'x'.repeat(padding)
    const token = rightlySigned({ header: { fill }, claims: { fill } })
    const segments = token.split('.')
    const text = segments[position] ?? ''
    if (text.length % 4 === 0) continue
    segments[position] = text.slice(0, -1) + nextLetter(text.at(-1) ?? '')
    const input = segments.slice(0, 2).join('.')
    // The MAC is over the text as it is spelt, so that the signature is right.
    return position === 2 ? segments.join('.') : `${input}.${mac(input)}`
  }
}

function nextLetter(letter: string): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
  return alphabet[alphabet.indexOf(letter) + 1] ?? ''
}

/** A token of which each segment is given another spelling before it is signed. */
function respelt(respell: (segment: string) => string): string {
  const input = `${respell(FIRST)}.${respell(SECOND)}`
  return `${input}.${mac(input)}`
}

function spellings(): readonly HostileToken[] {
  const texts: readonly (readonly [string, string])[] = [
    ...([0, 1, 2] as const).map((position): [string, string] => [
      `with other spare bits in segment ${position + 1}`,
      withTrailingBits(position),
    ]),
    ['with padding in the signature', `${GOOD}=`],
    ['with much padding in the signature', `${GOOD}====`],
    ['with padding before it was signed', respelt((text) => `${text}=`)],
    [
      'with padding to a multiple of four',
      respelt((text) => text.padEnd(Math.ceil(text.length / 4) * 4 + 4, '=')),
    ],
    ['with a space before', ` ${GOOD}`],
    ['with a space behind', `${GOOD} `],
    ['with a tab behind', `${GOOD}\t`],
    ['with a line feed behind', `${GOOD}\n`],
    ['with a carriage return and a line feed behind', `${GOOD}\r\n`],
    ['with a NUL behind', `${GOOD}\u0000`],
    ['with a space in the signature', `${FIRST}.${SECOND}.${THIRD.slice(0, 9)} ${THIRD.slice(9)}`],
    [
      'with a space in the payload before it was signed',
      respelt((text) => `${text.slice(0, 8)} ${text.slice(8)}`),
    ],
    ['with spaces around the dots', `${FIRST} . ${SECOND} . ${THIRD}`],
    [
      'with a line feed in the signature',
      `${FIRST}.${SECOND}.${THIRD.slice(0, 9)}\n${THIRD.slice(9)}`,
    ],
    ['with a question mark in the signature', `${FIRST}.${SECOND}.?${THIRD}`],
    [
      'with a zero-width space in the signature',
      `${FIRST}.${SECOND}.${THIRD.slice(0, 9)}\u200b${THIRD.slice(9)}`,
    ],
    ['with a soft hyphen behind', `${GOOD}\u00ad`],
    ['with a byte order mark before', `\ufeff${GOOD}`],
    ['with a percent-encoded dot', `${FIRST}.${SECOND}%2E${THIRD}`],
    ['with fullwidth dots', `${FIRST}\uff0e${SECOND}\uff0e${THIRD}`],
    ['with fullwidth letters', respelt((text) => `\uff45${text.slice(1)}`)],
    ['in the alphabet of plain base64', respelt(() => '+/+/')],
    ['with a fourth segment', `${GOOD}.${THIRD}`],
    ['with an empty fourth segment', `${GOOD}.`],
    ['with an empty first segment', `.${GOOD}`],
    ['with two dots in a row', `${FIRST}..${SECOND}.${THIRD}`],
    ['with five segments, as an encrypted token has them', `${GOOD}.${THIRD}.${THIRD}`],
    ['without a signature', `${FIRST}.${SECOND}`],
    ['with an empty signature', `${FIRST}.${SECOND}.`],
    ['with an empty payload', `${FIRST}..${mac(`${FIRST}.`)}`],
    ['with an empty header', `.${SECOND}.${mac(`.${SECOND}`)}`],
    ['of dots alone', '..'],
    ['in quotes', `"${GOOD}"`],
    ['as JSON, flattened', JSON.stringify({ protected: FIRST, payload: SECOND, signature: THIRD })],
    [
      'as JSON, general',
      JSON.stringify({ payload: SECOND, signatures: [{ protected: FIRST, signature: THIRD }] }),
    ],
    ['as JSON that is read as a compact token too', `{"a":"${FIRST}.${SECOND}.${THIRD}"}`],
    ['twice, joined by a comma', `${GOOD},${GOOD}`],
  ]
  return [
    ...texts.map(([name, token]): HostileToken => ({ name, token, reason: 'token_malformed' })),
    {
      name: 'one character too long',
      token: tokenOfLength(8_193),
      reason: 'token_too_large',
    },
  ]
}

/** A rightly signed token of exactly so many characters. */
export function tokenOfLength(length: number): string {
  for (let fill = Math.floor((length - 400) * 0.75); ; fill++) {
    for (const inHeader of ['', 'x', 'xx', 'xxx']) {
      const token = rightlySigned({ header: { x: inHeader }, claims: { fill: 'x'.repeat(fill) } })
      if (token.length === length) return token
    }
  }
}

function documents(): readonly HostileToken[] {
  const claims = JSON.stringify(CLAIMS)
  const header = JSON.stringify(HEADER)
  const bytes = (text: string, ...more: number[]) =>
    Buffer.concat([Buffer.from(text), Buffer.from(more)])
  const payloads: readonly (readonly [string, string | Uint8Array])[] = [
    ['a byte order mark', `\ufeff${claims}`],
    ['a byte that is not UTF-8', bytes(withMembers(CLAIMS, '"x":"'), 0xff, 0x22, 0x7d)],
    ['an overlong letter', bytes(withMembers(CLAIMS, '"x":"'), 0xc1, 0xa1, 0x22, 0x7d)],
    ['half a character', bytes(withMembers(CLAIMS, '"x":"'), 0xe2, 0x82, 0x22, 0x7d)],
    ['UTF-16', Buffer.from(claims, 'utf16le')],
    ...Object.entries(CLAIMS).flatMap(([name, value]): [string, string][] => [
      [`${name} twice`, withMembers(CLAIMS, `${JSON.stringify(name)}:${JSON.stringify(value)}`)],
      [
        `${name} twice, once escaped`,
        withMembers(CLAIMS, `"${escaped(name)}":${JSON.stringify(value)}`),
      ],
      [`${name} twice, the wrong one first`, `{"${name}":null,${claims.slice(1)}`],
    ]),
    ['a name twice further down', withMembers(CLAIMS, '"x":{"a":1,"b":[{"a":1,"a":2}]}')],
    ['__proto__ twice', withMembers(CLAIMS, '"__proto__":1,"__proto__":2')],
    ['an infinite number', withMembers(CLAIMS, '"x":1e400')],
    [
      'an expiry that reads as infinite',
      `${claims.slice(0, -1).replace(/"exp":\d+/, '"exp":1e400')}}`,
    ],
    ['NaN', withMembers(CLAIMS, '"x":NaN')],
    ['Infinity', withMembers(CLAIMS, '"x":Infinity')],
    ['a hexadecimal number', withMembers(CLAIMS, '"x":0x10')],
    ['a leading zero', withMembers(CLAIMS, '"x":01')],
    ['a plus sign', withMembers(CLAIMS, '"x":+1')],
    ['a trailing comma', `${claims.slice(0, -1)},}`],
    ['a comment', `${claims}/* */`],
    ['single quotes', claims.replaceAll('"', "'")],
    ['names without quotes', claims.replaceAll(/"(\w+)":/g, '$1:')],
    ['something behind it', `${claims}x`],
    ['a NUL behind it', `${claims}\u0000`],
    ['itself behind it', claims + claims],
    ['its end missing', claims.slice(0, -1)],
    ['a line feed in a string', withMembers(CLAIMS, '"x":"\n"')],
    ['an escape that there is not', withMembers(CLAIMS, '"x":"\\x41"')],
    ['a form feed between', `\f${claims}`],
    ['too much depth', withMembers(CLAIMS, `"x":${'['.repeat(16)}${']'.repeat(16)}`)],
    ['no object but a list', '[]'],
    ['no object but text', JSON.stringify(claims)],
    ['no object but a number', '1'],
    ['no object but null', 'null'],
    ['nothing but white space', '  '],
    ['another token in it', GOOD],
  ]
  const headers: readonly (readonly [string, string | Uint8Array])[] = [
    ['a byte order mark', `\ufeff${header}`],
    ['a byte that is not UTF-8', bytes(withMembers(HEADER, '"x":"'), 0xff, 0x22, 0x7d)],
    ...['alg', 'typ', 'kid'].flatMap((name): [string, string][] => [
      [`${name} twice`, `{"${name}":"x","${name}":"x","alg":"HS256","typ":"at+jwt"}`],
      [`${name} twice, once escaped`, `{"${escaped(name)}":"x","${name}":"x"}`],
    ]),
    ['alg none first', `{"alg":"none",${header.slice(1)}`],
    ['alg none last', withMembers(HEADER, '"alg":"none"')],
    ['crit twice', withMembers(HEADER, '"crit":[],"crit":[]')],
    ['an infinite number', withMembers(HEADER, '"x":-1e999')],
    ['a trailing comma', `${header.slice(0, -1)},}`],
    ['something behind it', `${header}${header}`],
    ['too much depth', withMembers(HEADER, `"x":${'['.repeat(16)}${']'.repeat(16)}`)],
    ['no object but a list', `[${header}]`],
    ['no object but text', JSON.stringify(header)],
    ['no object but null', 'null'],
  ]
  return [
    ...payloads.map(
      ([name, payload]): HostileToken => ({
        name: `whose claims have ${name}`,
        token: macToken({ payload }),
        reason: 'token_malformed',
      }),
    ),
    ...headers.map(
      ([name, text]): HostileToken => ({
        name: `whose header has ${name}`,
        token: macToken({ header: text }),
        reason: 'token_malformed',
      }),
    ),
  ]
}

/** A member's name with its first letter as an escape: the same name to every reader of JSON. */
function escaped(name: string): string {
  return `\\u00${name.charCodeAt(0).toString(16)}${name.slice(1)}`
}

/** The few that do not carry the right MAC: it is right for something near. */
function signatures(): readonly HostileToken[] {
  const input = `${FIRST}.${SECOND}`
  const right = Buffer.from(THIRD, 'base64url')
  const secrets: readonly (readonly [string, string])[] = [
    ['no secret', ''],
    ['a weak secret', 'secret'],
    ['the word undefined', 'undefined'],
    ['the word null', 'null'],
    ['our secret in base64url', Buffer.alloc(64, 'sallyport').toString('base64url')],
    ['our secret in hexadecimal', Buffer.alloc(64, 'sallyport').toString('hex')],
    ['half our secret', Buffer.alloc(32, 'sallyport').toString()],
    ['the id of our key', 'k1'],
  ]
  const macs: readonly (readonly [string, string])[] = [
    ['the payload alone', mac(SECOND)],
    ['header and payload without the dot', mac(FIRST + SECOND)],
    ['a dot more', mac(`${input}.`)],
    ['header and payload swapped', mac(`${SECOND}.${FIRST}`)],
    ['the decoded payload', mac(`${FIRST}.${JSON.stringify(CLAIMS)}`)],
    ['another header', mac(`${segment({ alg: 'HS256' })}.${SECOND}`)],
    ['other claims', mac(`${FIRST}.${segment({ ...CLAIMS, sub: 'bob' })}`)],
    ['the same, with a longer hash', mac(input, undefined, 'sha512')],
    ['the same, in hexadecimal', segment(right.toString('hex'))],
  ]
  const bytes: readonly (readonly [string, Uint8Array])[] = [
    ['cut to half', right.subarray(0, 16)],
    ['cut to one byte', right.subarray(0, 1)],
    ['cut by one byte', right.subarray(0, 31)],
    ['with one byte more', Buffer.concat([right, Buffer.from([0])])],
    ['twice', Buffer.concat([right, right])],
    ['in reverse', Buffer.from(right).reverse()],
    ['of zeros', Buffer.alloc(32)],
    ['of one zero', Buffer.alloc(1)],
    ['with its first bit flipped', flipped(right, 0, 0x80)],
    ['with its last bit flipped', flipped(right, 31, 0x01)],
  ]
  return [
    ...secrets.map(([name, secret]): [string, string] => [
      `with a MAC made with ${name}`,
      mac(input, secret),
    ]),
    ...macs.map(([name, text]): [string, string] => [`with a MAC over ${name}`, text]),
    ...bytes.map(([name, signature]): [string, string] => [
      `with its MAC ${name}`,
      segment(signature),
    ]),
  ].map(
    ([name, signature]): HostileToken => ({
      name,
      token: `${input}.${signature}`,
      reason: 'signature_invalid',
    }),
  )
}

function flipped(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  const other = Buffer.from(bytes)
  other[at] = (other[at] ?? 0) ^ bit
  return other
}

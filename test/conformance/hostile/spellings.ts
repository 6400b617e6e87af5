import { mac } from '../../jwt/tokens.js'
import { type HostileToken, rightlySigned } from './hostile-token.js'

const GOOD = rightlySigned()
const [FIRST = '', SECOND = '', THIRD = ''] = GOOD.split('.')

/** Good tokens in another spelling, most of them rightly signed as they are spelt. */
export function hostileSpellings(): readonly HostileToken[] {
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

/** A token with another last character in one segment that spells the same bytes. */
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

import { Buffer } from 'node:buffer'
import { curveOrder } from '../../../src/jwt/curve-points.js'
import type { Random } from './random.js'

/** A change of a token's text that knows nothing of keys. Most results are not signed any more. */
export type TextMutation = (text: string, random: Random, other: string) => string

const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'

/** Characters that some decoder or some parser passes over, folds, or takes for others. */
const ODD: readonly [string, ...string[]] = [
  ...([' ', '\t', '\n', '\r', '\r\n', '\u0000', '\u000b', '\f', '\u0085', '\u00a0'] as const),
  ...([
    '=',
    '==',
    '+',
    '/',
    '~',
    '.',
    ',',
    ':',
    ';',
    '"',
    "'",
    '%',
    '%2E',
    '%3D',
    '?',
    '#',
  ] as const),
  ...([
    '\u200b',
    '\ufeff',
    '\u00ad',
    '\u2028',
    '\uff0e',
    '\uff21',
    '\u0430',
    '\u212a',
    '\u017f',
  ] as const),
  ...(['é', '\ud800', '\udc00', '😀', '{', '}', '(', '\\', '*', '|', '&'] as const),
]

export const TEXT_MUTATIONS: Readonly<Record<string, TextMutation>> = {
  'another letter': (text, random) => spliced(text, random, 1, letter(random)),
  'a letter more': (text, random) => spliced(text, random, 0, letter(random)),
  'a letter less': (text, random) => spliced(text, random, 1, ''),
  'an odd character': (text, random) => spliced(text, random, 0, random.pick(ODD)),
  'an odd character instead': (text, random) => spliced(text, random, 1, random.pick(ODD)),
  'an odd character at an end': (text, random) =>
    random.oneIn(2) ? random.pick(ODD) + text : text + random.pick(ODD),
  'an odd character beside a dot': (text, random) =>
    text.replace('.', random.oneIn(2) ? `${random.pick(ODD)}.` : `.${random.pick(ODD)}`),
  'a letter of the other case': (text, random) =>
    at(text, random, (one) => (one === one.toUpperCase() ? one.toLowerCase() : one.toUpperCase())),
  'two letters swapped': (text, random) => {
    const place = random.below(text.length - 1)
    const [first = '', second = ''] = text.slice(place, place + 2)
    return text.slice(0, place) + second + first + text.slice(place + 2)
  },
  'cut at the end': (text, random) => text.slice(0, random.below(text.length)),
  'cut at the start': (text, random) => text.slice(random.below(text.length)),
  'a piece left out': (text, random) => spliced(text, random, random.below(40), ''),
  'a piece twice': (text, random) => {
    const [from, length] = [random.below(text.length), random.below(40)]
    return text.slice(0, from + length) + text.slice(from)
  },
  'the last letter of a segment respelt': (text, random) =>
    onSegment(
      text,
      random,
      (segment) => segment.slice(0, -1) + neighbour(segment.at(-1) ?? '', random),
    ),
  'a segment padded': (text, random) =>
    onSegment(text, random, (segment) => segment + '='.repeat(1 + random.below(4))),
  'a segment in plain base64': (text, random) =>
    onSegment(text, random, (segment) => Buffer.from(segment, 'base64url').toString('base64')),
  'the alphabet of plain base64': (text) => text.replaceAll('-', '+').replaceAll('_', '/'),
  'a segment encoded twice': (text, random) =>
    onSegment(text, random, (segment) => Buffer.from(segment).toString('base64url')),
  'a segment not encoded': (text, random) =>
    onSegment(text, random, (segment) => Buffer.from(segment, 'base64url').toString('latin1')),
  'a segment empty': (text, random) => onSegment(text, random, () => ''),
  'a segment of another token': (text, random, other) => {
    const segments = other.split('.')
    return onSegment(text, random, () => segments[random.below(3)] ?? '')
  },
  'the same segment of another token': (text, random, other) => {
    const [place, segments] = [random.below(3), text.split('.')]
    segments[place] = other.split('.')[place] ?? ''
    return segments.join('.')
  },
  'segments in another order': (text, random) => {
    const [first = '', second = '', third = ''] = text.split('.')
    return random
      .pick([
        [second, first, third],
        [first, third, second],
        [third, second, first],
        [second, third, first],
      ])
      .join('.')
  },
  'segments more': (text, random, other) =>
    text + random.pick(['.', '..', `.${other}`, `.${text.split('.')[2]}`, '.e30', '. ', '.0']),
  'segments less': (text, random) => text.split('.').slice(0, random.below(3)).join('.'),
  'two tokens joined': (text, random, other) =>
    text + random.pick(['', ',', ', ', ' ', '\n', '&', ';', '.']) + other,
  wrapped: (text, random) => {
    const [before, after] = random.pick([
      ['"', '"'],
      ['<', '>'],
      ['[', ']'],
      ['Bearer ', ''],
      ['{"protected":"', '"}'],
      ['data:,', ''],
      ['', ';v=1'],
    ])
    return before + text + after
  },
  'bits of the signature': (text, random) => onBytes(text, 2, random, flipped),
  'bits of the payload': (text, random) => onBytes(text, 1, random, flipped),
  'bits of the header': (text, random) => onBytes(text, 0, random, flipped),
  'the signature of another length': (text, random) =>
    onBytes(text, 2, random, (bytes) =>
      random.oneIn(2)
        ? bytes.subarray(0, random.below(bytes.length))
        : Buffer.concat([bytes, Buffer.alloc(1 + random.below(4), random.below(256))]),
    ),
  'the signature with zeros before': (text, random) =>
    onBytes(text, 2, random, (bytes) => Buffer.concat([Buffer.alloc(1 + random.below(3)), bytes])),
  'the signature of one byte': (text, random) =>
    onBytes(text, 2, random, (bytes) => Buffer.alloc(bytes.length, random.below(256))),
  'the signature in reverse': (text, random) =>
    onBytes(text, 2, random, (bytes) => bytes.reverse()),
  'the other half of a curve': (text, random) =>
    onBytes(text, 2, random, (bytes) => {
      const order = ORDERS.get(bytes.length)
      if (order === undefined) return bytes
      const half = bytes.length / 2
      const second = order - BigInt(`0x${bytes.subarray(half).toString('hex')}`)
      const digits = second
        .toString(16)
        .replace('-', '')
        .padStart(2 * half, '0')
      return Buffer.concat([bytes.subarray(0, half), Buffer.from(digits, 'hex')])
    }),
  'the halves of the signature swapped': (text, random) =>
    onBytes(text, 2, random, (bytes) => {
      const half = bytes.length / 2
      return Buffer.concat([bytes.subarray(half), bytes.subarray(0, half)])
    }),
}

/** By the length of a signature. With n - s instead of s, an ECDSA signature is as good as before (its twin). */
const ORDERS: ReadonlyMap<number, bigint> = new Map(
  ['P-256', 'P-384', 'P-521'].map((curve) => {
    const order = Buffer.from(curveOrder(curve) ?? [])
    return [2 * order.length, BigInt(`0x${order.toString('hex')}`)]
  }),
)

function letter(random: Random): string {
  return ALPHABET[random.below(ALPHABET.length)] ?? ''
}

/** A letter that differs in its lowest bits: in the last place of a segment it can spell the same bytes. */
function neighbour(one: string, random: Random): string {
  return ALPHABET[ALPHABET.indexOf(one) ^ (1 + random.below(15))] ?? one
}

function spliced(text: string, random: Random, remove: number, insert: string): string {
  const place = random.below(text.length)
  return text.slice(0, place) + insert + text.slice(place + remove)
}

function at(text: string, random: Random, change: (one: string) => string): string {
  const place = random.below(text.length)
  return text.slice(0, place) + change(text[place] ?? '') + text.slice(place + 1)
}

function onSegment(text: string, random: Random, change: (segment: string) => string): string {
  const segments = text.split('.')
  const place = random.below(segments.length)
  segments[place] = change(segments[place] ?? '')
  return segments.join('.')
}

function onBytes(
  text: string,
  place: number,
  random: Random,
  change: (bytes: Buffer, random: Random) => Uint8Array,
): string {
  const segments = text.split('.')
  const bytes = Buffer.from(segments[place] ?? '', 'base64url')
  segments[place] = Buffer.from(change(bytes, random)).toString('base64url')
  return segments.join('.')
}

function flipped(bytes: Buffer, random: Random): Buffer {
  for (let flips = 1 + random.below(3); flips > 0; flips--) {
    const place = random.below(bytes.length)
    bytes[place] = (bytes[place] ?? 0) ^ (1 << random.below(8))
  }
  return bytes
}

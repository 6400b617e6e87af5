import { Buffer } from 'node:buffer'
import { CLAIMS, mac, SECRET, segment } from '../../jwt/tokens.js'
import { type HostileToken, rightlySigned } from './hostile-token.js'

/** Tokens that do not carry the right MAC: theirs is right for something near. */
export function hostileSignatures(): readonly HostileToken[] {
  const [header = '', payload = '', signature = ''] = rightlySigned().split('.')
  const input = `${header}.${payload}`
  const right = Buffer.from(signature, 'base64url')
  const secrets: readonly (readonly [string, string | Uint8Array])[] = [
    ['no secret', ''],
    ['a weak secret', 'secret'],
    ['the word undefined', 'undefined'],
    ['the word null', 'null'],
    ['our secret in base64url', SECRET.toString('base64url')],
    ['our secret in hexadecimal', SECRET.toString('hex')],
    ['half our secret', SECRET.subarray(0, 32)],
    ['the id of our key', 'k1'],
  ]
  const macs: readonly (readonly [string, string])[] = [
    ['the payload alone', mac(payload)],
    ['header and payload without the dot', mac(header + payload)],
    ['a dot more', mac(`${input}.`)],
    ['header and payload swapped', mac(`${payload}.${header}`)],
    ['the decoded payload', mac(`${header}.${JSON.stringify(CLAIMS)}`)],
    ['another header', mac(`${segment({ alg: 'HS256' })}.${payload}`)],
    ['other claims', mac(`${header}.${segment({ ...CLAIMS, sub: 'bob' })}`)],
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
    ...bytes.map(([name, text]): [string, string] => [`with its MAC ${name}`, segment(text)]),
  ].map(
    ([name, text]): HostileToken => ({
      name,
      token: `${input}.${text}`,
      reason: 'signature_invalid',
    }),
  )
}

function flipped(bytes: Uint8Array, at: number, bit: number): Uint8Array {
  const other = Buffer.from(bytes)
  other[at] = (other[at] ?? 0) ^ bit
  return other
}

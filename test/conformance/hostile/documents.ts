import { Buffer } from 'node:buffer'
import { CLAIMS, HEADER, macToken } from '../../jwt/tokens.js'
import { type HostileToken, rightlySigned, withMembers } from './hostile-token.js'

/** JSON that is none, or that two readers would read differently. All rightly signed. */
export function hostileDocuments(): readonly HostileToken[] {
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
    ['another token in it', rightlySigned()],
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

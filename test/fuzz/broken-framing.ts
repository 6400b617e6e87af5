/** Requests that a server may read as none, as one, or as two: bytes changed anywhere, and framing that lies. */
import type { FuzzRequest } from './draft.js'
import type { Random } from './random.js'
import { control, type Materials, wellFramed } from './requests.js'

/** One request that goes over a connection of its own. */
export function brokenFraming(materials: Materials): FuzzRequest {
  const { random } = materials
  const [kind, breakIt] = random.pick(BREAKERS)
  const base = random.chance(0.3) ? control(materials) : wellFramed(materials)
  // Without `close` the server waits for more; half of the time that is what it is to do.
  const text = random.chance(0.7)
    ? base.text.replace('\r\n', '\r\nConnection: close\r\n')
    : base.text
  // What comes behind the body is read by nobody.
  const verdict = breakIt === trailers ? 'refused' : 'open'
  return { text: breakIt(text, random, materials), kind, verdict, who: '', alone: true }
}

type Breaker = (text: string, random: Random, materials: Materials) => string

const anyByte = (random: Random): string => String.fromCharCode(random.below(256))

const flipped: Breaker = (text, random) => {
  let out = text
  for (let times = 1 + random.below(4); times > 0; times--) {
    const at = random.below(out.length)
    out = out.slice(0, at) + anyByte(random) + out.slice(at + 1)
  }
  return out
}

const inserted: Breaker = (text, random) => {
  const at = random.below(text.length)
  const what = random.pick([
    '\r\n',
    '\n',
    '\r',
    '\0',
    '\r\n\r\n',
    ' ',
    '\t',
    ':',
    '\u00a0',
    anyByte(random),
    '\r\n ',
    '\u007f',
  ])
  return text.slice(0, at) + what + text.slice(at)
}

const truncated: Breaker = (text, random) => text.slice(0, random.below(text.length))

const folded: Breaker = (text, random) =>
  text.replace(': ', random.pick([':\r\n ', ':\r\n\t', ' : ', '\t: ', ':\n ', ': \r ']))

const lineEnds: Breaker = (text, random) =>
  text.replaceAll('\r\n', random.pick(['\n', '\r', '\r\r\n', '\n\r']))

const version: Breaker = (text, random) =>
  text.replace(
    'HTTP/1.1',
    random.pick([
      'HTTP/1.0',
      'HTTP/0.9',
      'HTTP/2.0',
      'HTTP/1.2',
      'http/1.1',
      'HTTP/1.',
      'HTTP/11',
      '',
      'HTTP/1.1 ',
    ]),
  )

const hosts: Breaker = (text, random) =>
  text.replace(
    /Host: [^\r]*\r\n/,
    random.pick([
      '',
      'Host: \r\n',
      'Host: a\r\nHost: localhost\r\n',
      'Host: localhost, a\r\n',
      'Host: [\r\n',
      'Host: ]:::\r\n',
      'Host: localhost:x\r\n',
      'Host: a b\r\n',
      'Host: \u00ff\r\n',
      'Host: localhost/x?y#z\r\n',
      'Host: @\r\n',
    ]),
  )

const method: Breaker = (text, random) =>
  text.replace(
    /^[A-Z-]+ /,
    random.pick([
      'CONNECT ',
      'TRACE ',
      'TRACK ',
      'get ',
      'G\tET ',
      ' GET ',
      'GET  ',
      'PRI ',
      'FOO ',
      '\r\nGET ',
      '',
      'UNSUBSCRIBE ',
      'SOURCE ',
    ]),
  )

const target: Breaker = (text, random) =>
  text.replace(
    / [^ ]+ /,
    ` ${random.pick(['*', 'localhost:80', 'http://', 'http:///es', 'http://[/es', 'http://a b/es', '', '/\u00ff\u00fe', '?', '#', '\\es', 'es', 'http://%zz/es', 'data:,x', 'file:///es', '/es HTTP/1.1', 'http://localhost:99999/es', '//', '///', 'http://user@/es', '/es\0'])} `,
  )

const transferCoding: Breaker = (text, random) => {
  const end = text.indexOf('\r\n\r\n')
  if (end < 0) return text
  const coding = random.pick([
    'chunked',
    'Chunked',
    'chunked, chunked',
    'gzip, chunked',
    'chunked, identity',
    'identity',
    'x',
    '\u000bchunked',
    'chunked ',
    '"chunked"',
    '',
  ])
  const chunks = random.pick([
    '0\r\n\r\n',
    '5\r\nhello\r\n0\r\n\r\n',
    'x\r\n',
    'fffffffffffffffff\r\n',
    '-1\r\n',
    '5;a=b\r\nhello\r\n0\r\nAuthorization: Bearer x\r\n\r\n',
    '5\nhello\n0\n\n',
    '1 \r\nh\r\n0\r\n\r\n',
    `5;${'a'.repeat(9_000)}\r\nhello\r\n0\r\n\r\n`,
    '',
  ])
  const length = random.pick([
    '',
    '\r\nContent-Length: 5',
    '\r\nContent-Length: 0',
    '\r\nContent-Length: -1',
    '\r\nContent-Length: 5, 6',
  ])
  const headed = text.slice(0, end).replace(/^GET/, random.pick(['POST', 'GET', 'PUT']))
  return `${headed}\r\nTransfer-Encoding: ${coding}${length}\r\n\r\n${chunks}`
}

const contentLength: Breaker = (text, random) => {
  const end = text.indexOf('\r\n\r\n')
  const value = random.pick([
    '5',
    '99999',
    '-1',
    '+3',
    '0x3',
    '1e3',
    '3, 3',
    '',
    ' ',
    '18446744073709551616',
    '3\r\nContent-Length: 4',
    '٣',
  ])
  return `${text.slice(0, Math.max(end, 0))}\r\nContent-Length: ${value}\r\n\r\nabc`
}

/** A second request inside the body of the first, or right behind it. */
const smuggled: Breaker = (text, random, materials) => {
  const second = (random.chance(0.5) ? control(materials) : wellFramed(materials)).text
  const end = text.indexOf('\r\n\r\n')
  if (random.chance(0.3)) return text + second
  const length = random.pick([0, 1, 10, second.length, second.length + 5])
  return `${text.slice(0, Math.max(end, 0)).replace(/^GET/, 'POST')}\r\nContent-Length: ${length}\r\n\r\n${second}`
}

const trailers: Breaker = (text, random, materials) => {
  const end = text.indexOf('\r\n\r\n')
  const good = random.pick(random.pick(materials.armoury.doors).good)
  const lines = good.fields.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const bare = text
    .slice(0, Math.max(end, 0))
    .replace(/\r\n(Authorization|Cookie|X-API-Key): [^\r]*/gi, '')
  return `${bare.replace(/^GET/, 'POST')}\r\nTransfer-Encoding: chunked\r\nTrailer: Authorization\r\n\r\n1\r\nx\r\n0\r\n${lines}\r\n`
}

const huge: Breaker = (text, random) => {
  const what = random.pick([
    'Authorization: Bearer ',
    'Cookie: __Host-session=',
    'X-API-Key: ',
    'X: ',
  ])
  const padding = random.chance(0.5)
    ? `${what}${'a'.repeat(16_000 + random.below(4_000))}`
    : Array.from({ length: 1_500 + random.below(800) }, () => 'a:').join('\r\n')
  return text.replace('\r\n', `\r\n${padding}\r\n`)
}

const expectation: Breaker = (text, random) =>
  text.replace(
    '\r\n',
    `\r\n${random.pick(['Expect: 100-continue', 'Expect: x', 'Upgrade: websocket\r\nConnection: Upgrade', 'Upgrade: h2c\r\nHTTP2-Settings: AAAA', 'Connection: upgrade, Authorization', 'Connection: \0', 'Keep-Alive: timeout=0', 'TE: trailers', 'Proxy-Connection: x', 'Content-Encoding: gzip', 'Range: bytes=0-', 'If-None-Match: *'])}\r\n`,
  )

const garbage: Breaker = (_, random) =>
  random.pick([
    '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03',
    'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n',
    '\0'.repeat(100),
    '\r\n'.repeat(1 + random.below(50)),
    'HTTP/1.1 200 OK\r\n\r\n',
    '{"a":1}\r\n\r\n',
    Array.from({ length: random.below(400) }, () => anyByte(random)).join(''),
    'GET',
    'GET /es\r\n\r\n',
    ' ',
  ])

const BREAKERS: readonly (readonly [string, Breaker])[] = [
  ['flipped', flipped],
  ['flipped', flipped],
  ['flipped', flipped],
  ['inserted', inserted],
  ['inserted', inserted],
  ['truncated', truncated],
  ['folded', folded],
  ['line-ends', lineEnds],
  ['version', version],
  ['hosts', hosts],
  ['method', method],
  ['target', target],
  ['transfer-coding', transferCoding],
  ['content-length', contentLength],
  ['smuggled', smuggled],
  ['trailers', trailers],
  ['huge', huge],
  ['expectation', expectation],
  ['garbage', garbage],
]

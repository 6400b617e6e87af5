/** Requests whose framing is right, so that many fit into one connection; what they say is not. */
import type { ArmedDoor, Armoury, GoodCredential } from './armoury.js'
import { BASE64URL, type Draft, FIELD_BYTES, type FuzzRequest, mutated, textOf } from './draft.js'
import type { Random } from './random.js'
import type { Seeds } from './seeds.js'

/** What requests are made of. */
export interface Materials {
  readonly random: Random
  readonly armoury: Armoury
  readonly seeds: Seeds
  readonly host: string
}

type Made = {
  readonly draft: Draft
  readonly verdict: FuzzRequest['verdict']
  readonly who?: string
}

/** One well-framed request; about one in forty is good. */
export function wellFramed(materials: Materials): FuzzRequest {
  const [kind, make] = materials.random.pick(MAKERS)
  const { draft, verdict, who = '' } = make(materials)
  return { text: textOf(draft, materials.host), kind, verdict, who, alone: false }
}

/** A good request, and nothing else to it. */
export function control(materials: Materials): FuzzRequest {
  const { draft, verdict, who = '' } = good(materials)
  return { text: textOf(draft, materials.host), kind: 'control', verdict, who, alone: false }
}

function good({ random, armoury }: Materials): Made {
  const door = random.pick(armoury.doors)
  const credential = random.pick(door.good)
  const draft = aDraft(door.path, credential)
  // A form from nowhere is forbidden to cookies and passwords, so GET.
  return { draft, verdict: 'granted', who: credential.who }
}

function aDraft(target: string, credential?: GoodCredential): Draft {
  const fields = (credential?.fields ?? []).map(([name, value]): [string, string] => [name, value])
  return { method: 'GET', target, version: 'HTTP/1.1', fields, body: null }
}

function doorAndCredential({ random, armoury }: Materials): [ArmedDoor, GoodCredential] {
  const door = random.pick(armoury.doors)
  return [door, random.pick(door.good)]
}

const refused = (draft: Draft): Made => ({ draft, verdict: 'refused' })
const open = (draft: Draft): Made => ({ draft, verdict: 'open' })

/** The credential's text with a change, in its own characters or in any. */
function tampered(materials: Materials): Made {
  const { random } = materials
  const [door, credential] = doorAndCredential(materials)
  const characters = random.chance(0.8) ? BASE64URL : FIELD_BYTES
  const draft = aDraft(door.path, credential)
  const other = mutated(random, credential.text, characters)
  for (const field of draft.fields) field[1] = field[1].replace(credential.text, () => other)
  return open(draft)
}

/** The whole field with a change. */
function fieldTampered(materials: Materials): Made {
  const { random } = materials
  const [door, credential] = doorAndCredential(materials)
  const draft = aDraft(door.path, credential)
  for (const field of draft.fields)
    field[1] = mutated(random, field[1], FIELD_BYTES).slice(0, 15_000)
  return open(draft)
}

function nothing({ random, armoury }: Materials): Made {
  const draft = aDraft(random.pick(armoury.doors).path)
  draft.method = random.pick(['GET', 'POST', 'HEAD'])
  if (draft.method === 'POST') draft.body = ''
  return refused(draft)
}

/** One credential twice, or with an API key beside it. */
function several(materials: Materials): Made {
  const { random, armoury } = materials
  const [door, credential] = doorAndCredential(materials)
  const draft = aDraft(door.path, credential)
  const key = armoury.doors.find(({ kind }) => kind === 'key')?.good[0]
  const second = door.kind === 'key' || random.chance(0.5) ? random.pick(door.good) : key
  for (const [name, value] of second?.fields ?? [])
    draft.fields.push([random.chance(0.5) ? name : name.toLowerCase(), value])
  return refused(draft)
}

function wrongDoor({ random, armoury }: Materials): Made {
  const from = random.pick(armoury.doors.filter(({ kind }) => kind !== 'key'))
  const to = random.pick(armoury.doors.filter(({ kind }) => kind !== from.kind && kind !== 'key'))
  return refused(aDraft(to.path, random.pick(from.good)))
}

function hostile({ random, armoury }: Materials): Made {
  const { path, fields } = random.pick(armoury.hostile)
  return refused({ ...aDraft(path), fields: fields.map(([name, value]) => [name, value]) })
}

function cleartext(materials: Materials): Made {
  const { random } = materials
  const [door, credential] = doorAndCredential(materials)
  const draft = aDraft(door.path, credential)
  const host = random.pick([
    'api.example.com',
    '10.0.0.1:80',
    'localhost.evil.example',
    'xn--a',
    'evil.example:443',
  ])
  draft.fields.unshift(['Host', host])
  if (random.chance(0.5)) draft.fields.push(...proxyFields(random))
  return refused(draft)
}

function proxied(materials: Materials): Made {
  const { random } = materials
  const [door, credential] = doorAndCredential(materials)
  const draft = random.chance(0.5) ? aDraft(door.path) : aDraft(door.path, credential)
  draft.fields.push(...proxyFields(random))
  return open(draft)
}

function proxyFields(random: Random): [string, string][] {
  const names = [
    'X-Forwarded-Proto',
    'X-Forwarded-Host',
    'X-Forwarded-For',
    'Forwarded',
    'X-Original-URL',
    'X-Rewrite-URL',
    'X-Real-IP',
    'X_Forwarded_Proto',
    'X-HTTP-Method-Override',
  ]
  const values = [
    'https',
    'https, http',
    'localhost',
    '127.0.0.1',
    'for=127.0.0.1;proto=https',
    '/open',
    'OPTIONS',
    '"',
    'for="[::1]";;,',
    ',,,',
  ]
  return Array.from({ length: 1 + random.below(4) }, () => [
    random.pick(names),
    random.pick(values),
  ])
}

/** A credential in the query, with or without a good one in its place. */
function inQuery(materials: Materials): Made {
  const { random, armoury } = materials
  const [door, credential] = doorAndCredential(materials)
  const draft = random.chance(0.5) ? aDraft(door.path) : aDraft(door.path, credential)
  const jwt = armoury.doors[0]?.good[0]?.text ?? ''
  const name = random.pick([
    'access_token',
    'ACCESS_TOKEN',
    'access%5ftoken',
    'token',
    'api_key',
    'access_token[]',
    'jwt',
    'password',
  ])
  const value = random.pick([jwt, 'x', '%41', credential.text])
  const noise = random.pick(['', 'a=b&', '&&', 'a;', '%=%&', '?&'])
  draft.target = `${draft.target}?${noise}${name}=${encoded(value)}${random.pick(['', '&x', '#x', ';'])}`
  return refused(draft)
}

function inBody(materials: Materials): Made {
  const { random, seeds } = materials
  const [door, credential] = doorAndCredential(materials)
  const draft = aDraft(door.path)
  draft.method = random.pick(['POST', 'POST', 'GET', 'PUT'])
  const type = random.pick([
    'application/x-www-form-urlencoded',
    'application/json',
    'text/plain',
    'multipart/form-data; boundary=x',
    'x',
    'application/x-www-form-urlencoded; charset=x',
    '',
  ])
  draft.fields.push(['Content-Type', type])
  draft.body = random.chance(0.5)
    ? `access_token=${credential.text}&userId=admin&__proto__[x]=1`
    : random.pick(seeds.bodies)
  return refused(draft)
}

function goodWithBody(materials: Materials): Made {
  const made = inBody(materials)
  const [door, credential] = doorAndCredential(materials)
  made.draft.target = door.path
  made.draft.fields.push(...aDraft(door.path, credential).fields)
  return open(made.draft)
}

function fromCorpus({ random, armoury, seeds }: Materials): Made {
  const draft = aDraft(random.pick(armoury.doors).path)
  const value = random.pick(seeds.authorizations)
  const text = random.chance(0.4) ? mutated(random, value, FIELD_BYTES).slice(0, 12_000) : value
  draft.fields.push(['Authorization', text])
  return open(draft)
}

function naughty({ random, armoury, seeds }: Materials): Made {
  const draft = aDraft(random.pick(armoury.doors).path)
  const name = random.pick([
    'Authorization',
    'X-API-Key',
    'Cookie',
    'Origin',
    'Sec-Fetch-Site',
    'DPoP',
    'Content-Type',
    'X-Forwarded-Proto',
    'Accept',
    'Expect-CT',
  ])
  const prefix = random.pick([
    '',
    '',
    'Bearer ',
    'Basic ',
    'ApiKey ',
    'DPoP ',
    '__Host-token=',
    '__Host-session=',
    'acme_',
  ])
  draft.fields.push([name, prefix + random.pick(seeds.naughty)])
  if (random.chance(0.3)) draft.method = random.pick(['POST', 'PUT', 'DELETE', 'PATCH'])
  if (draft.method !== 'GET') draft.body = random.pick(seeds.naughty)
  return open(draft)
}

function cookies({ random, armoury, seeds }: Materials): Made {
  const kinds = armoury.doors.filter(({ kind }) => kind === 'cookie' || kind === 'session')
  const door = random.pick(kinds)
  const credential = random.pick(door.good)
  const draft = random.chance(0.5) ? aDraft(door.path) : aDraft(door.path, credential)
  const count = 1 + random.below(6)
  for (let index = 0; index < count; index++)
    draft.fields.push(['Cookie', random.pick(seeds.cookies)])
  return open(draft)
}

/** A page of another site. */
function forged(materials: Materials): Made {
  const { random, armoury } = materials
  const door = random.pick(
    armoury.doors.filter(({ kind }) => ['cookie', 'session', 'basic'].includes(kind)),
  )
  const draft = aDraft(door.path, random.pick(door.good))
  draft.method = 'POST'
  draft.body = 'a=b'
  draft.fields.push(
    random.pick([
      ['Origin', 'https://evil.example'],
      ['Origin', 'null'],
      ['Sec-Fetch-Site', 'cross-site'],
      ['Sec-Fetch-Site', 'x'],
      ['Origin', 'https://api.example.com, https://evil.example'],
    ]),
  )
  return refused(draft)
}

function manyFields(materials: Materials): Made {
  const { random } = materials
  const [door, credential] = doorAndCredential(materials)
  const draft = random.chance(0.5) ? aDraft(door.path) : aDraft(door.path, credential)
  const count = random.below(150)
  const value = 'x'.repeat(random.below(60))
  const names = [
    'X',
    'X-A',
    'Accept',
    'authorization_',
    'Cookie',
    'x-api-keys',
    '__proto__',
    'constructor',
    'toString',
    'proxy-authorization',
  ]
  for (let index = 0; index < count; index++) draft.fields.push([random.pick(names), value])
  return open(draft)
}

function longField(materials: Materials): Made {
  const { random } = materials
  const [door, credential] = doorAndCredential(materials)
  const draft = random.chance(0.7) ? aDraft(door.path) : aDraft(door.path, credential)
  const unit = random.pick([
    'a',
    '.',
    'eyJ.',
    ',',
    '=',
    '"',
    '\\"',
    '; ',
    'a=b;',
    '%',
    ' ',
    '\t',
    'a="b", ',
  ])
  const length = random.pick([512, 513, 8_000, 8_192, 8_193, 12_000, 14_500])
  const value = unit.repeat(Math.ceil(length / unit.length)).slice(0, length)
  const prefix = random.pick(['', 'Bearer ', 'Basic ', 'Digest ', 'ApiKey '])
  draft.fields.push([
    random.pick(['Authorization', 'Cookie', 'X-API-Key', 'Origin', 'DPoP', 'X']),
    prefix + value,
  ])
  return open(draft)
}

function otherMethod(materials: Materials): Made {
  const { random } = materials
  const [door, credential] = doorAndCredential(materials)
  const draft = random.chance(0.5) ? aDraft(door.path) : aDraft(door.path, credential)
  draft.method = random.pick([
    'HEAD',
    'POST',
    'PUT',
    'DELETE',
    'PATCH',
    'OPTIONS',
    'PROPFIND',
    'MKCOL',
    'M-SEARCH',
    'PURGE',
    'SEARCH',
    'LOCK',
    'REPORT',
    'LINK',
    'ACL',
    'QUERY',
  ])
  if (!['HEAD', 'OPTIONS'].includes(draft.method)) draft.body = random.pick(['', 'x', '{}'])
  if (draft.method === 'OPTIONS' && random.chance(0.5)) {
    draft.fields.push(['Origin', 'https://evil.example'], ['Access-Control-Request-Method', 'GET'])
  }
  return open(draft)
}

function otherTarget(materials: Materials): Made {
  const { random, seeds } = materials
  const [door, credential] = doorAndCredential(materials)
  const draft = random.chance(0.7) ? aDraft(door.path) : aDraft(door.path, credential)
  const { path } = door
  draft.target = random.pick([
    () => `http://localhost${path}`,
    () => `http://user:password@localhost${path}`,
    () => `HTTPS://evil.example${path}`,
    () => `//evil.example${path}`,
    () => `/.${path}`,
    () => `/x/..${path}`,
    () => `${path};a=b`,
    () => `${path}%00`,
    () => `${path}%`,
    () => `${path}%zz%f`,
    () => `${path}/%2e%2e${path}`,
    () => path.replaceAll('/', '%2f').replace('%2f', '/'),
    () => path.toUpperCase(),
    () => `${path}?${encoded(random.pick(seeds.naughty))}`,
    () => `/${encoded(random.pick(seeds.naughty))}`,
    () => `${path}?${'a=b&'.repeat(random.below(2_000))}`,
    () => `${path}?%`.padEnd(20, '%'),
    () => mutated(random, path, "/%.;?#&=\\@:[]{}|^~!$'()*+,abc"),
  ])()
  if (!draft.target.startsWith('/') && !/^https?:\/\//i.test(draft.target))
    draft.target = `/${draft.target}`
  draft.target = draft.target.replaceAll(' ', '%20')
  return open(draft)
}

/** A good text behind a scheme, or in a field, that it is not for. */
function misplaced(materials: Materials): Made {
  const { random } = materials
  const [door, credential] = doorAndCredential(materials)
  const draft = aDraft(door.path)
  const names = [
    'X-Authorization',
    'Proxy-Authorization',
    'Authentication',
    'X-Access-Token',
    'Token',
    'DPoP',
    'X-Api-Keys',
    'Cookies',
    'Set-Cookie',
  ]
  const schemes = [
    'Token ',
    'JWT ',
    'Digest ',
    'Negotiate ',
    'BearerX ',
    'Bearer:',
    'Bearer=',
    'Bearer "',
    'Bearer,',
    'Bearer\t',
  ]
  draft.fields.push(
    random.chance(0.5)
      ? [random.pick(names), `Bearer ${credential.text}`]
      : ['Authorization', random.pick(schemes) + credential.text],
  )
  return refused(draft)
}

function dpop(materials: Materials): Made {
  const { random, seeds, armoury } = materials
  const draft = aDraft(random.pick(armoury.doors).path)
  const proof = random.pick([
    ...materials.armoury.hostile.slice(0, 20).map(({ fields }) => fields[0]?.[1] ?? ''),
    random.pick(seeds.naughty),
    random.pick(seeds.authorizations),
  ])
  const token = random.pick(armoury.doors[0]?.good ?? []).text
  // A token that is bound to nothing is no DPoP token.
  draft.fields.push(['Authorization', `DPoP ${token}`], ['DPoP', proof.replace(/^\w+ /, '')])
  if (random.chance(0.2)) draft.fields.push(['DPoP', proof])
  return refused(draft)
}

/** Percent-encoded as a path or query wants it. */
function encoded(text: string): string {
  let out = ''
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    out += code > 0x20 && code < 0x7f ? text.charAt(at) : `%${code.toString(16).padStart(2, '0')}`
  }
  return out
}

const MAKERS: readonly (readonly [string, (materials: Materials) => Made])[] = [
  ['control', good],
  ['tampered', tampered],
  ['tampered', tampered],
  ['tampered', tampered],
  ['field-tampered', fieldTampered],
  ['field-tampered', fieldTampered],
  ['nothing', nothing],
  ['several', several],
  ['wrong-door', wrongDoor],
  ['hostile', hostile],
  ['hostile', hostile],
  ['hostile', hostile],
  ['cleartext', cleartext],
  ['proxied', proxied],
  ['in-query', inQuery],
  ['in-body', inBody],
  ['good-with-body', goodWithBody],
  ['corpus', fromCorpus],
  ['corpus', fromCorpus],
  ['corpus', fromCorpus],
  ['naughty', naughty],
  ['naughty', naughty],
  ['cookies', cookies],
  ['forged', forged],
  ['many-fields', manyFields],
  ['long-field', longField],
  ['other-method', otherMethod],
  ['other-target', otherTarget],
  ['other-target', otherTarget],
  ['misplaced', misplaced],
  ['dpop', dpop],
]

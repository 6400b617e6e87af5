import { CLAIMS, HEADER, mac, macToken, segment } from '../../jwt/tokens.js'
import { type HostileToken, KEY_ID, rightlySigned } from './hostile-token.js'

/** Headers that say more, less or other than they may. Each token carries a right HMAC, unless it says otherwise. */
export function hostileHeaders(): readonly HostileToken[] {
  return [...algorithms(), ...types(), ...keyIds(), ...extensions(), ...embeddedKeys()]
}

function algorithms(): readonly HostileToken[] {
  const names = [
    ...['none', 'None', 'NONE', 'nOnE', 'none ', ' none', 'none\u0000', ''],
    ...[
      'hs256',
      'Hs256',
      'HS256 ',
      ' HS256',
      'HS256\u0000',
      'HS-256',
      'HMAC',
      'HS1',
      'HS25',
      'HS2560',
    ],
    ...['RS256', 'PS256', 'ES256', 'ES256K', 'EdDSA', 'Ed25519', 'ML-DSA-44'],
    ...['A256KW', 'dir', 'RSA-OAEP', 'constructor', '__proto__', 'toString', '*'],
  ]
  const others: readonly unknown[] = [
    undefined,
    null,
    0,
    1,
    true,
    [],
    ['HS256'],
    {},
    { alg: 'HS256' },
  ]
  return [
    ...names.map((alg) => refused(`alg ${shown(alg)}`, { alg }, 'algorithm_not_allowed')),
    ...others.map((alg) => refused(`alg ${shown(alg)}`, { alg }, 'token_malformed')),
    ...['HS384', 'HS512'].map((alg): HostileToken => {
      const hash = alg.replace('HS', 'sha')
      return {
        name: `alg ${alg}, which is not allowed, and its right MAC`,
        token: macToken({ header: { ...HEADER, alg }, hash }),
        reason: 'algorithm_not_allowed',
      }
    }),
    ...['none', 'NONE'].map(
      (alg): HostileToken => ({
        name: `alg ${alg}, unsigned`,
        token: `${segment({ ...HEADER, alg })}.${segment(CLAIMS)}.`,
        reason: 'token_malformed',
      }),
    ),
  ]
}

function types(): readonly HostileToken[] {
  const kinds = [
    ...['JWT', 'jwt', 'dpop+jwt', 'logout+jwt', 'secevent+jwt', 'id_token', 'rt+jwt', 'at'],
    ...['at+jwt ', ' at+jwt', 'at+jwt\u0000', 'at+jwt;v=1', 'at+jwt,JWT', 'xat+jwt', 'at+jwtx', ''],
    ...[
      'application/',
      '/at+jwt',
      'text/at+jwt',
      'application/application/at+jwt',
      'application//at+jwt',
    ],
    ...[
      '\u0430t+jwt',
      'at\uff0bjwt',
      '\uff21T+JWT',
      'at+\u0237wt',
      'a\u0000t+jwt',
      'a%74+jwt',
      'at jwt',
      '*/*',
    ],
  ]
  const others: readonly unknown[] = [null, 0, true, [], ['at+jwt'], {}]
  return [
    ...kinds.map((typ) => refused(`typ ${shown(typ)}`, { typ }, 'token_type')),
    refused('no typ', { typ: undefined }, 'token_type'),
    refused('typ in capitals only', { typ: undefined, TYP: 'at+jwt' }, 'token_type'),
    refused('the kind in cty', { typ: undefined, cty: 'at+jwt' }, 'token_type'),
    ...others.map((typ) => refused(`typ ${shown(typ)}`, { typ }, 'token_malformed')),
  ]
}

function keyIds(): readonly HostileToken[] {
  const unknown = [
    ...['k2', 'K1', 'k1 ', ' k1', 'k1\u0000', 'k', 'k1k1', '*', '0', 'null', 'undefined'],
    ...[
      '../../../dev/null',
      '/dev/null',
      'file:///dev/null',
      'https://evil.example.net/key',
      'k1/../k1',
    ],
    ...[
      "' OR '1'='1",
      "k1'--",
      '$(id)',
      '`id`',
      '|id',
      '{"$ne":null}',
      'jndi:ldap://evil.example.net',
    ],
    ...['__proto__', 'constructor', 'prototype', 'toString', 'length', '\u212a1'], // the Kelvin sign
  ]
  const others: readonly unknown[] = [
    '',
    null,
    0,
    1,
    true,
    [],
    [KEY_ID],
    {},
    { kid: KEY_ID },
    'k'.repeat(257),
  ]
  return [
    ...unknown.map((kid) => refused(`kid ${shown(kid)}`, { kid }, 'key_unknown')),
    ...others.map((kid) => refused(`kid ${shown(kid)}`, { kid }, 'token_malformed')),
  ]
}

function extensions(): readonly HostileToken[] {
  const criticals: readonly unknown[] = [
    ...[
      ['exp'],
      ['alg'],
      ['b64'],
      ['crit'],
      [''],
      [],
      ['http://example.invalid/UNDEFINED'],
      ['kid', 'kid'],
    ],
    ...[null, 'exp', '', 0, true, {}, { exp: true }, [null], [[]]],
  ]
  const payloads: readonly unknown[] = [true, false, null, 'false', 0, []]
  return [
    ...criticals.map((crit) => refused(`crit ${shown(crit)}`, { crit, exp: 1 }, 'critical_header')),
    ...payloads.map((b64) => refused(`b64 ${shown(b64)}`, { b64 }, 'critical_header')),
    refused('b64 false, named as critical', { b64: false, crit: ['b64'] }, 'critical_header'),
    refused('zip', { zip: 'DEF' }, 'token_malformed'),
    refused('zip null', { zip: null }, 'token_malformed'),
    refused('enc, as an encrypted token has it', { enc: 'A256GCM' }, 'token_malformed'),
    refused(
      'enc and an algorithm of encryption',
      { alg: 'dir', enc: 'A256GCM' },
      'token_malformed',
    ),
  ]
}

/** Signed by a key that the header brings along or points at, and not by ours. */
function embeddedKeys(): readonly HostileToken[] {
  const secret = 'a secret of the attacker, long enough for any hash of the table.'
  const jwk = { kty: 'oct', k: segment(secret), alg: 'HS256', kid: KEY_ID }
  const headers: readonly (readonly [string, object])[] = [
    ['jwk', { jwk }],
    ['jwk and the id of our key', { jwk, kid: KEY_ID }],
    ['a set in jwk', { jwk: { keys: [jwk] } }],
    ['jku', { jku: 'https://evil.example.net/jwks.json' }],
    ['jku and the id of our key', { jku: 'https://evil.example.net/jwks.json', kid: KEY_ID }],
    ['x5u', { x5u: 'https://evil.example.net/cert.pem' }],
    ['x5c', { x5c: [Buffer.from(secret).toString('base64')] }],
    ['k', { k: segment(secret) }],
    ['a jku of another scheme', { jku: 'file:///dev/null' }],
  ]
  return headers.map(([name, members]) => {
    const input = `${segment({ ...HEADER, ...members })}.${segment(CLAIMS)}`
    return {
      name: `signed by the key that the header brings in ${name}`,
      token: `${input}.${mac(input, secret)}`,
      reason: 'signature_invalid',
    }
  })
}

function refused(
  name: string,
  header: Readonly<Record<string, unknown>>,
  reason: HostileToken['reason'],
): HostileToken {
  return { name: `with ${name}`, token: rightlySigned({ header }), reason }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'left out'
  return text.length > 80 ? `${text.slice(0, 20)}... of ${text.length} characters` : text
}

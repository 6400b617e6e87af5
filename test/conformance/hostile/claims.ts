import { AUDIENCE, CLAIMS, ISSUER, macToken, NOW } from '../../jwt/tokens.js'
import { type HostileToken, rightlySigned } from './hostile-token.js'

/** Registered claims that are missing, of the wrong type, or of the wrong value. */
export function hostileClaims(): readonly HostileToken[] {
  return [...missing(), ...malformed(), ...mistaken(), ...outOfTime()]
}

function missing(): readonly HostileToken[] {
  const required = ['iss', 'aud', 'exp', 'iat', 'sub', 'client_id', 'jti']
  return [
    ...required.map((claim) =>
      refused(`without ${claim}`, { [claim]: undefined }, 'claim_missing', claim),
    ),
    ...required.map((claim) =>
      refused(
        `with ${claim} in capitals only`,
        { [claim]: undefined, [claim.toUpperCase()]: CLAIMS[claim as keyof typeof CLAIMS] },
        'claim_missing',
        claim,
      ),
    ),
    {
      name: 'without any claim',
      token: macToken({ payload: {} }),
      reason: 'claim_missing',
      claim: 'iss',
    },
    {
      name: 'with its claims in a __proto__',
      token: macToken({ payload: `{"__proto__":${JSON.stringify(CLAIMS)}}` }),
      reason: 'claim_missing',
      claim: 'iss',
    },
    {
      name: 'with its claims in a list of one',
      token: macToken({ payload: [CLAIMS] }),
      reason: 'token_malformed',
    },
    {
      name: 'with its claims in a claim',
      token: macToken({ payload: { claims: CLAIMS } }),
      reason: 'claim_missing',
      claim: 'iss',
    },
    {
      name: 'whose claims are those of a prototype',
      token: macToken({
        payload: { constructor: CLAIMS, toString: CLAIMS, hasOwnProperty: CLAIMS },
      }),
      reason: 'claim_missing',
      claim: 'iss',
    },
  ]
}

const NOT_TIMES: readonly unknown[] = [
  String(NOW + 600),
  `${NOW + 600}s`,
  '',
  null,
  true,
  false,
  [NOW + 600],
  [],
  { seconds: NOW + 600 },
  -1,
  2 ** 53,
  1e300,
  new Date((NOW + 600) * 1_000).toISOString(),
]

const NOT_TEXTS: readonly unknown[] = ['', 0, 7, null, true, false, [], {}, 'x'.repeat(1_025)]

function malformed(): readonly HostileToken[] {
  const times = ['exp', 'iat', 'nbf', 'auth_time']
  const texts = ['iss', 'sub', 'client_id', 'jti', 'acr']
  const lists: readonly (readonly [string, unknown])[] = [
    ['iss', [ISSUER]],
    ['iss', { toString: ISSUER }],
    ['sub', ['alice']],
    ['aud', 7],
    ['aud', null],
    ['aud', true],
    ['aud', ''],
    ['aud', []],
    ['aud', {}],
    ['aud', { 0: AUDIENCE, length: 1 }],
    ['aud', [[AUDIENCE]]],
    ['aud', [AUDIENCE, 1]],
    ['aud', [AUDIENCE, null]],
    ['aud', ['', AUDIENCE]],
    ['aud', [{ value: AUDIENCE }]],
    ['amr', 'pwd'],
    ['amr', { 0: 'pwd' }],
    ['amr', [1]],
    ['amr', [['pwd']]],
    ['amr', null],
  ]
  const all = [
    ...times.flatMap((claim) => NOT_TIMES.map((value) => [claim, value] as const)),
    ...texts.flatMap((claim) => NOT_TEXTS.map((value) => [claim, value] as const)),
    ...lists,
  ]
  return all.map(([claim, value]) =>
    refused(`with ${claim} as ${shown(value)}`, { [claim]: value }, 'claim_malformed', claim),
  )
}

/** Neighbours of the right value: a test of a prefix, a suffix, a part, or of letters without case would take some. */
function neighbours(right: string): readonly string[] {
  return [
    `${right}/`,
    `${right}.evil.example.net`,
    `${right}#`,
    `${right}?`,
    `${right} `,
    ` ${right}`,
    `${right}\u0000`,
    `${right}:443`,
    right.slice(0, -1),
    right.toUpperCase(),
    right.replace('https:', 'http:'),
    right.replace('https://', ''),
    right.replace('https://', 'https://evil.example.net/?'),
    right.replace('https://', 'https://user@'),
    right.replace('example', 'ex\u0430mple'), // a Cyrillic letter
    right.replace('example', 'e\u0301xample'),
    right.replace('.example', '%2Eexample'),
    '*',
    'https://*.example.com',
  ]
}

function mistaken(): readonly HostileToken[] {
  const lists: readonly (readonly string[])[] = [
    ['https://other.example.com', 'https://third.example.com'],
    [`${AUDIENCE}/`],
    [AUDIENCE.slice(0, 12), AUDIENCE.slice(12)],
  ]
  return [
    ...neighbours(ISSUER).map((iss) =>
      refused(`issued by ${shown(iss)}`, { iss }, 'issuer_mismatch', 'iss'),
    ),
    ...[
      ...neighbours(AUDIENCE),
      `${AUDIENCE} https://b.example.com`,
      `${AUDIENCE},b`,
      ...lists,
    ].map((aud) => refused(`meant for ${shown(aud)}`, { aud }, 'audience_mismatch', 'aud')),
    refused(
      'with issuer and audience swapped',
      { iss: AUDIENCE, aud: ISSUER },
      'issuer_mismatch',
      'iss',
    ),
  ]
}

function outOfTime(): readonly HostileToken[] {
  return [
    refused('that expired in 1970', { exp: 0, iat: undefined }, 'claim_missing', 'iat'),
    refused('that expired at zero', { exp: 0 }, 'token_expired', 'exp'),
    {
      name: 'that expired at minus zero',
      token: macToken({ payload: JSON.stringify(CLAIMS).replace(/"exp":\d+/, '"exp":-0') }),
      reason: 'token_expired',
      claim: 'exp',
    },
    refused('that expired just beyond the leeway', { exp: NOW - 5 }, 'token_expired', 'exp'),
    refused(
      'whose expiry is in milliseconds',
      { exp: (NOW + 600) * 1_000 },
      'lifetime_too_long',
      'exp',
    ),
    refused('that never expires', { exp: Number.MAX_SAFE_INTEGER }, 'lifetime_too_long', 'exp'),
    refused(
      'that lives one second too long',
      { iat: NOW, exp: NOW + 3_601 },
      'lifetime_too_long',
      'exp',
    ),
    refused('that lives for ten years', { exp: NOW + 315_360_000 }, 'lifetime_too_long', 'exp'),
    refused('of no lifetime', { iat: NOW, exp: NOW }, 'claim_malformed', 'exp'),
    refused('issued after it expired', { iat: NOW + 3, exp: NOW + 1 }, 'claim_malformed', 'exp'),
    refused('issued in the future', { iat: NOW + 6 }, 'token_from_future', 'iat'),
    refused('issued in milliseconds', { iat: NOW * 1_000 }, 'token_from_future', 'iat'),
    refused('not valid yet', { nbf: NOW + 6 }, 'token_not_yet_valid', 'nbf'),
    refused('valid from milliseconds', { nbf: NOW * 1_000 }, 'token_not_yet_valid', 'nbf'),
    refused(
      'expired, and for another API',
      { exp: NOW - 60, aud: 'other' },
      'audience_mismatch',
      'aud',
    ),
  ]
}

function refused(
  name: string,
  claims: Readonly<Record<string, unknown>>,
  reason: HostileToken['reason'],
  claim: string,
): HostileToken {
  return { name, token: rightlySigned({ claims }), reason, claim }
}

function shown(value: unknown): string {
  const text = JSON.stringify(value)
  return text.length > 80 ? `${text.slice(0, 20)}... of ${text.length} characters` : text
}

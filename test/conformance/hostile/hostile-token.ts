import type { JwtRefusal } from '../../../src/jwt/refusal.js'
import { CLAIMS, HEADER, macToken, NOW, SECRET_KEY } from '../../jwt/tokens.js'

/** A token that nobody may take, and the one reason for which a verifier with its defaults refuses it. */
export interface HostileToken {
  readonly name: string
  readonly token: string
  readonly reason: JwtRefusal
  /** The claim at fault, where there is one. */
  readonly claim?: string
}

/** What the verifier of the family is configured with, besides its defaults. */
export const KEY_ID = 'k1'
export const KEYS = { keys: [{ ...SECRET_KEY, kid: KEY_ID }] }

/** A good token of a user, where it does not differ. `undefined` leaves a member out. */
export function rightlySigned(
  parts: {
    readonly header?: Readonly<Record<string, unknown>>
    readonly claims?: Readonly<Record<string, unknown>>
  } = {},
): string {
  return macToken({
    header: { ...HEADER, ...parts.header },
    payload: { ...CLAIMS, ...parts.claims },
  })
}

/** The text of a JSON object with more members written behind its own, so that a name can stand there twice. */
export function withMembers(object: object, members: string): string {
  return `${JSON.stringify(object).slice(0, -1)},${members}}`
}

/** Tokens that must be taken, however odd they look: they show that the family is refused for its faults alone. */
export const CONTROLS: readonly { readonly name: string; readonly token: string }[] = [
  { name: 'a good token', token: rightlySigned() },
  { name: 'with the id of its key', token: rightlySigned({ header: { kid: KEY_ID } }) },
  { name: 'with a typ in capitals', token: rightlySigned({ header: { typ: 'AT+JWT' } }) },
  {
    name: 'with the whole media type',
    token: rightlySigned({ header: { typ: 'application/at+jwt' } }),
  },
  {
    name: 'with a list of audiences',
    token: rightlySigned({ claims: { aud: ['https://other.example.com', CLAIMS.aud] } }),
  },
  { name: 'with fractions of seconds', token: rightlySigned({ claims: { exp: NOW + 0.5 } }) },
  {
    name: 'that has expired, within the leeway',
    token: rightlySigned({ claims: { exp: NOW - 4 } }),
  },
  {
    name: 'issued in the future, within the leeway',
    token: rightlySigned({ claims: { iat: NOW + 5 } }),
  },
  {
    name: 'valid from the future, within the leeway',
    token: rightlySigned({ claims: { nbf: NOW + 5 } }),
  },
  {
    name: 'of the longest lifetime',
    token: rightlySigned({ claims: { iat: NOW, exp: NOW + 3_600 } }),
  },
  {
    name: 'with escapes in the names and values of its JSON',
    token: macToken({
      header: '{"\\u0061lg":"HS\\u003256","typ":"at\\u002bjwt"}',
      payload: JSON.stringify(CLAIMS).replace('"exp"', '"\\u0065xp"'),
    }),
  },
  {
    name: 'with white space in its JSON',
    token: macToken({
      header: ` ${JSON.stringify(HEADER)}\n`,
      payload: JSON.stringify(CLAIMS, null, '\t'),
    }),
  },
  {
    name: 'with a key and addresses that nobody reads',
    token: rightlySigned({
      header: {
        jwk: SECRET_KEY,
        jku: 'https://evil.example.net/jwks',
        x5u: 'https://evil.example.net/',
        x5c: [],
      },
    }),
  },
]

import { Buffer } from 'node:buffer'
import { vectors } from '../jwt/tokens.js'

/** Texts of the corpora, one character for each byte, without what would end a field line. */
export interface Seeds {
  /** Values of `Authorization`: challenges, the examples of RFCs, tokens of Wycheproof and of our own corpus. */
  readonly authorizations: readonly string[]
  /** Values of `Cookie`. */
  readonly cookies: readonly string[]
  /** Strings that break programs. */
  readonly naughty: readonly string[]
  /** Bodies: JSON and what is nearly JSON. */
  readonly bodies: readonly string[]
}

export function readSeeds(): Seeds {
  const wycheproof = vectors<{ testGroups: { tests: { jws: string | object }[] }[] }>(
    'wycheproof/json_web_signature_test.json',
  )
  const tokens = wycheproof.testGroups.flatMap(({ tests }) =>
    tests.map(({ jws }) => (typeof jws === 'string' ? jws : JSON.stringify(jws))),
  )
  const hostile = vectors<{ cases: { token: string }[] }>(
    'attack-classes/hostile-signed-hs256.json',
  )
  const rfc = [
    ...vectors<{ header: string }[]>('rfc/rfc6750-bearer.json'),
    ...vectors<{ header: string }[]>('rfc/rfc7617-basic.json'),
  ]
  const challenges = vectors<{ headers: string[] }[]>('http-auth-challenge/challenges.json')
  const cookies = vectors<{ received: string[] }[]>('http-state-cookies/parser.json')
  const blns = vectors<string[]>('naughty-strings/blns.base64.json')
  const json = vectors<{ base64?: string }[]>('json-parsing/cases.json')
  return {
    authorizations: [
      ...[...tokens, ...hostile.cases.map(({ token }) => token)].map((token) => `Bearer ${token}`),
      ...rfc.map(({ header }) => header),
      ...challenges.flatMap(({ headers }) => headers),
    ]
      .map(onTheWire)
      .filter((text) => text.length < 9_000),
    cookies: cookies.flatMap(({ received }) => received).map(onTheWire),
    naughty: blns.map((text) => oneLine(Buffer.from(text, 'base64').toString('latin1'))),
    bodies: json
      .map(({ base64 = '' }) => Buffer.from(base64, 'base64').toString('latin1'))
      .filter((body) => body.length < 4_000),
  }
}

function onTheWire(text: unknown): string {
  return oneLine(Buffer.from(String(text ?? '')).toString('latin1'))
}

/** Without the controls that a server refuses in any field, so that the field gets to whoever reads it. */
function oneLine(text: string): string {
  let line = ''
  for (const character of text) {
    const code = character.charCodeAt(0)
    if (code === 0x09 || (code >= 0x20 && code !== 0x7f)) line += character
  }
  return line
}

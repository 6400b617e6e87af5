import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { algorithm, checkedAlgorithms } from '../../src/jwt/algorithms.js'
import { parseCompact, parseJws } from '../../src/jwt/compact.js'
import type { Jwk } from '../../src/jwt/jwk.js'
import { verificationKey } from '../../src/jwt/keys.js'
import { segment, vectors } from '../jwt/tokens.js'
import { ENGINES, type SignatureEngine } from './engines.js'

interface Signed {
  readonly title: string
  readonly input: { readonly payload: string; readonly key: Jwk | readonly Jwk[] }
  readonly output: {
    readonly compact?: string
    readonly json?: { readonly payload?: string; readonly signatures: readonly OneSignature[] }
    readonly json_flat?: object
  }
}

interface OneSignature {
  readonly protected?: string
  readonly header?: { readonly alg?: string }
  readonly signature: string
}

interface Encrypted {
  readonly title: string
  readonly output: {
    readonly compact?: string
    readonly json?: object
    readonly json_flat?: object
  }
}

interface Nested {
  readonly sign: Omit<Signed, 'title'>
  readonly encrypt: Encrypted
}

const folder = (path: string): readonly string[] =>
  readdirSync(new URL(`../vectors/jose-cookbook/${path}`, import.meta.url))
    .sort()
    .map((name) => `jose-cookbook/${path}/${name}`)

/** What a verifier of compact tokens says where it cannot say `valid`. */
const EXPECTED: readonly (readonly [title: RegExp, verdicts: readonly string[]])[] = [
  [/Content Only$/, ['token_malformed']], // has no protected header
  [/^Multiple Signatures$/, ['valid', 'token_malformed', 'valid']], // nor has its second signature
  [/b64.*compact/, ['critical_header']],
  [/b64/, ['token_malformed']], // its payload holds a dot
  [/ML-DSA/, ['algorithm_unknown']],
]

const nested = vectors<Nested>('jose-cookbook/ietf/6.nesting_signatures_and_encryption.json')

const signed: readonly Signed[] = [
  ...[...folder('ietf/jws'), ...folder('ietf/rfc7797')].map((path) => vectors<Signed>(path)),
  vectors<Signed>('jose-cookbook/ietf/curve25519/jws.json'),
  { title: 'Nesting: the inner token', ...nested.sign },
  ...vectors<Signed[]>('jose-cookbook/panva-jws.json'),
]

const encrypted: readonly Encrypted[] = [
  ...folder('ietf/jwe').map((path) => vectors<Encrypted>(path)),
  vectors<Encrypted>('jose-cookbook/ietf/curve25519/ecdh-es.json'),
  nested.encrypt,
  ...vectors<Encrypted[]>('jose-cookbook/panva-jwe.json'),
]

/** Each signature of a vector as a compact token, with the key that is said to have made it. */
function tokensOf({ input, output }: Signed): readonly (readonly [token: string, key: Jwk])[] {
  const keys = [input.key].flat()
  const { signatures = [], payload = segment(input.payload) } = output.json ?? {}
  const joined = signatures.map((one, position): readonly [string, Jwk] => [
    `${one.protected ?? ''}.${payload}.${one.signature}`,
    keys[position] ?? {},
  ])
  return output.json === undefined ? [[output.compact ?? '', keys[0] ?? {}]] : joined
}

/** The vectors hold private keys; a verifier is given the public half. */
function publicHalf({ d, p, q, dp, dq, qi, ...members }: Jwk): Jwk {
  return members
}

async function verdictOn(token: string, jwk: Jwk, engine: SignatureEngine): Promise<string> {
  const parsed = parseJws(token)
  if (!parsed.ok) return parsed.reason
  const entry = algorithm(parsed.value.header.alg)
  if (entry === null) return 'algorithm_unknown'
  const key = verificationKey(publicHalf(jwk), [entry])
  return key.ok ? engine.verify(parsed.value, key.value) : key.reason
}

describe.each(ENGINES)('the signatures of the JOSE cookbook, as $name judges them', (engine) => {
  it.each(signed)('$title', async (vector) => {
    const verdicts = await Promise.all(
      tokensOf(vector).map(([token, key]) => verdictOn(token, key, engine)),
    )
    const [, expected] = EXPECTED.find(([title]) => title.test(vector.title)) ?? []
    expect(verdicts).toEqual(expected ?? ['valid'])
  })

  it('are 25, of which 16 can be tokens of ours, and each of these is valid', async () => {
    const tokens = signed.flatMap(tokensOf)
    const verdicts = await Promise.all(tokens.map(([token, key]) => verdictOn(token, key, engine)))
    expect(tokens).toHaveLength(25)
    expect(verdicts.filter((verdict) => verdict === 'valid')).toHaveLength(16)
  })
})

describe('as JWTs, the tokens of the JOSE cookbook', () => {
  it('are refused where the payload is no set of claims', () => {
    const tokens = signed.filter(({ title }) => !title.startsWith('Nesting')).flatMap(tokensOf)
    expect(tokens.filter(([token]) => parseCompact(token).ok)).toEqual([])
  })

  it('are refused in every form of JSON', () => {
    const documents = signed.flatMap(({ output }) => [output.json, output.json_flat])
    const texts = documents.flatMap((each) => (each === undefined ? [] : [JSON.stringify(each)]))
    expect(texts.length).toBeGreaterThan(30)
    expect(texts.filter((text) => parseJws(text).ok)).toEqual([])
  })

  it('are refused with b64 or crit in the header, however the payload is spelt', () => {
    const extended = signed.filter(({ title }) => title.includes('b64'))
    const tokens = extended.flatMap(tokensOf).map(([token]) => token)
    expect(tokens).toHaveLength(3)
    for (const token of tokens) {
      expect(parseJws(token).ok).toBe(false)
      const [header, , signature] = [token.split('.').at(0), '', token.split('.').at(-1)]
      expect(parseJws(`${header}.${segment('{}')}.${signature}`)).toEqual({
        ok: false,
        reason: 'critical_header',
      })
    }
  })

  it.each(encrypted)('are refused by their shape when they are encrypted: $title', ({ output }) => {
    const forms = [output.compact, output.json, output.json_flat].filter(
      (form) => form !== undefined,
    )
    expect(forms.length).toBeGreaterThan(0)
    for (const form of forms) {
      const text = typeof form === 'string' ? form : JSON.stringify(form)
      expect(parseJws(text)).toEqual({ ok: false, reason: 'token_malformed' })
    }
  })
})

describe('the keys of the JOSE cookbook', () => {
  it.each([
    ['3_1.ec_public_key.json', 'ES512', 'usable'],
    ['3_2.ec_private_key.json', 'ES512', 'private_member'],
    ['3_3.rsa_public_key.json', 'RS256', 'usable'],
    ['3_4.rsa_private_key.json', 'PS256', 'private_member'],
    ['3_5.symmetric_key_mac_computation.json', 'HS256', 'usable'],
    ['3_6.symmetric_key_encryption.json', 'HS256', 'use_mismatch'],
  ])('%s for %s: %s', (file, name, expected) => {
    const key = verificationKey(
      vectors<Jwk>(`jose-cookbook/ietf/jwk/${file}`),
      checkedAlgorithms([name]),
    )
    expect(key.ok ? 'usable' : key.reason).toBe(expected)
  })
})

import { describe, expect, it } from 'vitest'
import { ConfigurationError } from '../../src/errors.js'
import { checkedAlgorithms } from '../../src/jwt/algorithms.js'
import { parseJws } from '../../src/jwt/compact.js'
import type { Jwk } from '../../src/jwt/jwk.js'
import { keyring } from '../../src/jwt/keyring.js'
import { vectors } from '../jwt/tokens.js'
import { ENGINES, type SignatureEngine } from './engines.js'

interface Suite {
  readonly testGroups: readonly {
    readonly public?: Jwk | { readonly keys: readonly Jwk[] }
    readonly private: Jwk | { readonly keys: readonly Jwk[] }
    readonly tests: readonly {
      readonly tcId: number
      readonly jws?: string | object
      readonly jwe?: string | object
      readonly result: 'valid' | 'invalid'
    }[]
  }[]
}

type Adjustments = Readonly<
  Record<string, { exclude: Record<string, string>; flip: Record<string, [string, string]> }>
>

const adjustments = vectors<Adjustments>('wycheproof/verdict-adjustments.json')

/**
 * As a verifier judges a token, up to the claims, which these payloads do not have: canonical text, an allowed
 * algorithm, a key for it, the signature. What is allowed is the algorithm that the key names, or, if it names none,
 * the one that the token claims: the loosest configuration that there is.
 */
async function isAccepted(
  keys: readonly Jwk[],
  jws: unknown,
  engine: SignatureEngine,
): Promise<boolean> {
  const parsed = parseJws(textOf(jws))
  if (!parsed.ok) return false
  const { alg, kid } = parsed.value.header
  const names = new Set(keys.map((key) => key.alg ?? alg))
  try {
    const allowed = checkedAlgorithms([...names])
    const ring = keyring({ keys }, allowed, { origin: 'static' })
    const entry = allowed.find(({ name }) => name === alg)
    const key = entry && ring.find(kid, entry)
    return key ? (await engine.verify(parsed.value, key)) === 'valid' : false
  } catch (error) {
    if (error instanceof ConfigurationError) return false
    throw error
  }
}

/** The vectors hold the JSON forms as objects. */
function textOf(token: unknown): string {
  return typeof token === 'string' ? token : JSON.stringify(token)
}

interface Tally {
  readonly wrong: readonly string[]
  readonly count: number
  readonly accepted: number
}

async function judge(file: string, engine: SignatureEngine): Promise<Tally> {
  const { exclude = {}, flip = {} } = adjustments[file] ?? {}
  const wrong: string[] = []
  let [count, accepted] = [0, 0]
  for (const group of vectors<Suite>(`wycheproof/${file}`).testGroups) {
    const key = group.public ?? group.private
    const keys = 'keys' in key ? key.keys : [key as Jwk] // a set has keys, and a JWK has no such member
    for (const { tcId, jws, result } of group.tests) {
      if (jws === undefined || String(tcId) in exclude) continue
      const expected = (flip[tcId]?.[0] ?? result) === 'valid'
      const actual = await isAccepted(keys, jws, engine)
      count += 1
      if (actual) accepted += 1
      if (actual !== expected)
        wrong.push(`${tcId} ${actual ? 'falsely accepted' : 'falsely refused'}`)
    }
  }
  return { wrong, count, accepted }
}

const FILES: readonly (readonly [string, number, number])[] = [
  ['json_web_signature_test.json', 399, 40],
  ['json_web_key_test.json', 26, 5],
  ['json_web_crypto_test.json', 49, 4],
]

describe.each(ENGINES)('Wycheproof, as $name judges it', (engine) => {
  it.each(FILES)('agrees with every verdict of %s', async (file, count, accepted) => {
    expect(await judge(file, engine)).toEqual({ wrong: [], count, accepted })
  })

  it('has 474 verdicts', async () => {
    const tallies = await Promise.all(FILES.map(([file]) => judge(file, engine)))
    expect(tallies.reduce((sum, { count }) => sum + count, 0)).toBe(474)
  })
})

describe('the encrypted tokens of Wycheproof', () => {
  it.each([
    ['json_web_encryption_test.json', 139],
    ['json_web_crypto_test.json', 34],
  ])('are refused by their shape, before any key is looked for: %s', (file, count) => {
    const tests = vectors<Suite>(`wycheproof/${file}`).testGroups.flatMap((group) => group.tests)
    const encrypted = tests.flatMap(({ jwe }) => (jwe === undefined ? [] : [textOf(jwe)]))
    const shapes = new Set(encrypted.map((text) => JSON.stringify(parseJws(text))))
    expect(encrypted).toHaveLength(count)
    expect([...shapes]).toEqual(['{"ok":false,"reason":"token_malformed"}'])
  })
})

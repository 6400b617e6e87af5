import { Buffer } from 'node:buffer'
import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { describe, expect, it } from 'vitest'
import { type Algorithm, checkedAlgorithms } from '../../src/jwt/algorithms.js'
import { vetKey } from '../../src/jwt/key-vetting.js'

const file = new URL('../vectors/jwt-weak-secrets/jwt.secrets.list.gz', import.meta.url)
/** Bytes and not text: not every line is UTF-8. */
const secrets = gunzipSync(readFileSync(file))
  .toString('latin1')
  .split('\r\n')
  .filter((line) => line !== '')
  .map((line) => Buffer.from(line, 'latin1'))

/** How often each verdict was given on the whole list. */
function verdicts(name: Algorithm): Readonly<Record<string, number>> {
  const allowed = checkedAlgorithms([name])
  const counts: Record<string, number> = {}
  for (const secret of secrets) {
    const vetted = vetKey({ kty: 'oct', k: secret.toString('base64url') }, allowed, 'verify')
    const verdict = vetted.ok ? 'taken' : vetted.reason
    counts[verdict] = (counts[verdict] ?? 0) + 1
  }
  return counts
}

describe('the list of known weak secrets', () => {
  it('holds 103,978 secrets, of which 1,886 have 32 bytes or more', () => {
    expect(secrets).toHaveLength(103_978)
    expect(secrets.filter(({ length }) => length >= 32)).toHaveLength(1_886)
  })

  // The rest looks like random keys, and much of it was one until it was published; see its SOURCE.md.
  it.each<[Algorithm, Readonly<Record<string, number>>]>([
    ['HS256', { secret_too_short: 102_092, taken: 1_886 }],
    ['HS384', { secret_too_short: 103_243, taken: 735 }],
    ['HS512', { secret_too_short: 103_418, taken: 560 }],
  ])('is refused for %s where a secret is shorter than the hash', (name, expected) => {
    expect(verdicts(name)).toEqual(expected)
  })
})

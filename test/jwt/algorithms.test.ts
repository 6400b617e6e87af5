import { readdirSync, readFileSync } from 'node:fs'
import fc from 'fast-check'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { algorithm, checkedAlgorithms } from '../../src/jwt/algorithms.js'

const NAMES = [
  ...['ES256', 'ES384', 'ES512', 'PS256', 'PS384', 'PS512', 'RS256', 'RS384', 'RS512'],
  ...['Ed25519', 'EdDSA', 'HS256', 'HS384', 'HS512'],
]

describe('algorithm', () => {
  it('knows the fourteen names of the table and says of each what its keys are', () => {
    const rows = NAMES.map((name) => {
      const entry = algorithm(name)
      return [entry?.name, entry?.family, entry?.keyType, entry?.curve, entry?.hashBytes]
    })
    expect(rows).toEqual([
      ['ES256', 'ec', 'EC', 'P-256', 32],
      ['ES384', 'ec', 'EC', 'P-384', 48],
      ['ES512', 'ec', 'EC', 'P-521', 64],
      ['PS256', 'rsa', 'RSA', null, 32],
      ['PS384', 'rsa', 'RSA', null, 48],
      ['PS512', 'rsa', 'RSA', null, 64],
      ['RS256', 'rsa', 'RSA', null, 32],
      ['RS384', 'rsa', 'RSA', null, 48],
      ['RS512', 'rsa', 'RSA', null, 64],
      ['Ed25519', 'okp', 'OKP', 'Ed25519', 64],
      ['EdDSA', 'okp', 'OKP', 'Ed25519', 64],
      ['HS256', 'hmac', 'oct', null, 32],
      ['HS384', 'hmac', 'oct', null, 48],
      ['HS512', 'hmac', 'oct', null, 64],
    ])
  })

  it('takes Ed25519 and EdDSA for one algorithm and every other name for one of its own', () => {
    expect(algorithm('EdDSA')?.identity).toBe(algorithm('Ed25519')?.identity)
    expect(new Set(NAMES.map((name) => algorithm(name)?.identity)).size).toBe(NAMES.length - 1)
  })
})

describe('checkedAlgorithms', () => {
  it.each(['none', 'None', 'NONE', 'nOnE', 'noNE', 'none ', ''])(
    'has no way to allow %j',
    (name) => {
      expect(() => checkedAlgorithms([name])).toThrow(
        expect.objectContaining({ code: 'algorithm_unknown' }),
      )
    },
  )

  it.each([
    'es256',
    'Hs256',
    'RSA1_5',
    'ES256K',
    'HS1',
    'A128KW',
    'dir',
    '__proto__',
    'constructor',
  ])('does not know %s', (name) => {
    expect(algorithm(name)).toBeNull()
    expect(() => checkedAlgorithms(['ES256', name])).toThrow(
      expect.objectContaining({ code: 'algorithm_unknown' }),
    )
  })

  it('refuses to allow nothing', () => {
    expect(() => checkedAlgorithms([])).toThrow(expect.objectContaining({ code: 'option_invalid' }))
  })

  it('lets one verifier allow several algorithms of a family, in their order', () => {
    expect(checkedAlgorithms(['RS256', 'PS256', 'RS256']).map(({ name }) => name)).toEqual([
      'RS256',
      'PS256',
    ])
  })

  it('refuses any two families together', () => {
    const two = fc.tuple(fc.constantFrom(...NAMES), fc.constantFrom(...NAMES))
    fc.assert(
      fc.property(two, ([left, right]) => {
        const isOneFamily = algorithm(left)?.family === algorithm(right)?.family
        const check = () => checkedAlgorithms([left, right])
        if (isOneFamily) expect(check).not.toThrow()
        else expect(check).toThrow(expect.objectContaining({ code: 'algorithm_families_mixed' }))
      }),
      { numRuns: 300 },
    )
  })

  it('never accepts a name outside the table', () => {
    const near = fc
      .constantFrom(...NAMES)
      .chain((name) =>
        fc.constantFrom(
          name.toLowerCase(),
          `${name} `,
          ` ${name}`,
          name.slice(1),
          `${name}0`,
          `${name}\0`,
        ),
      )
    fc.assert(
      fc.property(fc.oneof(fc.string(), near), (name) => {
        fc.pre(!NAMES.includes(name))
        expect(() => checkedAlgorithms([name])).toThrow(
          expect.objectContaining({ code: 'algorithm_unknown' }),
        )
      }),
      { numRuns: 500 },
    )
  })
})

describe('the table', () => {
  it('is the only file that spells an algorithm', () => {
    const src = new URL('../../src/', import.meta.url)
    const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
      .map((path) => path.replaceAll('\\', '/'))
      .filter((path) => path.endsWith('.ts') && !MAY_SPELL.some((room) => path.startsWith(room)))
    expect(files).toContain('jwt/verify-jwt.ts')
    const spelled = files.flatMap((path) =>
      stringsOf(readFileSync(new URL(path, src), 'utf8'))
        .filter(
          (text) =>
            NAMES.includes(text) || (text.toLowerCase() === 'none' && path.startsWith('jwt/')),
        )
        .map((text) => `${path}: ${text}`),
    )
    expect(spelled).toEqual([])
  })

  it('is looked for by a test that finds what it looks for', () => {
    expect(stringsOf("const a = { alg: 'ES256', b: `HS256`, 'RS256': 1 } // 'PS256'")).toEqual(
      expect.arrayContaining(['ES256', 'HS256', 'RS256']),
    )
  })
})

/** The table itself, and the test kit, which plays the part of an issuer and has to choose. */
const MAY_SPELL = ['jwt/algorithms.ts', 'testing/']

/** Every string of a file that the compiler sees: comments do not count. */
function stringsOf(text: string): readonly string[] {
  const found: string[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isStringLiteralLike(node)) found.push(node.text)
    ts.forEachChild(node, visit)
  }
  visit(ts.createSourceFile('a.ts', text, ts.ScriptTarget.Latest))
  return found
}

import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { defineScopes } from '../../src/scope/define-scopes.js'
import type { Grant } from '../../src/scope/grant.js'
import type { ScopeJudgement } from '../../src/scope/vocabulary.js'
import {
  asDefinition,
  plainDefinitions,
  requirementsOver,
  tokensFor,
  vocabularies,
  vocabulariesWithTokens,
} from '../support/scope-arbitraries.js'
import {
  allNames,
  interpret,
  meets,
  type PlainDefinition,
  pairs,
} from '../support/scope-interpreter.js'

const RUNS = { numRuns: 500 }

describe('the laws of coverage', () => {
  test('L1: the compiled matcher covers exactly what the reference interpreter covers', () => {
    fc.assert(
      fc.property(vocabulariesWithTokens(), ({ plain, scopes, tokens }) => {
        const grant = scopes.grant(tokens.join(' '))
        expect(sorted(grant.covered)).toEqual(sorted(interpret(plain, tokens)))
        for (const name of scopes.names)
          expect(scopes.can(grant, name)).toBe(grant.covered.has(name))
      }),
      { numRuns: 1_000 },
    )
  })

  test('L2: a scope covers itself', () => {
    fc.assert(
      fc.property(vocabularies(), ({ scopes }) => {
        for (const name of scopes.names) expect(scopes.can(scopes.grant(name), name)).toBe(true)
      }),
      RUNS,
    )
  })

  test('L3: what a covered scope covers is covered', () => {
    fc.assert(
      fc.property(vocabulariesWithTokens(), ({ scopes, tokens }) => {
        const grant = scopes.grant(tokens)
        for (const name of grant.covered) {
          for (const further of scopes.grant(name).covered) {
            expect(scopes.can(grant, further)).toBe(true)
          }
        }
      }),
      RUNS,
    )
  })

  test('L4: more tokens never cover less', () => {
    fc.assert(
      fc.property(
        vocabulariesWithTokens().chain((one) =>
          tokensFor(one.plain).map((more) => ({ ...one, more })),
        ),
        ({ scopes, tokens, more }) => {
          const less = scopes.grant(tokens)
          expect(
            [...less.covered].filter(
              (name) => !scopes.grant([...tokens, ...more]).covered.has(name),
            ),
          ).toEqual([])
        },
      ),
      RUNS,
    )
  })

  test('L5: what a grant covers, one of its tokens alone covers', () => {
    fc.assert(
      fc.property(vocabulariesWithTokens(), ({ scopes, tokens }) => {
        const grant = scopes.grant(tokens)
        for (const name of scopes.names) {
          const witnesses = tokens.filter((token) => scopes.can(scopes.grant([token]), name))
          expect(witnesses.length > 0).toBe(scopes.can(grant, name))
        }
      }),
      RUNS,
    )
  })

  test('L6: order, duplicates and extra spaces mean nothing', () => {
    const shuffled = vocabulariesWithTokens().chain((one) =>
      fc
        .tuple(
          fc.shuffledSubarray([...one.tokens, ...one.tokens], { minLength: one.tokens.length * 2 }),
          fc.constantFrom(' ', '  ', '   '),
        )
        .map(([again, space]) => ({ ...one, again, space })),
    )
    fc.assert(
      fc.property(shuffled, ({ scopes, tokens, again, space }) => {
        const left = scopes.grant(tokens.join(' '))
        const right = scopes.grant(`${space}${again.join(space)}${space}`)
        expect(contents(right)).toEqual(contents(left))
      }),
      RUNS,
    )
  })

  test('L7: what is covered is a normal form: read again, it covers itself and nothing more', () => {
    fc.assert(
      fc.property(vocabulariesWithTokens(), ({ scopes, tokens }) => {
        const covered = sorted(scopes.grant(tokens).covered)
        const again = scopes.grant(covered.join(' '))
        expect(sorted(again.covered)).toEqual(covered)
        expect(again.unknown).toEqual([])
        expect(again.malformed).toEqual([])
      }),
      RUNS,
    )
  })

  test('L8: the tokens of a grant, written and read again, are the same grant, in the characters of RFC 6749', () => {
    fc.assert(
      fc.property(vocabulariesWithTokens(), ({ scopes, tokens }) => {
        const grant = scopes.grant(tokens)
        const text = grant.tokens.join(' ')
        const again = scopes.grant(text)
        expect(again.tokens).toEqual(grant.tokens)
        expect(again.covered).toEqual(grant.covered)
        expect(text).toMatch(/^[\x20\x21\x23-\x5b\x5d-\x7e]*$/)
      }),
      RUNS,
    )
  })

  test('L9: no string and no JSON value makes reading throw', () => {
    const { scopes } = aVocabulary()
    fc.assert(
      fc.property(fc.oneof(fc.jsonValue(), fc.string({ unit: 'binary' })), (value) => {
        // What arrives at run time is not what the types say.
        const grants = [
          scopes.grant(value as string),
          scopes.fromClaims(value as Record<string, unknown>),
          scopes.fromClaims({ scope: value }),
          scopes.fromClaims({ scp: value }),
          scopes.fromClaims({ scope: 'users:read', scp: value }),
        ]
        for (const grant of grants) if (grant.problem !== null) expect(grant.covered.size).toBe(0)
      }),
      RUNS,
    )
  })

  test('L14: unknown and malformed tokens change nothing', () => {
    fc.assert(
      fc.property(vocabulariesWithTokens(), ({ scopes, tokens }) => {
        const grant = scopes.grant(tokens)
        expect(scopes.grant(grant.tokens).covered).toEqual(grant.covered)
        expect(scopes.grant([...grant.unknown, ...grant.malformed]).covered.size).toBe(0)
        expect(new Set([...grant.tokens, ...grant.unknown, ...grant.malformed])).toEqual(
          new Set(tokens),
        )
      }),
      RUNS,
    )
  })

  test('L15: no wildcard, implication or superuser grants an explicit-only scope', () => {
    fc.assert(
      fc.property(vocabulariesWithTokens(), ({ plain, scopes, tokens }) => {
        for (const name of explicitOnlyOf(plain)) {
          const others = [...tokens, ...scopes.names, '*:*', '*'].filter((token) => token !== name)
          expect(scopes.can(scopes.grant(others), name)).toBe(false)
        }
      }),
      RUNS,
    )
  })

  test('L16: without implications a token and a scope agree in number and text of their segments', () => {
    const bare = plainDefinitions().map(
      (plain): PlainDefinition => ({
        ...plain,
        superuser: null,
        explicitOnly: [],
        implies: new Map(),
        actionImplies: new Map(),
        wildcards: 'grants',
      }),
    )
    fc.assert(
      fc.property(
        bare.chain((plain) => tokensFor(plain).map((tokens) => ({ plain, tokens }))),
        ({ plain, tokens }) => {
          const scopes = defineScopes(asDefinition(plain))
          for (const token of tokens) {
            const pieces = token.split(':')
            const agreeing = pairs(plain).filter(
              ({ name }) =>
                pieces.length === 2 &&
                name
                  .split(':')
                  .every((segment, at) => pieces[at] === '*' || pieces[at] === segment),
            )
            const expected = new Set(agreeing.map(({ name }) => name))
            if (plain.opaque.includes(token)) expected.add(token)
            expect(sorted(scopes.grant([token]).covered)).toEqual(sorted(expected))
          }
        },
      ),
      RUNS,
    )
  })

  test('L16: of two names where one begins with the other, neither covers the other', () => {
    const segment = fc.string({ unit: fc.constantFrom(...'abAB01_-'), minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(segment, segment, segment, (resource, action, tail) => {
        const scopes = defineScopes({
          resources: Object.fromEntries([
            [resource, [action, `${action}${tail}`]],
            [`${resource}${tail}`, [action]],
          ]),
          wildcards: 'grants',
        })
        expect([...scopes.grant(`${resource}:${action}`).covered]).toEqual([
          `${resource}:${action}`,
        ])
        expect([...scopes.grant(`${resource}${tail}:*`).covered]).toEqual([
          `${resource}${tail}:${action}`,
        ])
        expect(scopes.grant(`${resource}:${action}${tail}`).covered.size).toBe(1)
      }),
      RUNS,
    )
  })

  test('L22: a vocabulary that gains a scope or an implication takes no access away', () => {
    fc.assert(
      fc.property(
        plainDefinitions().chain((plain) =>
          fc.tuple(fc.constant(plain), fc.nat(), tokensFor(plain)),
        ),
        ([plain, pick, tokens]) => {
          const larger = defineScopes(asDefinition(plain)).grant(tokens)
          for (const smaller of [withoutScope(plain, pick), withoutImplication(plain, pick)]) {
            const before = defineScopes(asDefinition(smaller)).grant(tokens)
            for (const name of before.covered) expect(larger.covered.has(name)).toBe(true)
          }
        },
      ),
      RUNS,
    )
  })

  test('L24: 8,192 characters of anything give an answer, and one more gives none', () => {
    const { scopes } = aVocabulary()
    const piece = fc.constantFrom(
      ' ',
      '*',
      ':',
      'a',
      '*:',
      ':*',
      'users:read ',
      '\t',
      'é',
      '\u0000',
      '"',
    )
    fc.assert(
      fc.property(piece, piece, (one, other) => {
        const text = `${one}${other}`.repeat(8_192).slice(0, 8_192)
        const grant = scopes.grant(text)
        if (grant.problem !== null) expect(grant.covered.size).toBe(0)
        expect(grant.tokens.length + grant.unknown.length + grant.malformed.length).toBeLessThan(
          513,
        )
        expect(scopes.grant(`${text} `).problem).toBe('scope_limit')
      }),
      { numRuns: 121 },
    )
  })
})

describe('the laws of requirements', () => {
  const judged = vocabulariesWithTokens().chain((one) =>
    fc.tuple(requirementsOver(one.scopes), requirementsOver(one.scopes)).map(([left, right]) => ({
      ...one,
      left,
      right,
      grant: one.scopes.grant(one.tokens),
    })),
  )

  test('L1: a judgement agrees with the reference interpreter', () => {
    fc.assert(
      fc.property(judged, ({ plain, scopes, tokens, grant, left }) => {
        const expected = meets(interpret(plain, tokens), left) ? 'covered' : 'insufficient'
        expect(scopes.judge(grant, left).kind).toBe(expected)
      }),
      { numRuns: 1_000 },
    )
  })

  test('L17: allOf is and, anyOf is or, and repeating or reordering parts changes nothing', () => {
    fc.assert(
      fc.property(judged, ({ scopes, grant, left, right }) => {
        fc.pre(size(left) * size(right) ** 2 <= 64)
        const met = (one: typeof left) => scopes.judge(grant, one).kind === 'covered'
        expect(met(scopes.allOf(left, right))).toBe(met(left) && met(right))
        expect(met(scopes.anyOf(left, right))).toBe(met(left) || met(right))
        for (const join of [scopes.allOf, scopes.anyOf]) {
          const once = join(left, right)
          for (const again of [join(right, left), join(left, right, right)]) {
            expect(missingOf(scopes.judge(grant, again))).toEqual(
              missingOf(scopes.judge(grant, once)),
            )
            expect(words(scopes.challenge(again, grant))).toEqual(
              words(scopes.challenge(once, grant)),
            )
          }
        }
      }),
      RUNS,
    )
  })

  test('L17: a judgement is monotone: more tokens never turn covered into insufficient', () => {
    fc.assert(
      fc.property(
        judged.chain((one) => tokensFor(one.plain).map((more) => ({ ...one, more }))),
        ({ scopes, tokens, grant, left, more }) => {
          fc.pre(scopes.judge(grant, left).kind === 'covered')
          expect(scopes.judge(scopes.grant([...more, ...tokens]), left).kind).toBe('covered')
        },
      ),
      RUNS,
    )
  })

  test('L19: a grant of the challenge meets the requirement, with or without what is held', () => {
    fc.assert(
      fc.property(judged, ({ scopes, grant, left }) => {
        for (const challenge of [scopes.challenge(left), scopes.challenge(left, grant)]) {
          expect(scopes.judge(scopes.grant(challenge), left)).toEqual({ kind: 'covered' })
          expect(challenge).not.toContain('*')
        }
      }),
      RUNS,
    )
  })

  test('L19: what is missing is not covered, not empty, part of the challenge, and enough', () => {
    fc.assert(
      fc.property(judged, ({ scopes, tokens, grant, left }) => {
        const judgement = scopes.judge(grant, left)
        fc.pre(judgement.kind === 'insufficient')
        expect(judgement.missing.length).toBeGreaterThan(0)
        expect(judgement.missing.filter((name) => scopes.can(grant, name))).toEqual([])
        const challenge = words(scopes.challenge(left, grant))
        expect(judgement.missing.filter((name) => !challenge.includes(name))).toEqual([])
        const more = scopes.grant([...tokens, ...judgement.missing])
        expect(scopes.judge(more, left)).toEqual({ kind: 'covered' })
      }),
      RUNS,
    )
  })

  test('no alternative would add less to what is held than the challenge does', () => {
    fc.assert(
      fc.property(judged, ({ scopes, grant, left }) => {
        const added = (text: string) =>
          [...scopes.grant(text).covered].filter((name) => !scopes.can(grant, name)).length
        const least = added(scopes.challenge(left, grant))
        for (const names of writtenOut(left)) {
          expect(added(names.join(' '))).toBeGreaterThanOrEqual(least)
        }
      }),
      RUNS,
    )
  })
})

function sorted(names: Iterable<string>): string[] {
  return [...names].sort()
}

function words(text: string): string[] {
  return text.split(' ').sort()
}

function missingOf(judgement: ScopeJudgement): string[] | null {
  return judgement.kind === 'covered' ? null : sorted(judgement.missing)
}

function contents(grant: Grant): unknown {
  const lists = [grant.tokens, grant.covered, grant.unknown, grant.malformed]
  return [lists.map(sorted), grant.problem]
}

function explicitOnlyOf(plain: PlainDefinition): string[] {
  return [...plain.explicitOnly, ...(plain.superuser === null ? [] : [plain.superuser])]
}

function aVocabulary() {
  const scopes = defineScopes({
    resources: { users: ['read', 'write'] },
    superuser: 'admin:all',
    implies: { 'users:write': ['users:read'] },
    wildcards: 'grants',
  })
  return { scopes }
}

type Tree = Parameters<typeof meets>[1]

/** Written by recursion on lists of names, apart from the library's own way of doing it. */
function writtenOut(tree: Tree): string[][] {
  if (tree.kind === 'authenticated') return [[]]
  if (tree.kind === 'scope') return [[tree.name]]
  const parts = tree.parts.map(writtenOut)
  if (tree.kind === 'anyOf') return parts.flat()
  let done: string[][] = [[]]
  for (const part of parts) done = done.flatMap((left) => part.map((right) => [...left, ...right]))
  return done
}

function size(tree: Tree): number {
  return writtenOut(tree).length
}

/** The definition before this scope came: without it, and without whatever mentions it. */
function withoutScope(plain: PlainDefinition, pick: number): PlainDefinition {
  const names = allNames(plain).filter((name) => name !== plain.superuser)
  const gone = names[pick % Math.max(names.length, 1)]
  if (gone === undefined) return plain
  const kept = (list: readonly string[]) => list.filter((name) => name !== gone)
  const resources = new Map(
    [...plain.resources].map(([resource, actions]) => [
      resource,
      actions.filter((action) =>
        pairs(plain).every(
          (pair) => pair.name !== gone || pair.resource !== resource || pair.action !== action,
        ),
      ),
    ]),
  )
  const actions = new Set([...resources.values()].flat())
  const keptActions = [...plain.actionImplies]
    .filter(([from]) => actions.has(from))
    .map(([from, to]) => [from, to.filter((action) => actions.has(action))] as const)
  return {
    ...plain,
    resources,
    opaque: kept(plain.opaque),
    explicitOnly: kept(plain.explicitOnly),
    implies: new Map(
      [...plain.implies].filter(([from]) => from !== gone).map(([from, to]) => [from, kept(to)]),
    ),
    actionImplies: new Map(keptActions),
  }
}

/** The definition before this implication came. */
function withoutImplication(plain: PlainDefinition, pick: number): PlainDefinition {
  const gone = [...plain.implies.keys()][pick % Math.max(plain.implies.size, 1)]
  return { ...plain, implies: new Map([...plain.implies].filter(([from]) => from !== gone)) }
}

import type { Grant } from '../../../src/scope/grant.js'
import { difference, excessOver, firstOf, type Law, unless } from './law.js'
import { type Situation, withoutImplication, withoutScope } from './situation.js'

/** What can be worked out about grants, and what is written back as text. */
export const ALGEBRA_LAWS: readonly Law[] = [
  {
    id: 'L7',
    name: 'the normal form covers the same, has nothing to spare, and is the same for any order',
    check({ situation, claims: [tokens], grants: [grant] }) {
      const { scopes } = situation
      const normal = scopes.normalize(grant)
      const alone = normal.tokens.map((token) => scopes.grant([token]).covered)
      const spare = normal.tokens.find((_, at) =>
        alone.some(
          (wider, other) => other !== at && excessOver('', alone[at] ?? [], wider) === null,
        ),
      )
      return firstOf(
        difference('covered', normal.covered, grant.covered),
        unless(spare === undefined, `${spare} is to spare`),
        sameList('again', scopes.normalize(normal).tokens, normal.tokens),
        sameList('of the reverse', scopes.normalize([...tokens].reverse()).tokens, normal.tokens),
        sameList('sorted', [...normal.tokens].sort(), normal.tokens),
        difference(
          'in the own dialect',
          inOwnDialect(situation, normal.tokens).covered,
          grant.covered,
        ),
      )
    },
  },
  {
    id: 'L8',
    name: 'what is written, read again, is the same, in the characters of RFC 6749',
    check({ situation: { scopes }, grants: [grant] }) {
      const text = scopes.format(grant)
      const again = scopes.fromClaims({ scope: text })
      return firstOf(
        sameList('tokens', again.tokens, scopes.normalize(grant).tokens),
        difference('covered', again.covered, grant.covered),
        unless(scopes.format(again) === text, `written again as ${scopes.format(again)}`),
        unless(/^[\x20\x21\x23-\x5b\x5d-\x7e]*$/.test(text), 'characters that no claim may have'),
      )
    },
  },
  {
    id: 'L10',
    name: 'intersect and union are exact, and both are commutative, associative, idempotent, and absorb each other',
    check({ situation: { scopes }, grants: [one, two, three] }) {
      const both = scopes.intersect(one, two)
      const either = scopes.union(one, two)
      return firstOf(
        difference('in both', both.covered, common(one, two)),
        difference('in either', either.covered, [...one.covered, ...two.covered]),
        sameList('both, turned round', scopes.intersect(two, one).tokens, both.tokens),
        sameList('either, turned round', scopes.union(two, one).tokens, either.tokens),
        sameList(
          'in all three',
          scopes.intersect(both, three).tokens,
          scopes.intersect(one, scopes.intersect(two, three)).tokens,
        ),
        sameList(
          'in any of three',
          scopes.union(either, three).tokens,
          scopes.union(one, scopes.union(two, three)).tokens,
        ),
        difference('with itself', scopes.intersect(one, one).covered, one.covered),
        difference('or itself', scopes.union(one, one).covered, one.covered),
        difference('and absorbs', scopes.intersect(one, either).covered, one.covered),
        difference('or absorbs', scopes.union(one, both).covered, one.covered),
      )
    },
  },
  {
    id: 'L11',
    name: 'what is written and read again never covers more than what it was made of',
    check({ situation: { scopes }, grants: [one, two] }) {
      const both = common(one, two)
      const either = new Set([...one.covered, ...two.covered])
      const reread = (grant: Grant) => scopes.grant(grant.tokens.join(' ')).covered
      return firstOf(
        difference('intersect', reread(scopes.intersect(one, two)), both),
        difference('union', reread(scopes.union(one, two)), either),
        difference('normalize', reread(scopes.normalize(one)), one.covered),
        difference('atoms', scopes.grant(scopes.toAtoms(one)).covered, one.covered),
      )
    },
  },
  {
    id: 'L12',
    name: 'downscope gives what request and grant have in common, in any order of hops, and refuses to give nothing',
    check({ situation: { scopes }, claims: [asked, , more], grants: [one, two, three] }) {
      const found = narrowed(scopes, asked, two)
      const hops = narrowed(scopes, three.tokens, scopes.grant(narrowed(scopes, asked, two)))
      const turned = narrowed(scopes, asked, scopes.grant(narrowed(scopes, three.tokens, two)))
      const larger = scopes.grant([...two.tokens, ...more])
      return firstOf(
        difference('in common', scopes.grant(found).covered, common(one, two)),
        unless((found === '') === (common(one, two).size === 0), 'nothing is given, or refused'),
        difference(
          'with itself',
          scopes.grant(narrowed(scopes, two.tokens, two)).covered,
          two.covered,
        ),
        difference('hops', scopes.grant(hops).covered, scopes.grant(turned).covered),
        excessOver(
          'less for more',
          scopes.grant(found).covered,
          scopes.grant(narrowed(scopes, asked, larger)).covered,
        ),
      )
    },
  },
  {
    id: 'L12',
    name: 'downscope says what is missing, and in mode exact gives all or nothing',
    check({ situation: { scopes }, claims: [asked], grants: [one, two] }) {
      const answers = (['narrow', 'exact'] as const).map((mode) =>
        scopes.downscope({ requested: asked.join(' '), granted: two, mode }),
      )
      const missing = asked.length === 0 ? [] : scopes.difference(one, two)
      const idle = one.unknown.length + one.malformed.length
      const isWhole = one.tokens.length > 0 && missing.length + idle === 0
      for (const answer of answers) {
        const complaint = firstOf(
          sameList('missing', answer.missing, missing),
          difference('ignored', answer.ignored, one.unknown),
          difference('malformed', answer.malformed, one.malformed),
        )
        if (complaint !== null) return complaint
      }
      const [, exact] = answers
      if (exact?.kind !== 'narrowed') return unless(!isWhole, 'all is held, and it is refused')
      return difference('exact', scopes.grant(exact.scope).covered, isWhole ? one.covered : [])
    },
  },
  {
    id: 'L12',
    name: 'what downscope gave stays below the grant when the vocabulary has grown',
    check({ situation, claims: [asked, some], number }) {
      const { names } = situation.scopes
      // Where a pattern is asked for, the grant has all that it stands for before the vocabulary grows.
      const pattern = asked.find((token) => token.includes('*')) ?? ''
      const matched = situation.scopes.toAtoms(pattern)
      const grown = matched.length > 0 ? matched : names
      const name = grown[number % grown.length]
      if (name === undefined || name === situation.plain.superuser) return null
      const held = [...some, ...matched].filter((token) => token !== name)
      const { scopes } =
        number % 3 === 0
          ? situation.relative(`implication ${name}`, (plain) => withoutImplication(plain, name))
          : situation.relative(`scope ${name}`, (plain) => withoutScope(plain, name))
      const given = situation.scopes.grant(narrowed(scopes, asked, scopes.grant(held)))
      return excessOver(name, given.covered, situation.scopes.grant(held).covered)
    },
  },
  {
    id: 'L13',
    name: 'a requested token of which all is held survives, or a wider one that was asked for does',
    check({ situation, claims: [asked], grants: [one, two] }) {
      const { scopes } = situation
      const given = scopes.grant(narrowed(scopes, asked, two))
      const wide = given.tokens.map((token) => scopes.grant([token]).covered)
      for (const token of one.tokens) {
        const { covered } = scopes.grant([token])
        if (excessOver('', covered, two.covered) !== null) continue
        // A pattern that the grant does not hold is written out: else it would grow, and the grant would not.
        const isWrittenOut =
          token.includes('*') &&
          !(two.tokens.includes(token) && inOwnDialect(situation, [token]).tokens.length > 0)
        const kept = isWrittenOut ? [given.covered] : wide
        if (!kept.some((larger) => excessOver('', covered, larger) === null))
          return `${token} is lost`
      }
      return null
    },
  },
  {
    id: 'L21',
    name: 'two grants are equivalent exactly if no scope tells them apart, and subsets and differences agree',
    check({ situation: { scopes }, grants: [one, two] }) {
      const apart = (left: Grant, right: Grant) =>
        scopes.names.filter((name) => scopes.can(left, name) && !scopes.can(right, name))
      const spare = apart(one, two)
      const lost = apart(two, one)
      return firstOf(
        unless(
          scopes.equivalent(one, two) === (spare.length + lost.length === 0),
          'equivalent is wrong',
        ),
        unless(scopes.subsetOf(one, two) === (spare.length === 0), 'subsetOf is wrong'),
        unless(scopes.subsetOf(two, one) === (lost.length === 0), 'subsetOf is wrong'),
        unless(scopes.equivalent(one, scopes.format(one)), 'not equivalent to its own text'),
        sameList('difference', scopes.difference(one, two), spare.sort()),
        sameList(
          'atoms',
          scopes.toAtoms(one),
          scopes.names.filter((name) => scopes.can(one, name)).sort(),
        ),
      )
    },
  },
]

/** What downscope gives; empty if it refuses. */
function narrowed(
  scopes: Situation['scopes'],
  requested: readonly string[],
  granted: Grant,
): string {
  const answer = scopes.downscope({ requested, granted })
  return answer.kind === 'narrowed' ? answer.scope : ''
}

function inOwnDialect(situation: Situation, tokens: readonly string[]): Grant {
  const alone = situation.relative('own dialect', (plain) => ({ ...plain, accepts: [] }))
  return alone.scopes.grant(tokens)
}

function common(one: Grant, two: Grant): ReadonlySet<string> {
  return new Set([...one.covered].filter((name) => two.covered.has(name)))
}

function sameList(
  what: string,
  found: readonly string[],
  expected: readonly string[],
): string | null {
  const isSame = found.length === expected.length && found.every((one, at) => one === expected[at])
  return unless(isSame, `${what}: ${found.join(' ')} instead of ${expected.join(' ')}`)
}

import type { Scopes } from '../../../src/scope/vocabulary.js'
import { createRandom } from '../../fuzz/random.js'
import {
  allNames,
  interpret,
  type PlainDefinition,
  pairs,
  spellings,
} from '../../support/scope-interpreter.js'
import { difference, excessOver, firstOf, type Law, unless } from './law.js'
import { withoutImplication, withoutScope } from './situation.js'

/** What a grant covers. */
export const COVERAGE_LAWS: readonly Law[] = [
  {
    id: 'L1',
    name: 'the compiled matcher covers exactly what the reference interpreter covers',
    check({ situation: { plain, scopes }, claims: [tokens], grants: [grant], number }) {
      const expected = interpret(plain, tokens)
      // The first question to a grant is answered in another way than those after it.
      const name = scopes.names[number % scopes.names.length] ?? ''
      for (const fresh of [scopes.grant(tokens.join(' ')), scopes.grant(tokens)]) {
        if (scopes.can(fresh, name) !== expected.has(name)) return `first asked for ${name}`
      }
      return (
        difference('covered', grant.covered, expected) ??
        difference(
          'can',
          scopes.names.filter((name) => scopes.can(grant, name)),
          expected,
        )
      )
    },
  },
  {
    id: 'L2',
    name: 'a scope covers itself',
    check({ situation: { scopes }, number }) {
      const name = scopes.names[number % scopes.names.length]
      if (name === undefined) return null
      return unless(scopes.can(scopes.grant(name), name), `${name} does not cover itself`)
    },
  },
  {
    id: 'L3',
    name: 'what a covered scope covers is covered',
    check({ situation: { scopes }, grants: [grant], number }) {
      const names = [...grant.covered]
      const name = names[number % names.length]
      if (name === undefined) return null
      const further = scopes.names.filter((one) => scopes.can(scopes.grant(name), one))
      return unless(
        further.every((one) => scopes.can(grant, one)),
        `${name} is covered, but not all of ${further.join(' ')}`,
      )
    },
  },
  {
    id: 'L4',
    name: 'more tokens never cover less',
    check({ situation: { scopes }, claims: [tokens, more], grants: [less] }) {
      const larger = scopes.grant([...tokens, ...more])
      const lost = scopes.names.filter(
        (name) => scopes.can(less, name) && !scopes.can(larger, name),
      )
      return unless(lost.length === 0, `${lost.join(' ')} lost`)
    },
  },
  {
    id: 'L5',
    name: 'what a grant covers, one of its tokens alone covers',
    check({ situation: { scopes }, claims: [tokens], grants: [grant] }) {
      const alone = tokens.map((token) => scopes.grant([token]))
      const witnessed = scopes.names.filter((name) => alone.some((one) => scopes.can(one, name)))
      const covered = scopes.names.filter((name) => scopes.can(grant, name))
      return difference('covered', covered, witnessed)
    },
  },
  {
    id: 'L6',
    name: 'order, duplicates and extra spaces mean nothing',
    check({ situation: { scopes }, claims: [tokens], grants: [grant], number }) {
      const random = createRandom(number)
      const space = ' '.repeat(1 + random.below(3))
      const again = [...tokens, ...tokens].sort(() => random.below(3) - 1)
      const other = scopes.grant(`${space}${again.join(space)}${space}`)
      return firstOf(
        difference('covered', other.covered, grant.covered),
        difference('tokens', other.tokens, grant.tokens),
        difference('unknown', other.unknown, grant.unknown),
        difference('malformed', other.malformed, grant.malformed),
        unless(other.problem === grant.problem, `problem ${other.problem}`),
        unless(new Set(other.tokens).size === other.tokens.length, 'a token twice'),
      )
    },
  },
  {
    id: 'L7',
    name: 'what is covered, read again, covers itself and nothing more',
    check({ situation: { scopes }, grants: [grant] }) {
      const again = scopes.grant([...grant.covered])
      return firstOf(
        difference('covered', again.covered, grant.covered),
        difference('unknown', [...again.unknown, ...again.malformed], []),
      )
    },
  },
  {
    id: 'L9',
    name: 'no string and no JSON value makes reading throw, and what is refused covers nothing',
    check({ situation: { scopes }, claims: [tokens, more], number }) {
      const value = hostileValue(number, [...tokens, ...more])
      // What arrives at run time is not what the types say.
      const grants = [
        scopes.grant(value as string),
        scopes.fromClaims(value as Record<string, unknown>),
        scopes.fromClaims({ scope: value }),
        scopes.fromClaims({ scp: value }),
        scopes.fromClaims({ scope: tokens.join(' '), scp: value }),
      ]
      return unless(
        grants.every((grant) => grant.problem === null || grant.covered.size === 0),
        'a refused claim covers something',
      )
    },
  },
  {
    id: 'L14',
    name: 'unknown and malformed tokens change nothing, and each token is listed once',
    check({ situation: { scopes }, claims: [tokens], grants: [grant] }) {
      const idle = scopes.grant([...grant.unknown, ...grant.malformed])
      const listed = [...grant.tokens, ...grant.unknown, ...grant.malformed]
      return firstOf(
        difference('without them', scopes.grant(grant.tokens).covered, grant.covered),
        difference('alone', idle.covered, []),
        difference('listed', listed, tokens),
        unless(new Set(listed).size === listed.length, 'a token is listed twice'),
      )
    },
  },
  {
    id: 'L15',
    name: 'no wildcard, implication or superuser grants an explicit-only scope',
    check({ situation: { plain, scopes }, claims: [tokens] }) {
      const explicit = plain.superuser === null ? [] : [plain.superuser]
      for (const name of [...explicit, ...plain.explicitOnly]) {
        const own = [name, ...spellings(plain, name).map(({ text }) => text)]
        const others = [...tokens, ...scopes.names, '*:*', '*', '**', '*.*'].filter(
          (one) => !own.includes(one),
        )
        if (scopes.can(scopes.grant(others), name)) return `${name} granted without its own name`
      }
      return null
    },
  },
  {
    id: 'L16',
    name: 'without implications a token and a scope agree in number and text of their segments',
    check({ situation, claims: [tokens] }) {
      const { plain, scopes } = situation.relative('bare', withoutAnyImplication)
      for (const token of tokens) {
        const agreeing = allNames(plain).filter((name) =>
          spellings(plain, name).some(({ dialect, segments }) => {
            const pieces = token.split(dialect === 'dotted' ? '.' : ':')
            // The one wildcard that stands for several: as many as are left, and at least one.
            if (
              dialect === 'dotted' &&
              pieces.at(-1) === '**' &&
              pieces.length <= segments.length
            ) {
              pieces.splice(-1, 1, ...segments.slice(pieces.length - 1).map(() => '*'))
            }
            return (
              pieces.length === segments.length &&
              segments.every((segment, at) => pieces[at] === '*' || pieces[at] === segment)
            )
          }),
        )
        const expected = new Set(agreeing)
        if (plain.opaque.includes(token)) expected.add(token)
        const complaint = difference(token, scopes.grant([token]).covered, expected)
        if (complaint !== null) return complaint
      }
      return null
    },
  },
  {
    id: 'L16',
    name: 'a name does not cover another that it begins, nor one that begins it',
    check({ situation, number }) {
      const random = createRandom(number)
      const word = () =>
        Array.from({ length: 1 + random.below(4) }, () => random.pick([...'abAB01_-'])).join('')
      const { plain, scopes } = situation.relative(`prefixes ${number % 5}`, (one) =>
        prefixed(one, word(), word(), word()),
      )
      const all = pairs(plain)
      const held = all.filter(() => random.chance(0.4))
      const { resource } = random.pick(all)
      const separate = all.filter((one) => one.resource === resource || held.includes(one))
      return firstOf(
        difference('names', scopes.grant(namesOf(held)).covered, namesOf(held)),
        difference(
          `and all of ${resource}`,
          scopes.grant([...namesOf(held), ...patternOf(plain, resource)]).covered,
          namesOf(separate),
        ),
      )
    },
  },
  {
    id: 'L22',
    name: 'a vocabulary that gains a scope or an implication takes no access away',
    check({ situation, claims: [tokens], grants: [grant], number }) {
      const { names } = situation.scopes
      const name = names[number % names.length]
      if (name === undefined || name === situation.plain.superuser) return null
      const before = [
        situation.relative(`scope ${name}`, (plain) => withoutScope(plain, name)),
        situation.relative(`implication ${name}`, (plain) => withoutImplication(plain, name)),
      ]
      for (const { scopes } of before) {
        const complaint = excessOver('before', scopes.grant(tokens).covered, grant.covered)
        if (complaint !== null) return complaint
      }
      return null
    },
  },
  {
    id: 'L22',
    name: 'what the tokens of a claim gain with a vocabulary is what the widenings list for them',
    check({ situation, claims: [tokens], grants: [grant], number }) {
      const name = situation.scopes.names[number % 3]
      if (name === undefined) return null
      const older = situation.relative(`scope ${name}`, (plain) => withoutScope(plain, name)).scopes
      const before = older.grant(tokens).covered
      const listed = wideningsOf(situation.scopes, older)
      const gained = tokens.flatMap((token) => listed.get(token) ?? [])
      return difference(
        'gained',
        gained.filter((one) => !before.has(one)),
        [...grant.covered].filter((one) => !before.has(one)),
      )
    },
  },
  {
    id: 'L23',
    name: 'accepting a second dialect changes no answer for the first',
    check({ situation, claims: [tokens], grants: [grant] }) {
      const alone = situation.relative('own dialect', (plain) => ({ ...plain, accepts: [] }))
      const before = alone.scopes.grant(tokens)
      const same = situation.scopes.grant(before.tokens)
      return firstOf(
        difference('of the first', same.covered, before.covered),
        excessOver('lost', before.covered, grant.covered),
      )
    },
  },
  {
    id: 'L24',
    name: '8,192 characters of anything give an answer, and one more gives none',
    check({ situation: { scopes }, claims: [tokens, more], number }) {
      const random = createRandom(number)
      const pieces = [...tokens, ...more, ...WORST_PIECES]
      const unit = `${random.pick(pieces)}${random.pick(WORST_PIECES)}${random.pick(pieces)}`
      // The longest claim is for a few of the runs; it costs a hundred times as much as another.
      const length = random.below(RUNS_PER_LONGEST) === 0 ? 8_192 : random.below(512)
      const text = unit.repeat(Math.ceil(length / unit.length)).slice(0, length)
      const grant = scopes.grant(text)
      const listed = grant.tokens.length + grant.unknown.length + grant.malformed.length
      return firstOf(
        unless(grant.problem === null || grant.covered.size === 0, 'refused, and yet it covers'),
        unless(listed <= 512, `${listed} tokens read`),
        unless(
          scopes.grant(`${' '.repeat(8_192 - length)}${text} `).problem === 'scope_limit',
          'one character more is read',
        ),
      )
    },
  },
]

const widenings = new WeakMap<Scopes, ReadonlyMap<string, readonly string[]>>()

/** What each token gained, worked out once for each older vocabulary. */
function wideningsOf(newer: Scopes, older: Scopes): ReadonlyMap<string, readonly string[]> {
  const known = widenings.get(older)
  if (known !== undefined) return known
  const listed = newer.wideningsSince(older)
  const made = new Map(listed.map(({ token, gained }) => [token, gained]))
  widenings.set(older, made)
  return made
}

function withoutAnyImplication(plain: PlainDefinition): PlainDefinition {
  return {
    ...plain,
    superuser: null,
    explicitOnly: [],
    implies: new Map(),
    actionImplies: new Map(),
    wildcards: 'grants',
  }
}

function namesOf(list: readonly { readonly name: string }[]): string[] {
  return list.map(({ name }) => name)
}

function patternOf(plain: PlainDefinition, resource: string): string[] {
  const patterns = {
    'resource:action': `${resource}:*`,
    'action:resource': `*:${resource}`,
    dotted: `${resource}.*`,
  }
  return [patterns[plain.dialect]]
}

function prefixed(
  plain: PlainDefinition,
  resource: string,
  action: string,
  tail: string,
): PlainDefinition {
  return {
    ...withoutAnyImplication(plain),
    accepts: [],
    actions: [],
    opaque: [],
    resources: new Map([
      [resource, [action, `${action}${tail}`]],
      [`${resource}${tail}`, [action, `${action}${tail}`]],
    ]),
  }
}

/** Text or JSON that no issuer writes. */
function hostileValue(number: number, tokens: readonly string[]): unknown {
  const random = createRandom(number)
  const text = (): string => {
    const length = random.chance(0.005) ? 9_000 : random.below(24)
    return Array.from({ length }, () =>
      String.fromCharCode(random.chance(0.7) ? random.below(128) : random.below(65_536)),
    ).join('')
  }
  const value = (depth: number): unknown => {
    switch (random.below(depth > 2 ? 5 : 9)) {
      case 0:
        return text()
      case 1:
        return tokens.length === 0 ? '' : random.pick(tokens)
      case 2:
        return random.pick([null, true, false, 0, -1, 1.5])
      case 3:
        return tokens.join(random.pick([' ', '  ', '\t', ',', '\n']))
      case 4:
        return [...tokens]
      case 5:
      case 6:
        return Array.from({ length: random.below(4) }, () => value(depth + 1))
      default:
        return Object.fromEntries(
          Array.from({ length: random.below(4) }, () => [
            random.pick(['scope', 'scp', '__proto__', 'length', 'toString', text()]),
            value(depth + 1),
          ]),
        )
    }
  }
  return value(0)
}

const WORST_PIECES = [
  ' ',
  '*',
  ':',
  '.',
  'a',
  '*:',
  ':*',
  'users:read ',
  '\t',
  'é',
  '\u0000',
  '"',
  '**',
]
const RUNS_PER_LONGEST = 50

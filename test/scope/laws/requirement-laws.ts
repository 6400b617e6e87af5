import type { Requirement } from '../../../src/scope/requirement.js'
import type { ScopeJudgement } from '../../../src/scope/vocabulary.js'
import { interpret, meets } from '../../support/scope-interpreter.js'
import { difference, firstOf, type Law, unless } from './law.js'

/** What a requirement needs, and what a challenge asks for. */
export const REQUIREMENT_LAWS: readonly Law[] = [
  {
    id: 'L1',
    name: 'a judgement agrees with the reference interpreter',
    check({ situation: { plain, scopes }, claims, grants, requirements: [left, right] }) {
      const [, tokens] = claims
      const [, grant] = grants
      const covered = interpret(plain, tokens)
      for (const requirement of [left, right]) {
        const found = scopes.judge(grant, requirement).kind === 'covered'
        if (found !== meets(covered, requirement)) return `judged ${found}`
      }
      return null
    },
  },
  {
    id: 'L17',
    name: 'allOf is and, anyOf is or, and repeating or reordering parts changes nothing',
    check({ situation: { scopes }, grants: [grant], requirements: [left, right], number }) {
      if (sizeOf(left) * sizeOf(right) ** 2 > 64) return null
      const met = (one: Requirement) => scopes.judge(grant, one).kind === 'covered'
      const isAllOf = number % 2 === 0
      const join = isAllOf ? scopes.allOf : scopes.anyOf
      const once = join(left, right)
      const expected = isAllOf ? met(left) && met(right) : met(left) || met(right)
      if (met(once) !== expected) return `${once.kind} of its parts is not ${expected}`
      const again = number % 3 === 0 ? join(right, left) : join(left, right, right)
      return firstOf(
        difference(
          'missing',
          missingOf(scopes.judge(grant, again)),
          missingOf(scopes.judge(grant, once)),
        ),
        difference(
          'challenge',
          scopes.challenge(again, grant).split(' '),
          scopes.challenge(once, grant).split(' '),
        ),
      )
    },
  },
  {
    id: 'L17',
    name: 'a judgement is monotone: more tokens never turn covered into insufficient',
    check({
      situation: { scopes },
      claims: [tokens, more],
      grants: [grant],
      requirements: [left],
    }) {
      if (scopes.judge(grant, left).kind !== 'covered') return null
      const larger = scopes.grant([...more, ...tokens])
      return unless(scopes.judge(larger, left).kind === 'covered', 'more tokens, less access')
    },
  },
  {
    id: 'L18',
    name: 'the least grant meets every requirement, and without any of its tokens it does not',
    check({ situation: { scopes }, requirements: [left, right], number }) {
      const requirements = number % 3 === 0 ? [left] : [left, right]
      const least = scopes.leastFor(requirements)
      const isEnough = (tokens: readonly string[]) =>
        requirements.every((one) => scopes.judge(scopes.grant(tokens), one).kind === 'covered')
      if (!isEnough(least.tokens)) return `${least.tokens.join(' ')} is not enough`
      for (const token of least.tokens) {
        if (isEnough(least.tokens.filter((one) => one !== token))) return `${token} is to spare`
      }
      const again = scopes.leastFor([...requirements].reverse())
      return firstOf(
        unless(
          least.tokens.every((token) => scopes.names.includes(token)),
          'not all are names',
        ),
        difference('in another order', again.tokens, least.tokens),
      )
    },
  },
  {
    id: 'L18',
    name: 'the excess is what is held beyond the reach of every alternative, and the least has none',
    check({ situation: { scopes }, grants: [grant], requirements: [left, right] }) {
      const ways = [left, right].flatMap((one) => withoutDetours(writtenOut(one)))
      const useful = scopes.grant(ways.flat()).covered
      const expected = [...grant.covered].filter((name) => !useful.has(name))
      return firstOf(
        difference('excess', scopes.excess(grant, [left, right]), expected),
        difference(
          'of the least',
          scopes.excess(scopes.leastFor([left, right]), [left, right]),
          [],
        ),
      )
    },
  },
  {
    id: 'L19',
    name: 'a grant of the challenge meets the requirement, with or without what is held',
    check({ situation: { scopes }, grants: [grant], requirements: [left] }) {
      for (const challenge of [scopes.challenge(left), scopes.challenge(left, grant)]) {
        const names = challenge === '' ? [] : challenge.split(' ')
        const isEnough = scopes.judge(scopes.grant(challenge), left).kind === 'covered'
        if (!isEnough) return `${challenge} is not enough`
        const isWhole = writtenOut(left).some((one) => difference('', one, names) === null)
        if (!isWhole) return `${challenge} is no whole alternative`
      }
      return null
    },
  },
  {
    id: 'L19',
    name: 'what is missing is not covered, not empty, part of the challenge, and enough',
    check({ situation: { scopes }, claims: [tokens], grants: [grant], requirements: [left] }) {
      const judgement = scopes.judge(grant, left)
      if (judgement.kind === 'covered') return null
      const { missing } = judgement
      const challenge = scopes.challenge(left, grant).split(' ')
      const more = scopes.grant([...tokens, ...missing])
      return firstOf(
        unless(missing.length > 0, 'nothing is missing'),
        unless(!missing.some((name) => scopes.can(grant, name)), 'what is held is missing'),
        unless(
          missing.every((name) => challenge.includes(name)),
          'what is missing is not asked for',
        ),
        unless(scopes.judge(more, left).kind === 'covered', 'what is missing is not enough'),
      )
    },
  },
  {
    id: 'L19',
    name: 'no alternative would add less to what is held than the challenge does',
    check({ situation: { scopes }, grants: [grant], requirements: [left] }) {
      const added = (names: readonly string[]) =>
        [...scopes.grant(names).covered].filter((name) => !scopes.can(grant, name)).length
      const least = added(scopes.challenge(left, grant).split(' '))
      const better = writtenOut(left).find((names) => added(names) < least)
      return unless(better === undefined, `${better?.join(' ')} adds less`)
    },
  },
]

function missingOf(judgement: ScopeJudgement): readonly string[] {
  return judgement.kind === 'covered' ? [] : judgement.missing
}

/** Written by recursion on lists of names, apart from the library's own way of doing it. */
function writtenOut(requirement: Requirement): string[][] {
  switch (requirement.kind) {
    case 'authenticated':
      return [[]]
    case 'scope':
      return [[requirement.name]]
    case 'anyOf':
      return requirement.parts.flatMap(writtenOut)
    case 'allOf':
      return requirement.parts
        .map(writtenOut)
        .reduce((done, part) =>
          done.flatMap((left) => part.map((right) => [...new Set([...left, ...right])])),
        )
  }
}

/** Without the ways that take all of another and more: nobody who goes them needs to. */
function withoutDetours(ways: string[][]): string[][] {
  return ways.filter(
    (way) =>
      !ways.some((other) => other.length < way.length && other.every((name) => way.includes(name))),
  )
}

function sizeOf(requirement: Requirement): number {
  return writtenOut(requirement).length
}

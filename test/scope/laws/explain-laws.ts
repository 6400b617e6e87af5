import type { ExplanationEdge } from '../../../src/scope/explanation.js'
import {
  interpret,
  type PlainDefinition,
  pairs,
  spellings,
} from '../../support/scope-interpreter.js'
import { difference, firstOf, type Law, unless } from './law.js'

/** Why a grant meets a requirement or does not. */
export const EXPLAIN_LAWS: readonly Law[] = [
  {
    id: 'L20',
    name: 'an explanation agrees with the judgement, and lists what of the grant counts for nothing',
    check({ situation: { scopes }, claims: [tokens], grants: [grant], requirements: [left] }) {
      const why = scopes.explain(grant, left)
      const judgement = scopes.judge(grant, left)
      const held = why.steps.map((step) => step.atom)
      const turned = scopes.explain(scopes.grant([...tokens].reverse()), left)
      return firstOf(
        unless((why.kind === 'covered') === (judgement.kind === 'covered'), why.kind),
        difference('missing', why.missing, judgement.kind === 'covered' ? [] : judgement.missing),
        difference('challenge', words(why.challenge), [...held, ...why.missing]),
        unless(
          judgement.kind === 'covered' || why.challenge === scopes.challenge(left, grant),
          `challenge ${why.challenge}`,
        ),
        unless(
          scopes.judge(scopes.grant(why.challenge), left).kind === 'covered',
          'the challenge is not enough',
        ),
        difference('ignored', why.ignored, grant.unknown),
        difference('malformed', why.malformed, grant.malformed),
        unless(
          JSON.stringify(turned.steps) === JSON.stringify(why.steps),
          'another order of tokens has another explanation',
        ),
      )
    },
  },
  {
    id: 'L20',
    name: 'each scope is held by one token alone, along steps that the vocabulary declares',
    check({ situation, claims: [tokens], grants: [grant] }) {
      const { plain, scopes } = situation
      const bare = situation.relative('no edges', (one) => ({
        ...one,
        implies: new Map(),
        actionImplies: new Map(),
      })).plain
      for (const name of grant.covered) {
        const { steps } = scopes.explain(grant, name)
        const [step] = steps
        if (step === undefined || steps.length > 1) return `${name} has ${steps.length} steps`
        const { atom, witness, path } = step
        const complaint = firstOf(
          unless(atom === name, `${atom} instead of ${name}`),
          unless(tokens.includes(witness), `${witness} was not granted`),
          unless(scopes.can(scopes.grant([witness]), name), `${witness} does not cover ${name}`),
          unless(path.at(-1)?.to === name, `the path leads to ${path.at(-1)?.to}`),
          ...path.map((edge, at) =>
            unless(
              at === 0
                ? edge.from === witness && isStart(bare, edge)
                : edge.from === path[at - 1]?.to && isDeclared(plain, edge),
              `${edge.from} does not lead to ${edge.to} by ${edge.cause}`,
            ),
          ),
        )
        if (complaint !== null) return complaint
      }
      return null
    },
  },
]

/** @param plain without implications, so that what a token covers is what it names or matches */
function isStart(plain: PlainDefinition, { cause, from, to }: ExplanationEdge): boolean {
  switch (cause) {
    case 'own_name':
      return from === to
    case 'second_spelling':
      return from !== to && spellings(plain, to).some(({ text }) => text === from)
    case 'wildcard':
      return from.includes('*') && interpret(plain, [from]).has(to)
    default:
      return false
  }
}

function isDeclared(plain: PlainDefinition, { cause, from, to }: ExplanationEdge): boolean {
  if (cause === 'superuser') return from === plain.superuser
  if (cause !== 'implication') return false
  if (plain.implies.get(from)?.includes(to)) return true
  const source = pairs(plain).find((pair) => pair.name === from)
  const target = pairs(plain).find((pair) => pair.name === to)
  return (
    source !== undefined &&
    source.resource === target?.resource &&
    (plain.actionImplies.get(source.action)?.includes(target.action) ?? false)
  )
}

function words(text: string): string[] {
  return text === '' ? [] : text.split(' ')
}

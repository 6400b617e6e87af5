import { defineScopes } from '../../../src/scope/define-scopes.js'
import type { ScopesDefinition } from '../../../src/scope/definition.js'
import type { Grant } from '../../../src/scope/grant.js'
import type { Scopes } from '../../../src/scope/vocabulary.js'
import type { Define } from './situation.js'

/** A vocabulary that is wrong on purpose, in a way that people have got it wrong, and the law that has to notice. */
export interface Sabotage {
  /** The name of the law, whole. */
  readonly breaks: string
  readonly how: string
  readonly define: Define
}

export const SABOTAGES: readonly Sabotage[] = [
  {
    breaks: 'the compiled matcher covers exactly what the reference interpreter covers',
    how: 'can compares by prefix',
    define: wrapped(({ can }) => ({
      can: (grant, name) => can(grant, name) || grant.tokens.some((one) => name.startsWith(one)),
    })),
  },
  {
    breaks: 'a judgement agrees with the reference interpreter',
    how: 'one of all is enough',
    define: wrapped(({ judge }) => ({
      judge: (grant, requirement) =>
        judge(
          grant,
          requirement.kind === 'allOf' ? { ...requirement, kind: 'anyOf' } : requirement,
        ),
    })),
  },
  {
    breaks: 'a scope covers itself',
    how: 'a scope covers only what it implies',
    define: wrapped(({ can }) => ({
      can: (grant, name) => can(grant, name) && !grant.tokens.includes(name),
    })),
  },
  {
    breaks: 'what a covered scope covers is covered',
    how: 'implications are followed from tokens only, one step',
    define: reading((grant, { implies = {} }) => [
      ...grant.tokens.filter((token) => grant.covered.has(token)),
      ...grant.tokens.flatMap((token) => new Map(Object.entries(implies)).get(token) ?? []),
    ]),
  },
  {
    breaks: 'more tokens never cover less',
    how: 'a second token takes away what the first begins with',
    define: reading((grant) =>
      [...grant.covered].filter((name) => !grant.unknown.some((token) => name.startsWith(token))),
    ),
  },
  {
    breaks: 'what a grant covers, one of its tokens alone covers',
    how: 'two tokens together give everything',
    define: reading((grant, _definition, names) =>
      grant.tokens.length > 1 ? names : grant.covered,
    ),
  },
  {
    breaks: 'order, duplicates and extra spaces mean nothing',
    how: 'only the first token counts',
    define: wrapped(({ grant }) => ({
      grant: (text) => grant(typeof text === 'string' ? (text.split(' ')[0] ?? '') : text),
    })),
  },
  {
    breaks: 'what is covered, read again, covers itself and nothing more',
    how: 'two tokens together give everything',
    define: reading((grant, _definition, names) =>
      grant.tokens.length === 2 ? names.slice(0, 1) : grant.covered,
    ),
  },
  {
    breaks:
      'the tokens of a grant, written and read again, are the same grant, in the characters of RFC 6749',
    how: 'malformed tokens are listed among the tokens',
    define: wrapped(({ grant }) => ({
      grant(text) {
        const right = grant(text)
        return { ...contentsOf(right), tokens: [...right.tokens, ...right.malformed] }
      },
    })),
  },
  {
    breaks: 'no string and no JSON value makes reading throw, and what is refused covers nothing',
    how: 'a claim is split without a look at what it is',
    define: wrapped(({ grant }) => ({
      fromClaims: (claims) => grant((claims['scope'] as string | undefined)?.split(' ') ?? ''),
    })),
  },
  {
    breaks: 'unknown and malformed tokens change nothing, and each token is listed once',
    how: 'an unknown token counts as the first scope',
    define: reading((grant, _definition, names) => [
      ...grant.covered,
      ...(grant.unknown.length > 0 ? names.slice(0, 1) : []),
    ]),
  },
  {
    breaks: 'no wildcard, implication or superuser grants an explicit-only scope',
    how: 'explicit-only scopes are not marked',
    define: (definition) => defineScopes({ ...definition, explicitOnly: [] }),
  },
  {
    breaks: 'without implications a token and a scope agree in number and text of their segments',
    how: 'a pattern may be longer than the name',
    define: wrapped(({ grant }) => ({
      grant: (text) =>
        grant(typeof text === 'string' ? text : text.map((one) => one.split(':', 2).join(':'))),
    })),
  },
  {
    breaks: 'a name does not cover another that it begins, nor one that begins it',
    how: 'covered is what a token begins',
    define: reading((grant, _definition, names) =>
      names.filter((name) => [...grant.covered].some((one) => name.startsWith(one))),
    ),
  },
  {
    breaks: 'allOf is and, anyOf is or, and repeating or reordering parts changes nothing',
    how: 'a longer allOf lacks its last part',
    define: wrapped(({ allOf }) => ({
      allOf: (first, ...rest) => allOf(first, ...rest.slice(0, -1)),
    })),
  },
  {
    breaks: 'a judgement is monotone: more tokens never turn covered into insufficient',
    how: 'whoever holds too much is refused',
    define: wrapped(({ judge }) => ({
      judge: (grant, requirement) =>
        grant.covered.size > 6 ? { kind: 'insufficient', missing: [] } : judge(grant, requirement),
    })),
  },
  {
    breaks: 'the least grant meets every requirement, and without any of its tokens it does not',
    how: 'the challenges are joined',
    define: wrapped(({ grant, challenge, requirement }) => ({
      leastFor: (requirements) =>
        grant(requirements.map((one) => challenge(requirement(one))).join(' ')),
    })),
  },
  {
    breaks:
      'the excess is what is held beyond the reach of every alternative, and the least has none',
    how: 'what is implied is in excess unless a requirement names it',
    define: wrapped((scopes) => ({
      excess: (granted, requirements) =>
        [...scopes.grant(granted as string).covered].filter(
          (name) => !JSON.stringify(requirements).includes(JSON.stringify(name)),
        ),
    })),
  },
  {
    breaks: 'a grant of the challenge meets the requirement, with or without what is held',
    how: 'the challenge names only what is missing',
    define: wrapped(({ judge, challenge }) => ({
      challenge(requirement, held) {
        const judgement = held === undefined ? null : judge(held, requirement)
        return judgement?.kind === 'insufficient'
          ? judgement.missing.join(' ')
          : challenge(requirement, held)
      },
    })),
  },
  {
    breaks: 'what is missing is not covered, not empty, part of the challenge, and enough',
    how: 'all of the challenge is missing',
    define: wrapped(({ judge, challenge }) => ({
      judge: (grant, requirement) =>
        judge(grant, requirement).kind === 'covered'
          ? { kind: 'covered' }
          : { kind: 'insufficient', missing: challenge(requirement, grant).split(' ') },
    })),
  },
  {
    breaks: 'no alternative would add less to what is held than the challenge does',
    how: 'the challenge does not look at what is held',
    define: wrapped(({ challenge }) => ({ challenge: (requirement) => challenge(requirement) })),
  },
  {
    breaks: 'a vocabulary that gains a scope or an implication takes no access away',
    how: 'a large vocabulary has no wildcards',
    define: (definition) => {
      const large = defineScopes(definition).names.length > 6
      return defineScopes({ ...definition, wildcards: large ? 'off' : 'grants' })
    },
  },
  {
    breaks: 'accepting a second dialect changes no answer for the first',
    how: 'a pattern is read in the last of the dialects',
    define: reading((grant, { accepts = [] }) =>
      accepts.length > 0 && grant.tokens.some((token) => token.includes('*')) ? [] : grant.covered,
    ),
  },
  {
    breaks: '8,192 characters of anything give an answer, and one more gives none',
    how: 'a long claim is cut',
    define: wrapped(({ grant }) => ({
      grant: (text) => grant(typeof text === 'string' ? text.slice(0, 8_192) : text),
    })),
  },
]

/** A right vocabulary with some members replaced. */
function wrapped(
  change: (scopes: Scopes, definition: ScopesDefinition) => Partial<Scopes>,
): Define {
  return (definition) => {
    const scopes = defineScopes(definition)
    return { ...scopes, ...change(scopes, definition) }
  }
}

/** A right vocabulary whose grants cover something else. */
function reading(
  covered: (
    grant: Grant,
    definition: ScopesDefinition,
    names: readonly string[],
  ) => Iterable<string>,
): Define {
  return wrapped((scopes, definition) => {
    const wrong = (grant: Grant): Grant => ({
      ...contentsOf(grant),
      covered: new Set(covered(grant, definition, scopes.names)),
    })
    return {
      grant: (text) => wrong(scopes.grant(text)),
      fromClaims: (claims) => wrong(scopes.fromClaims(claims)),
    }
  })
}

/** The members of a grant, which may be none of its own. */
function contentsOf({ tokens, covered, unknown, malformed, problem }: Grant): Grant {
  return { tokens, covered, unknown, malformed, problem }
}

import { defineScopes } from '../../../src/scope/define-scopes.js'
import { reading, type Sabotage, wrapped } from './sabotage.js'

/** Wrong ways to read what a grant covers. */
export const COVERAGE_SABOTAGES: readonly Sabotage[] = [
  {
    breaks: 'the compiled matcher covers exactly what the reference interpreter covers',
    how: 'can compares by prefix',
    define: wrapped(({ can }) => ({
      can: (grant, name) => can(grant, name) || grant.tokens.some((one) => name.startsWith(one)),
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
    breaks: 'a vocabulary that gains a scope or an implication takes no access away',
    how: 'a large vocabulary has no wildcards',
    define: (definition) => {
      const large = defineScopes(definition).names.length > 6
      return defineScopes({ ...definition, wildcards: large ? 'off' : 'grants' })
    },
  },
  {
    breaks: 'what the tokens of a claim gain with a vocabulary is what the widenings list for them',
    how: 'patterns are forgotten',
    define: wrapped(({ wideningsSince }) => ({
      wideningsSince: (older) => wideningsSince(older).filter(({ token }) => !token.includes('*')),
    })),
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

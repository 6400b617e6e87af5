import { type Sabotage, wrapped } from './sabotage.js'

/** Wrong ways to judge a requirement, or to ask for more. */
export const REQUIREMENT_SABOTAGES: readonly Sabotage[] = [
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
]

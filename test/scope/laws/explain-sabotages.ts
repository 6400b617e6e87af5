import { type Sabotage, wrapped } from './sabotage.js'

/** Explanations that are not those of the judgement. */
export const EXPLAIN_SABOTAGES: readonly Sabotage[] = [
  {
    breaks:
      'an explanation agrees with the judgement, and lists what of the grant counts for nothing',
    how: 'the challenge names only what is missing',
    define: wrapped(({ explain }) => ({
      explain(granted, requirement) {
        const why = explain(granted, requirement)
        return { ...why, challenge: why.missing.join(' ') }
      },
    })),
  },
  {
    breaks: 'each scope is held by one token alone, along steps that the vocabulary declares',
    how: 'the path leaves out what lies between',
    define: wrapped(({ explain }) => ({
      explain(granted, requirement) {
        const why = explain(granted, requirement)
        const steps = why.steps.map((step) => {
          const [first] = step.path
          const last = step.path.at(-1)
          if (first === undefined || last === undefined || step.path.length < 3) return step
          return { ...step, path: [first, { ...last, from: first.to }] }
        })
        return { ...why, steps }
      },
    })),
  },
]

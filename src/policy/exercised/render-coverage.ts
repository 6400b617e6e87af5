import { describeScalar } from '../explain/describe-atom.js'
import type { CoverageReport, RuleCoverage } from './coverage-tally.js'

/** A report as lines for a terminal: what was not seen, rule by rule, without a line feed at the end. Printable. */
export function renderCoverage({ percent, seen, total, rules }: CoverageReport): string {
  // Rounded down: what is not complete must not look complete.
  const shown = Math.floor(percent * 10) / 10
  return [`policy coverage ${shown} % (${seen} of ${total})`, ...rules.flatMap(unseen)].join('\n')
}

function unseen({ name, effect, asked, applied, parts }: RuleCoverage): readonly string[] {
  const lines = parts.flatMap(({ part, true: times, false: others }) => [
    ...(times === 0 ? [`    never true   ${part}`] : []),
    ...(others === 0 ? [`    never false  ${part}`] : []),
  ])
  if (lines.length === 0 && applied > 0) return []
  const heading = `  ${effect} ${describeScalar(name)}`
  if (asked === 0) return [`${heading} was never asked`]
  return [applied > 0 ? heading : `${heading} never applied`, ...lines]
}

import { formatRatio, formatTable } from '../table.js'
import { isMet, type Target } from './section.js'

/** Each figure that was aimed at, and whether it was reached. */
export function formatTargets(targets: readonly Target[]): string {
  return formatTable([
    ['target', 'figure', 'wanted', ''],
    ...targets.map((target) => {
      const { work, figure, wanted, limit, unit } = target
      const suffix = unit === undefined ? '' : ` ${unit}`
      const verdict = isMet(target) ? 'met' : 'MISSED'
      return [work, `${formatRatio(figure)}${suffix}`, `${wanted} ${limit}${suffix}`, verdict]
    }),
  ])
}

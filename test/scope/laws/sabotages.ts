import { ALGEBRA_SABOTAGES } from './algebra-sabotages.js'
import { COVERAGE_SABOTAGES } from './coverage-sabotages.js'
import { EXPLAIN_SABOTAGES } from './explain-sabotages.js'
import { REQUIREMENT_SABOTAGES } from './requirement-sabotages.js'
import type { Sabotage } from './sabotage.js'

/** At least one for each law. */
export const SABOTAGES: readonly Sabotage[] = [
  ...COVERAGE_SABOTAGES,
  ...ALGEBRA_SABOTAGES,
  ...REQUIREMENT_SABOTAGES,
  ...EXPLAIN_SABOTAGES,
]

import { ALGEBRA_LAWS } from './algebra-laws.js'
import { COVERAGE_LAWS } from './coverage-laws.js'
import { EXPLAIN_LAWS } from './explain-laws.js'
import type { Law } from './law.js'
import { REQUIREMENT_LAWS } from './requirement-laws.js'

/** The laws of scopes. Those that nothing can break any more are of no use: `sabotage.test.ts` breaks each. */
export const LAWS: readonly Law[] = [
  ...COVERAGE_LAWS,
  ...ALGEBRA_LAWS,
  ...REQUIREMENT_LAWS,
  ...EXPLAIN_LAWS,
].sort((left, right) => Number(left.id.slice(1)) - Number(right.id.slice(1)))

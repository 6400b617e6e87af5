import { CASE_LAWS } from './case-laws.js'
import type { AnalysisLaw } from './law.js'
import { MATRIX_LAWS } from './matrix-laws.js'

export const ANALYSIS_LAWS: readonly AnalysisLaw[] = [...CASE_LAWS, ...MATRIX_LAWS]

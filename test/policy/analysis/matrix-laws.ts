import { policyMatrix } from '../../../src/policy/matrix/policy-matrix.js'
import type { Random } from '../../fuzz/random.js'
import { asked, definePlainPolicy } from '../../support/define-plain-policy.js'
import { createPlainPolicy } from '../../support/policy-arbitraries.js'
import { createQuestion } from '../../support/policy-questions.js'
import { type AnalysisLaw, REQUESTS, SMALL, shown } from './law.js'

export const MATRIX_LAWS: readonly AnalysisLaw[] = [
  {
    id: 'A3',
    name: 'the matrix agrees with decide: never is never, and always is always',
    async check(random) {
      const plain = createPlainPolicy(random, SMALL)
      const defined = definePlainPolicy(plain)
      const matrix = policyMatrix(defined.policy)
      for (let number = 0; number < REQUESTS; number++) {
        const role = random.pick(matrix.roles)
        const question = questionOf(random, plain, role)
        const { action, type } = question
        const cell = matrix.cells.find(
          (one) => one.role === role && one.action === action && one.type === type,
        )
        const may = cell?.may ?? 'never'
        const decision = await defined.policy.decide(asked(defined, question))
        const isPermitted = decision.kind === 'permitted'
        const isOwn = decision.kind !== 'permission' || decision.reason !== 'tenant_differs'
        if ((may === 'never' && isPermitted) || (may === 'always' && isOwn && !isPermitted)) {
          return `${may}, but ${shown(decision)} of ${shown(question)} in ${shown(plain)}`
        }
        if (isPermitted && !cell?.allows.includes(decision.rule)) {
          return `${decision.rule} is not among ${shown(cell)}, but permits ${shown(question)} in ${shown(plain)}`
        }
      }
      return null
    },
  },
]

function questionOf(
  random: Random,
  plain: Parameters<typeof createQuestion>[1],
  role: string | null,
): ReturnType<typeof createQuestion> {
  const question = createQuestion(random, plain)
  const principal = { ...question.principal, ...(role === null ? {} : { roles: [role] }) }
  return { ...question, grant: 'undelegated', principal }
}

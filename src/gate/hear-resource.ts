import type { Outcome, PolicyVerdict } from '../outcome/outcome.js'
import type { NotPermitted, Permitted } from '../policy/decision.js'
import { judgeResource } from '../policy/route/judge-resource.js'
import type { Principal } from '../principal/principal.js'
import { type Eventual, whenReady } from '../shared/eventual.js'
import { absent, denied, granted, unauthenticated } from './answers.js'
import { type AskedPolicy, askPolicy, resourcePolicy } from './ask-policy.js'
import { cannotJudge } from './cannot-judge.js'
import type { Hearing } from './hearing.js'
import type { Way } from './way.js'

/**
 * Steps 9 and 10: what the policy is to know of the principal, the resource, the policy, the rule's own word, the grant.
 * Never throws or rejects.
 */
export function hearResource(
  hearing: Hearing,
  principal: Principal,
  way: Way,
  dpopNonce?: string,
): Eventual<Outcome> {
  const { setup, rule } = hearing
  if (rule.missing) return denied('allow', 'rule_missing', false, way)
  if (rule.question === null || setup.policy === null) {
    return judge(hearing, principal, way, null, dpopNonce)
  }
  // Before the resource is loaded: that the policy cannot be asked must not tell what is there.
  return whenReady(askPolicy(hearing, setup.policy, rule.question, principal), (asked) =>
    asked.kind === 'failed'
      ? cannotJudge(hearing, 'facts', { reason: 'policy_failed', ...asked }, way)
      : judge(hearing, principal, way, asked, dpopNonce),
  )
}

function judge(
  hearing: Hearing,
  principal: Principal,
  way: Way,
  asked: Asking | null,
  dpopNonce: string | undefined,
): Eventual<Outcome> {
  const { setup, rule, context } = hearing
  const { question } = rule
  const policy =
    setup.policy === null || question === null || question.list || asked === null
      ? null
      : resourcePolicy(setup.policy, question, asked)
  // Who has not said who they are can still do so: that is what a challenge is for.
  const mayStillSay = principal.kind === 'anonymous' && rule.credential === 'optional'
  return whenReady(judgeResource(rule, principal, context, policy), (judgement) => {
    switch (judgement.kind) {
      case 'permitted': {
        const { resource, decision } = judgement
        const permissions = asked?.permissions
        const trace = traceOf(hearing, asked, decision)
        return granted(principal, { resource, permissions }, way, trace, dpopNonce)
      }
      case 'absent':
        return absent(way)
      case 'refused': {
        const { decision } = judgement
        const hidden = rule.hide || decision.concealed
        return mayStillSay && !hidden
          ? unauthenticated(hearing, 'credential_missing')
          : denied('policy', decision.reason, hidden, way, traceOf(hearing, asked, decision))
      }
      case 'denied': {
        const hidden = rule.hide || judgement.concealed
        return mayStillSay && !hidden
          ? unauthenticated(hearing, 'credential_missing')
          : denied(
              'allow',
              'policy_denied',
              hidden,
              way,
              traceOf(hearing, asked, judgement.decision),
            )
      }
      case 'failed':
        return cannotJudge(hearing, judgement.step, { reason: 'policy_failed', ...judgement }, way)
    }
  })
}

/** For logs and tests: the question, and the rule that answered it. No attribute of anything. */
function traceOf(
  { rule: { question } }: Hearing,
  asked: Asking | null,
  decision: Permitted | NotPermitted | null,
): PolicyVerdict | null {
  if (question === null || asked === null) return null
  const { action, type } = question
  const { rule = null, version = asked.policy.version } = decision ?? {}
  return { action, type, rule, version }
}

type Asking = Extract<AskedPolicy, { readonly kind: 'asking' }>

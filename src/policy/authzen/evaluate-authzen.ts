import type { Grant } from '../../scope/grant.js'
import { type Eventual, whenReady } from '../../shared/eventual.js'
import { unreachable } from '../../shared/result.js'
import type { PolicyDecision } from '../decision.js'
import {
  type AuthzenProblem,
  type AuthzenQuestion,
  readAuthzenBatch,
  readAuthzenRequest,
} from './read-authzen.js'

/** What the requests do not say, and those who send them do not decide. */
export interface AuthzenOptions {
  /**
   * The `type` of the subjects that the policy's principals are. Whoever is of another type is refused: `alice` among the
   * machines is not the user `alice`.
   */
  readonly subjectType: string
  /** AuthZEN knows no scopes: what the one who asks was granted, or `'undelegated'` if scopes limit nobody here. */
  readonly grant: Grant | 'undelegated'
  /** Seconds since the epoch, for rules that ask for `context.now`. A `now` in the request is not believed. */
  readonly now?: number
}

/** The answer, or why there is none. */
export type AuthzenOutcome<Response> =
  | {
      readonly kind: 'decided'
      /** The body, for 200. A refusal is a decision as well. */
      readonly response: Response
    }
  | {
      /** No evaluation request: 400. */
      readonly kind: 'malformed'
      readonly problem: AuthzenProblem
    }
  | {
      /** It cannot be told, so it is neither true nor false: 503. */
      readonly kind: 'unavailable'
      readonly cause: unknown
    }

/** An evaluation response. The context says why not, and nothing of any attribute. */
export interface AuthzenResponse {
  readonly decision: boolean
  readonly context?: {
    /** `insufficient_scope`, `subject_type_unknown`, or the reason of a {@link PolicyDecision}. */
    readonly reason: string
    /** The rule that denies. */
    readonly rule?: string
    /** The subject is not to learn that the resource exists. */
    readonly concealed?: true
  }
}

/** The answers to a batch, in order; fewer than were asked for if its semantics say so. */
export interface AuthzenBatchResponse {
  readonly evaluations: readonly AuthzenResponse[]
}

/** A policy, whatever its names are. */
interface Decider {
  decide(question: never): Eventual<PolicyDecision>
}

/**
 * Answers an access evaluation request of AuthZEN, as parsed from JSON and otherwise unknown. Never throws or rejects.
 *
 * The subject's properties and `id` are the principal (its `roles` and `tenant` among them), those of the resource the
 * resource, the context the context. The properties of the action are not looked at. Whoever may send requests decides
 * what is in them: authenticate it first.
 *
 * @see Authorization API 1.0 (OpenID AuthZEN), sections 5 and 6
 */
export function evaluateAuthzen(
  policy: Decider,
  request: unknown,
  options: AuthzenOptions,
): Eventual<AuthzenOutcome<AuthzenResponse>> {
  const reading = readAuthzenRequest(request)
  if (!reading.ok) return { kind: 'malformed', problem: reading.reason }
  return whenReady(answerTo(policy, reading.value, options), (answer) =>
    answer.kind === 'unavailable' ? answer : { kind: 'decided', response: answer.response },
  )
}

/**
 * Answers an access evaluations request: several at once, one after the other, with defaults that they share. Without
 * `evaluations` it is a single request, and so is the answer. Never throws or rejects.
 *
 * If one that has to be evaluated cannot be told, neither can the batch: a false among true ones would be taken for a
 * refusal. The same if one is malformed. At most 100.
 *
 * @see Authorization API 1.0 (OpenID AuthZEN), section 7
 */
export async function evaluateAuthzenBatch(
  policy: Decider,
  request: unknown,
  options: AuthzenOptions,
): Promise<AuthzenOutcome<AuthzenResponse | AuthzenBatchResponse>> {
  const reading = readAuthzenBatch(request)
  if (!reading.ok) return { kind: 'malformed', problem: reading.reason }
  const { questions, semantic } = reading.value
  if (questions === null) return evaluateAuthzen(policy, request, options)
  const evaluations: AuthzenResponse[] = []
  for (const question of questions) {
    const answer = await answerTo(policy, question, options)
    if (answer.kind === 'unavailable') return answer
    evaluations.push(answer.response)
    const { decision } = answer.response
    if (semantic === 'deny_on_first_deny' && !decision) break
    if (semantic === 'permit_on_first_permit' && decision) break
  }
  return { kind: 'decided', response: { evaluations } }
}

type Answer = Exclude<AuthzenOutcome<AuthzenResponse>, { readonly kind: 'malformed' }>

function answerTo(
  policy: Decider,
  { subject, action, resource, context }: AuthzenQuestion,
  { subjectType, grant, now }: AuthzenOptions,
): Eventual<Answer> {
  if (subject.type !== subjectType) return refused({ reason: 'subject_type_unknown' })
  const question = {
    principal: subject.attributes,
    grant,
    context: Object.fromEntries([
      ...Object.entries(context).filter(([name]) => name !== 'now'),
      ...(now === undefined ? [] : [['now', now]]),
    ]),
    type: resource.type,
    action,
    resource: resource.attributes,
  }
  // Its names are those of a request; a name that the policy does not have is about nothing.
  return whenReady(policy.decide(question as never), responseTo)
}

function responseTo(decision: PolicyDecision): Answer {
  switch (decision.kind) {
    case 'permitted':
      return { kind: 'decided', response: { decision: true } }
    case 'scope':
      return refused({ reason: 'insufficient_scope' })
    case 'unavailable':
      return { kind: 'unavailable', cause: decision.cause }
    case 'permission':
      return refused({
        reason: decision.reason,
        ...(decision.rule === null ? {} : { rule: decision.rule }),
        ...(decision.concealed ? { concealed: true } : {}),
      })
    default:
      return unreachable(decision)
  }
}

function refused(context: NonNullable<AuthzenResponse['context']>): Answer {
  return { kind: 'decided', response: { decision: false, context } }
}

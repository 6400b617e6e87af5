import { ownMember } from '../../shared/own-members.js'
import { fail, type Result, succeed } from '../../shared/result.js'

/** An evaluation request, read. */
export interface AuthzenQuestion {
  readonly subject: AuthzenEntity
  readonly action: string
  readonly resource: AuthzenEntity
  readonly context: object
}

export interface AuthzenEntity {
  readonly type: string
  /** Its properties, and its `id`, which no property replaces. */
  readonly attributes: object
}

/** What is wrong with a request. */
export type AuthzenProblem =
  | 'request_malformed' // no object
  | 'subject_malformed' // no object with a type and an id, or properties that are no object
  | 'action_malformed' // no object with a name
  | 'resource_malformed' // as the subject
  | 'context_malformed' // no object
  | 'evaluations_malformed' // no list of objects, or more than 100
  | 'semantic_unknown' // none of execute_all, deny_on_first_deny, permit_on_first_permit

export interface AuthzenBatch {
  /** Null if the request is a single one. */
  readonly questions: readonly AuthzenQuestion[] | null
  readonly semantic: AuthzenSemantic
}

type AuthzenSemantic = 'execute_all' | 'deny_on_first_deny' | 'permit_on_first_permit'

/** Reads a single request. What nobody reads is left out; own members count only. Never throws for what JSON can hold. */
export function readAuthzenRequest(request: unknown): Result<AuthzenQuestion, AuthzenProblem> {
  return isObject(request)
    ? questionIn((name) => ownMember(request, name))
    : fail('request_malformed')
}

/** Reads several requests, each with what it does not say itself taken from the whole. */
export function readAuthzenBatch(request: unknown): Result<AuthzenBatch, AuthzenProblem> {
  if (!isObject(request)) return fail('request_malformed')
  const semantic = semanticOf(request)
  if (semantic === null) return fail('semantic_unknown')
  const evaluations = ownMember(request, 'evaluations')
  if (evaluations === undefined || (Array.isArray(evaluations) && evaluations.length === 0)) {
    return succeed({ questions: null, semantic })
  }
  if (!Array.isArray(evaluations) || evaluations.length > MOST_EVALUATIONS) {
    return fail('evaluations_malformed')
  }
  const questions: AuthzenQuestion[] = []
  for (const evaluation of evaluations as readonly unknown[]) {
    if (!isObject(evaluation)) return fail('evaluations_malformed')
    // One that is there replaces the default as a whole, whatever it is.
    const reading = questionIn((name) =>
      ownMember(Object.hasOwn(evaluation, name) ? evaluation : request, name),
    )
    if (!reading.ok) return reading
    questions.push(reading.value)
  }
  return succeed({ questions, semantic })
}

function questionIn(member: (name: string) => unknown): Result<AuthzenQuestion, AuthzenProblem> {
  const subject = entityOf(member('subject'))
  if (subject === null) return fail('subject_malformed')
  const given = member('action')
  const action = isObject(given) ? ownMember(given, 'name') : undefined
  if (typeof action !== 'string') return fail('action_malformed')
  const resource = entityOf(member('resource'))
  if (resource === null) return fail('resource_malformed')
  const context = member('context') ?? {}
  return isObject(context)
    ? succeed({ subject, action, resource, context })
    : fail('context_malformed')
}

function entityOf(entity: unknown): AuthzenEntity | null {
  if (!isObject(entity)) return null
  const [type, id] = [ownMember(entity, 'type'), ownMember(entity, 'id')]
  const properties = ownMember(entity, 'properties') ?? {}
  if (typeof type !== 'string' || typeof id !== 'string' || !isObject(properties)) return null
  return { type, attributes: Object.fromEntries([...Object.entries(properties), ['id', id]]) }
}

function semanticOf(request: object): AuthzenSemantic | null {
  const options = ownMember(request, 'options') ?? {}
  if (!isObject(options)) return null
  const semantic = ownMember(options, 'evaluations_semantic') ?? 'execute_all'
  return SEMANTICS.find((one) => one === semantic) ?? null
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

const MOST_EVALUATIONS = 100
const SEMANTICS: readonly AuthzenSemantic[] = [
  'execute_all',
  'deny_on_first_deny',
  'permit_on_first_permit',
]

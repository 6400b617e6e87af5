/** `sallyport/policy`: who may do what to which resource, as rules that are data. Needs no gate. */

// Rules about resources

export type { AttributeKind, Attributes, ObjectOf } from './condition/attributes.js'
export type { Condition, Operand } from './condition/condition.js'
export { definePolicy } from './define-policy.js'
export type {
  FieldRule,
  PolicyContext,
  PolicyDefinition,
  PolicyPrincipal,
  PolicyRule,
  Predicate,
  ResourceType,
  ResourceTypes,
  RoleDefinition,
} from './definition/policy-definition.js'
export type { PolicyModel } from './definition/policy-model.js'
export type { PolicyDocument } from './policy-document.js'
export type { Relation, RelationPair } from './relation/relation.js'

// One decision

export type { NotPermitted, Permitted, PolicyDecision, ScopeMissing } from './decision.js'
export type { FieldsDecision, PermittedFields } from './fields.js'
export type { About, AboutAll, Asking, Policy, Who } from './policy.js'

// All resources of a type at once, for lists

export type { Filter, RowFilter } from './filter/filter.js'
export type { SqlColumn, SqlColumnType, SqlParameter } from './filter/sql/sql-writer.js'
export { type SqlCondition, type SqlDialect, type SqlOptions, toSql } from './filter/sql/to-sql.js'
export { toPredicate } from './filter/to-predicate.js'
export type {
  Where,
  WhereAttribute,
  WhereComparison,
  WhereExists,
  WhereIn,
} from './filter/where.js'

// Authorization details (RFC 9396)

export { type DetailDefinition, type DetailType, defineDetail } from './detail/define-detail.js'
export {
  type DetailJudgement,
  type DetailRequest,
  type Details,
  defineDetails,
  type GrantedDetails,
} from './detail/details.js'

// Asked by other services (OpenID AuthZEN)

export {
  type AuthzenBatchResponse,
  type AuthzenOptions,
  type AuthzenOutcome,
  type AuthzenResponse,
  evaluateAuthzen,
  evaluateAuthzenBatch,
} from './authzen/evaluate-authzen.js'
export type { AuthzenProblem } from './authzen/read-authzen.js'

// How a decision came about

export type { ExplainOptions, Explanation } from './explain/explain.js'
export { renderTrace } from './explain/render-trace.js'
export { replay } from './explain/replay.js'
export type { PolicyTrace, TracedCondition, TracedRule } from './explain/trace.js'

// Who may do what, what is wrong with it, and what the tests have tried

export { type AnalyseOptions, analyse } from './analysis/analyse.js'
export type { AnalysedRoute } from './analysis/analysed-route.js'
export type { FindingLevel, PolicyFinding } from './analysis/finding.js'
export type { CoverageReport, PartCoverage, RuleCoverage } from './exercised/coverage-tally.js'
export { createPolicyCoverage, type PolicyCoverage } from './exercised/policy-coverage.js'
export { renderCoverage } from './exercised/render-coverage.js'
export type {
  MatrixCell,
  MatrixOptions,
  MatrixVerdict,
  PolicyMatrix,
} from './matrix/policy-matrix.js'
export { rolesThatMay } from './matrix/policy-matrix.js'
export { renderMatrix } from './matrix/render-matrix.js'

// What a change changes, and how it takes the place of what was

export { decideExample } from './diff/decide-example.js'
export { type DiffOptions, diffPolicies } from './diff/diff-policies.js'
export type { ComparedDecision, ExampleRequest, PolicyDifference } from './diff/difference.js'
export { renderDiff } from './diff/render-diff.js'
export {
  createReloadablePolicy,
  type ReloadablePolicy,
  type SwapOptions,
  type SwapReport,
  type SwapResult,
} from './reload/reloadable-policy.js'

/** `sallyport/scope`: what is granted, and whether it is enough. Needs nothing else of sallyport. */
export type { ScopeAlgebra } from './algebra.js'
export { defineScopes } from './define-scopes.js'
export type { Dialect, ScopesDefinition } from './definition.js'
export type { DownscopeReason, DownscopeRequest, Downscoping } from './downscope.js'
export type {
  EdgeCause,
  Explanation,
  ExplanationEdge,
  ExplanationStep,
} from './explanation.js'
export type { Grant, GrantProblem } from './grant.js'
export type { GrantSource } from './grant-source.js'
export { renderExplanation } from './render-explanation.js'
export { authenticated, type Requirement } from './requirement.js'
export type { GrantAudit, RouteAudit, ScopedRoute } from './route-audit.js'
export type { Part, ScopeJudgement, Scopes } from './vocabulary.js'
export type { Widening } from './widenings.js'

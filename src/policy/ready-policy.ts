import type { Grant } from '../scope/grant.js'
import type { CompiledPolicy } from './compile-policy.js'
import type { PolicyModel } from './definition/policy-model.js'

/** A policy and what it was compiled to. */
export interface ReadyPolicy {
  readonly model: PolicyModel
  readonly compiled: CompiledPolicy
  readonly version: string
  /** Whether the vocabulary's grant covers this scope. */
  covers(grant: Grant, action: string): boolean
}

/** Which action, on what. */
export interface Question {
  readonly type: string
  readonly action: string
  readonly resource?: unknown
}

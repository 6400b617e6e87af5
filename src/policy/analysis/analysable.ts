import type { Grant } from '../../scope/grant.js'
import { compilePolicy } from '../compile-policy.js'
import type { PolicyModel } from '../definition/policy-model.js'
import type { ReadyPolicy } from '../ready-policy.js'

/** A vocabulary, as far as another is compared with it. */
interface AnalysedVocabulary {
  grant(text: string | readonly string[]): Grant
}

/** What an analysis looks at: any policy, whatever its names are. */
export interface Analysable {
  readonly scopes: {
    readonly names: readonly string[]
    grant(text: string | readonly string[]): Grant
    can(grant: Grant, name: string): boolean
    wideningsSince(older: AnalysedVocabulary): readonly { readonly token: string }[]
  }
  readonly model: PolicyModel
  readonly version: string
}

/** A policy as `decide` takes it, made from what it says of itself. */
export function readyOf({ scopes, model, version }: Analysable): ReadyPolicy {
  return {
    model,
    version,
    compiled: compilePolicy(model, version),
    covers: (grant, action) => scopes.can(grant, action),
  }
}

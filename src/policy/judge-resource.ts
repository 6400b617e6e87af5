import type { Principal } from '../principal/principal.js'

/** What the application said about the very resource. */
export type ResourceJudgement =
  | { readonly kind: 'permitted'; readonly resource: unknown }
  | { readonly kind: 'absent' }
  | { readonly kind: 'denied' }
  | { readonly kind: 'failed'; readonly step: 'load' | 'allow'; readonly cause: unknown }

/** The two callbacks of a rule, with their types erased: the adapter's context in, anything out. */
export interface ResourceRule {
  readonly load?: (context: never) => unknown
  readonly allow?: (principal: never, resource: never, context: never) => unknown
}

/**
 * Loads the resource and asks whether this principal may touch it.
 *
 * Only `true` permits: a truthy value, a forgotten `return` or an error never opens a door. Without `load` the resource
 * is undefined; without `allow` whoever came this far may. Never throws.
 */
export async function judgeResource(
  rule: ResourceRule,
  principal: Principal,
  context: unknown,
): Promise<ResourceJudgement> {
  let resource: unknown
  if (rule.load !== undefined) {
    try {
      resource = await rule.load(context as never) // the adapter's context: `protect` ties its type to the rule's
    } catch (cause) {
      return { kind: 'failed', step: 'load', cause }
    }
    if (resource === null || resource === undefined) return { kind: 'absent' }
  }
  if (rule.allow !== undefined) {
    try {
      // The same tie: the rule's principal and resource types come from `accept` and from `load`.
      const allowed = await rule.allow(principal as never, resource as never, context as never)
      if (allowed !== true) return { kind: 'denied' }
    } catch (cause) {
      return { kind: 'failed', step: 'allow', cause }
    }
  }
  return { kind: 'permitted', resource }
}

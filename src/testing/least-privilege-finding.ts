import type { GrantProblem } from '../scope/grant.js'
import { unreachable } from '../shared/result.js'

/** One thing that is not as narrow as it could be. */
export type LeastPrivilegeFinding =
  | { readonly kind: 'bare' | 'barred' | 'open' | 'not_open'; readonly route: string }
  | { readonly kind: 'no_such_route'; readonly route: string; readonly named: string }
  | { readonly kind: 'unused' | 'not_unused'; readonly scope: string }
  | { readonly kind: 'superuser'; readonly client: string }
  | { readonly kind: 'wildcard' | 'meaningless'; readonly client: string; readonly token: string }
  | { readonly kind: 'refused'; readonly client: string; readonly problem: GrantProblem }
  | {
      /** Of no use for any route, or of use and not needed beside the rest. */
      readonly kind: 'excess' | 'spare'
      readonly client: string
      readonly scopes: readonly string[]
      readonly enough: string
    }
  | {
      readonly kind: 'unusable'
      readonly client: string
      readonly route: string
      readonly missing: readonly string[]
    }

/** The finding as a sentence, on one line whatever is in a token. */
export function sentenceOf(finding: LeastPrivilegeFinding): string {
  switch (finding.kind) {
    case 'bare':
      return `route ${finding.route}: no rule, so everybody gets in`
    case 'barred':
      return `route ${finding.route}: no rule, so nobody gets in`
    case 'open':
      return `route ${finding.route}: open to anyone, and not among those that may be`
    case 'not_open':
      return `route ${finding.route}: named as open, and is not`
    case 'no_such_route':
      return `route ${finding.route}: named by ${finding.named}, and not in the inventory`
    case 'unused':
      return `scope ${finding.scope}: no route needs it`
    case 'not_unused':
      return `scope ${finding.scope}: named as unused, and a route needs it`
    case 'superuser':
      return `client ${finding.client}: is the superuser, and could do without`
    case 'wildcard':
      return `client ${finding.client}: ${finding.token} will cover scopes that do not exist yet`
    case 'meaningless':
      return `client ${finding.client}: ${JSON.stringify(finding.token)} means nothing here`
    case 'refused':
      return `client ${finding.client}: its scope is refused as a whole (${finding.problem})`
    case 'excess': {
      const { client, scopes, enough } = finding
      const instead = enough === '' ? 'it needs no scope' : `enough would be '${enough}'`
      return `client ${client}: does not use ${scopes.join(', ')}; ${instead}`
    }
    case 'spare': {
      const { client, scopes, enough } = finding
      return `client ${client}: could do without ${scopes.join(', ')}; of what it has, '${enough}' would be enough`
    }
    case 'unusable': {
      const { client, route, missing } = finding
      return `client ${client}: uses ${route}, and lacks ${missing.join(', ')}`
    }
    default:
      return unreachable(finding)
  }
}

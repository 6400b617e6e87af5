import { preparsePolicySet, statefulIsAuthorized } from '@cedar-policy/cedar-wasm/nodejs'
import { NAME, PRINCIPALS, tokensOf } from './claims.js'
import { asked, each, type Holding } from './holding.js'
import { type AccessControlGrants, type CaslRule, loadScopePeer } from './packages.js'

/** The peers, each told what the principals hold in the form that it answers from fastest. */
export const HOLDING_PEERS = {
  '@casl/ability': async (size, outcome) => {
    const { createMongoAbility } = await loadScopePeer('casl')
    const abilities = each((principal) =>
      createMongoAbility(caslRules(tokensOf(principal, size, outcome))),
    )
    return asked(outcome, (times) => () => {
      let yes = 0
      for (let turn = 0; turn < times; turn++) {
        if (abilities[turn % PRINCIPALS]?.can('write', 'users')) yes++
      }
      return yes
    })
  },
  'better-auth access': async (size, outcome) => {
    const { role } = await loadScopePeer('betterAuth')
    const roles = each((principal) => role(byResource(tokensOf(principal, size, outcome))))
    const request = { users: ['write'] }
    return asked(outcome, (times) => () => {
      let yes = 0
      for (let turn = 0; turn < times; turn++) {
        if (roles[turn % PRINCIPALS]?.authorize(request).success) yes++
      }
      return yes
    })
  },
  accesscontrol: async (size, outcome) => {
    const { AccessControl } = await loadScopePeer('accesscontrol')
    const controls = each(
      (principal) => new AccessControl(accessControlGrants(tokensOf(principal, size, outcome))),
    )
    return asked(outcome, (times) => () => {
      let yes = 0
      for (let turn = 0; turn < times; turn++) {
        if (controls[turn % PRINCIPALS]?.can(ROLE).do('write', 'users').granted) yes++
      }
      return yes
    })
  },
  'casbin enforceSync': async (size, outcome) => {
    const { newEnforcer, newModelFromString, StringAdapter } = await loadScopePeer('casbin')
    const enforcers = await Promise.all(
      each((principal) => {
        const lines = tokensOf(principal, size, outcome).map((token) => {
          const [resource, action] = token.split(':')
          return `p, ${ROLE}, ${resource}, ${action}`
        })
        return newEnforcer(newModelFromString(CASBIN_MODEL), new StringAdapter(lines.join('\n')))
      }),
    )
    return asked(outcome, (times) => () => {
      let yes = 0
      for (let turn = 0; turn < times; turn++) {
        if (enforcers[turn % PRINCIPALS]?.enforceSync(ROLE, 'users', 'write')) yes++
      }
      return yes
    })
  },
  'cedar, policies parsed before': (size, outcome) => {
    const calls = each((principal) => {
      const preparsedPolicySetId = `${principal} ${size} ${outcome}`
      const policies = cedarPolicies(tokensOf(principal, size, outcome))
      preparsePolicySet(preparsedPolicySetId, { staticPolicies: policies })
      return { ...CEDAR_REQUEST, preparsedPolicySetId }
    })
    return asked(outcome, (times) => () => {
      let yes = 0
      for (let turn = 0; turn < times; turn++) {
        const call = calls[turn % PRINCIPALS]
        if (call === undefined) continue
        const answer = statefulIsAuthorized(call)
        if (answer.type === 'success' && answer.response.decision === 'allow') yes++
      }
      return yes
    })
  },
} as const satisfies Readonly<Record<string, Holding>>

/** A rule for each scope. */
export function caslRules(tokens: readonly string[]): readonly CaslRule[] {
  return tokens.map((token) => {
    const colon = token.indexOf(':')
    return { action: token.slice(colon + 1), subject: token.slice(0, colon) }
  })
}

/** Actions by resource, which is what better-auth takes. */
export function byResource(tokens: readonly string[]): Readonly<Record<string, string[]>> {
  const actions: Record<string, string[]> = {}
  for (const token of tokens) {
    const colon = token.indexOf(':')
    const resource = token.slice(0, colon)
    const known = actions[resource]
    if (known === undefined) actions[resource] = [token.slice(colon + 1)]
    else known.push(token.slice(colon + 1))
  }
  return actions
}

/** One role that may do all of it, with every attribute. */
export function accessControlGrants(tokens: readonly string[]): AccessControlGrants {
  const resources: Record<string, Record<string, readonly { readonly possession: 'any' }[]>> = {}
  for (const token of tokens) {
    const colon = token.indexOf(':')
    const resource = token.slice(0, colon)
    const actions = resources[resource] ?? {}
    resources[resource] = actions
    actions[token.slice(colon + 1)] = [{ possession: 'any' }]
  }
  return { [ROLE]: resources }
}

function cedarPolicies(tokens: readonly string[]): string {
  return tokens
    .map((token) => `permit(principal == User::"${ROLE}", action == Action::"${token}", resource);`)
    .join('\n')
}

/** The name by which peers know the principal. */
export const ROLE = 'principal'

const CASBIN_MODEL = `
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.sub == p.sub && r.obj == p.obj && r.act == p.act
`

const CEDAR_REQUEST = {
  principal: { type: 'User', id: ROLE },
  action: { type: 'Action', id: NAME },
  resource: { type: 'Api', id: 'api' },
  context: {},
  entities: [],
}

import type { Granted } from '../../outcome/outcome.js'
import { definePolicy } from '../../policy/define-policy.js'
import type { Asking, Policy } from '../../policy/policy.js'
import type { Principal } from '../../principal/principal.js'
import type { Scopes } from '../../scope/vocabulary.js'

/** A resource that the contract's policy is asked about. */
export interface Paper {
  readonly id: string
  readonly owner: string
  readonly shared: boolean
  readonly tenant: string
}

/** Alice's own, Bob's shared, Bob's own, and one of Alice's in a tenant that nobody of the contract belongs to. */
export const PAPERS: ReadonlyMap<string, Paper> = new Map([
  ['1', { id: '1', owner: 'alice', shared: false, tenant: 'acme' }],
  ['2', { id: '2', owner: 'bob', shared: true, tenant: 'acme' }],
  ['3', { id: '3', owner: 'bob', shared: false, tenant: 'acme' }],
  ['4', { id: '4', owner: 'alice', shared: true, tenant: 'beta' }],
])

/** The policy of the contract's gate: owners may, what is shared may be read, and what may not be read is not there. */
export function paperPolicy(scopes: Scopes<string>): Policy {
  const policy = definePolicy(scopes, {
    principal: { id: 'string?' },
    types: {
      paper: {
        attributes: { owner: 'string', shared: 'boolean', tenant: 'string' },
        tenant: 'tenant',
        conceal: 'things:read',
      },
    },
    rules: ({ on, principal }) => [
      on('paper').allow('owners', ['things:read', 'things:delete'], (paper) =>
        paper.owner.eq(principal.id),
      ),
      on('paper').allow('shared', 'things:read', (paper) => paper.shared.eq(true)),
    ],
  })
  return policy as unknown as Policy // with its types erased, as the contract's gate has them
}

/** What the policy is told. Of one subject it cannot be told anything. */
export function paperFacts(who: Principal): { readonly id: string; readonly tenant: string } {
  const id = 'subject' in who ? who.subject : ''
  if (id === 'outage') throw new Error('the users are down')
  return { id, tenant: 'acme' }
}

/** The ids of the papers that this grant may read, by the policy that came with it. */
export function readablePapers({ permissions }: Granted): { readonly ids: string } {
  const asking = permissions as Asking // the contract's rules with an action have one
  const ids = [...PAPERS.values()].filter((paper) => {
    const resource = { ...paper }
    const decision = asking.decide({ action: 'things:read', type: 'paper', resource })
    return 'kind' in decision && decision.kind === 'permitted'
  })
  return { ids: ids.map(({ id }) => id).join(' ') }
}

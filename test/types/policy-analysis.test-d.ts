import {
  analyse,
  createPolicyCoverage,
  createReloadablePolicy,
  decideExample,
  definePolicy,
  diffPolicies,
  renderMatrix,
  renderTrace,
  replay,
  rolesThatMay,
} from '../../src/policy/index.js'
import { defineScopes } from '../../src/scope/index.js'

/** What must compile, and what must not. Checked by `tsc`; nothing here runs. */

const scopes = defineScopes({ resources: { posts: ['read', 'write'] } })
const policy = definePolicy(scopes, {
  principal: { id: 'string' },
  types: { post: { attributes: { author: 'string' } } },
  roles: { writer: ['posts:write'] },
  rules: ({ on, principal }) => [
    on('post').allow('authors', 'posts:write', (post) => post.author.eq(principal.id)),
  ],
})
const who = { principal: { id: 'a', roles: ['writer'] }, grant: 'undelegated' } as const
const about = { action: 'posts:write', type: 'post', resource: { author: 'a' } } as const

const { trace } = await policy.explain({ ...who, ...about }, { values: 'shown' })
void renderTrace(trace)
void replay(trace).kind
void policy.for(who).explain(about)
// @ts-expect-error an action outside the vocabulary
void policy.explain({ ...who, ...about, action: 'posts:raed' })
// @ts-expect-error an option that says nothing
void policy.explain({ ...who, ...about }, { values: true })

const matrix = policy.matrix()
void renderMatrix(matrix)
void rolesThatMay(matrix, 'posts:write', 'post')

for (const finding of analyse(policy)) {
  if (finding.kind === 'rule_shadowed') void finding.by
  // @ts-expect-error only findings about routes have one
  if (finding.kind === 'rule_shadowed') void finding.route
}
for (const one of diffPolicies(policy, policy)) {
  if (one.kind === 'difference') void decideExample(policy, one.example)
  // @ts-expect-error what was not looked at has no example
  if (one.kind === 'not_proved') void one.example
}
// @ts-expect-error a policy is needed, not its document
analyse(policy.toJSON())

const coverage = createPolicyCoverage(policy)
void coverage.policy.decide({ ...who, ...about })
// @ts-expect-error the observed policy is as strict as the policy
void coverage.policy.decide({ ...who, ...about, type: 'pots' })

const current = createReloadablePolicy(policy)
void current.decide({ ...who, ...about })
void current.current().version
const result = current.swap(policy, { widening: 'refuse', tolerate: ['rule_unreachable'] })
if (result.kind === 'refused') void result.reason
// @ts-expect-error a finding that does not exist
current.swap(policy, { tolerate: ['rule_ugly'] })
const other = definePolicy(scopes, {
  types: { team: { attributes: { name: 'string' } } },
  rules: [],
})
// @ts-expect-error a policy about other types would not answer what is asked
current.swap(other)

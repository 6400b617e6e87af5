import type { ListedRoute } from '../gate/listed-route.js'
import type { GrantSource } from '../scope/grant-source.js'
import type { Scopes } from '../scope/vocabulary.js'
import { type LeastPrivilegeFinding, sentenceOf } from './least-privilege-finding.js'
import { spareScopes } from './spare-scopes.js'

/** What is expected of an API, and of those who call it. */
export interface LeastPrivilege<Name extends string = string> {
  readonly scopes: Scopes<Name>
  /** All of them: `inventory(app)`. */
  readonly routes: readonly ListedRoute[]
  /** Each client by a name that you know it by. */
  readonly clients?: Readonly<Record<string, ClientUse>>
  /** The routes that are meant for anyone, by name. What sallyport serves itself needs not be named. */
  readonly open?: readonly string[]
  /** Scopes that no route has to need, such as `openid`. */
  readonly unused?: readonly NoInfer<Name>[]
}

export interface ClientUse {
  /** What it is granted, as text, as a list, or as a grant. */
  readonly scope: GrantSource
  /** The routes that it uses, by name: `GET /users/:id`. */
  readonly uses: readonly string[]
}

/**
 * A test, for any runner, that nobody may more than they need: that no route is without a rule or open by mistake, that
 * each scope is needed by some route, and that each client has what it uses and nothing else: of a route that can be met in
 * several ways, one of them.
 *
 * What you have allowed and is not there any more (a route that is gone, or is not open) is a finding too, so that the
 * lists stay true. Looks at scopes and rules only: which credentials a client has, and whom `allow` lets in, is not asked.
 *
 * @throws Error that lists every finding, one a line
 * @throws ConfigurationError `scope_unknown` for a route that needs a scope which `scopes` has not
 */
export function expectLeastPrivilege<Name extends string>(expected: LeastPrivilege<Name>): void {
  const findings = [...findingsOnRoutes(expected), ...findingsOnScopes(expected)]
  for (const [client, use] of Object.entries(expected.clients ?? {})) {
    findings.push(...findingsOnClient(client, use, expected))
  }
  if (findings.length === 0) return
  const title = findings.length === 1 ? '1 finding' : `${findings.length} findings`
  throw new Error(
    [`Least privilege: ${title}.`, ...findings.map((each) => `- ${sentenceOf(each)}`)].join('\n'),
  )
}

function* findingsOnRoutes({
  routes,
  open = [],
}: LeastPrivilege): Generator<LeastPrivilegeFinding> {
  for (const { name, kind, document } of routes) {
    if (kind === 'bare' || kind === 'barred') yield { kind, route: name }
    if (kind === 'open' && document === null && !open.includes(name)) yield { kind, route: name }
  }
  for (const name of open) {
    const named = routes.filter((route) => route.name === name)
    if (named.length === 0) yield { kind: 'no_such_route', route: name, named: 'open' }
    else if (named.every(({ kind }) => kind !== 'open')) yield { kind: 'not_open', route: name }
  }
}

function* findingsOnScopes<Name extends string>({
  scopes,
  routes,
  unused = [],
}: LeastPrivilege<Name>): Generator<LeastPrivilegeFinding> {
  const names = scopes.unusedScopes(routes)
  const allowed: ReadonlySet<string> = new Set(unused)
  for (const scope of names) if (!allowed.has(scope)) yield { kind: 'unused', scope }
  for (const scope of unused) if (!names.includes(scope)) yield { kind: 'not_unused', scope }
}

function* findingsOnClient(
  client: string,
  { scope, uses }: ClientUse,
  { scopes, routes }: LeastPrivilege,
): Generator<LeastPrivilegeFinding> {
  for (const route of uses) {
    if (!routes.some(({ name }) => name === route)) {
      yield { kind: 'no_such_route', route, named: `client ${client}` }
    }
  }
  const used = routes.filter(({ name }) => uses.includes(name))
  const found = scopes.audit(scope, used)
  for (const token of found.wildcards) yield { kind: 'wildcard', client, token }
  if (found.superuser) yield { kind: 'superuser', client }
  if (found.excess.length > 0) {
    yield { kind: 'excess', client, scopes: found.excess, enough: found.leastScope }
  }
  const { spare, enough } = spareScopes(scopes, scope, used)
  const further = spare.filter((name) => !found.excess.includes(name))
  if (further.length > 0) yield { kind: 'spare', client, scopes: further, enough }
  for (const route of found.unusable) {
    const requirement = used.find(({ name }) => name === route)?.requirement ?? null
    const explained = requirement === null ? null : scopes.explain(scope, requirement)
    yield { kind: 'unusable', client, route, missing: explained?.missing ?? [] }
  }
  yield* findingsOnTokens(client, scope, scopes)
}

/** Tokens without a meaning open nothing; where somebody has written them down for this API, they are a mistake. */
function* findingsOnTokens(
  client: string,
  scope: GrantSource,
  scopes: Scopes,
): Generator<LeastPrivilegeFinding> {
  const { ignored, malformed, problem } = scopes.explain(scope, { kind: 'authenticated' })
  for (const token of [...ignored, ...malformed]) yield { kind: 'meaningless', client, token }
  if (problem !== null) yield { kind: 'refused', client, problem }
}

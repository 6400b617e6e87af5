import type { Gate } from '../gate.js'
import type { Granted } from '../outcome/outcome.js'
import type { ResourceTypes } from '../policy/definition/policy-definition.js'
import type { PrincipalsByName, Rule } from '../policy/route/rule.js'
import { authenticated } from '../scope/requirement.js'
import { contractCases } from './contract/cases.js'
import { createFixture } from './contract/create-fixture.js'
import type { ContractFixture } from './contract/fixture.js'
import { PAPERS, readablePapers } from './contract/policy-fixture.js'
import { sendRaw } from './send.js'

/** A route of the contract's application. Serve it with `protect`; answer 200 with `body(granted)` as JSON. */
export interface ContractRoute {
  readonly method: 'GET' | 'POST' | 'DELETE' | 'OPTIONS'
  /** May hold one parameter, spelled `:id`. */
  readonly path: string
  /** Takes the path's parameters as its context: `rule.load(parameters)`. See {@link ruleFor}. */
  readonly rule: ContractRule<{ readonly id: string }>
  readonly body: (granted: Granted) => unknown
}

/** A rule whose types are erased: the contract's routes stand in one list. */
export type ContractRule<Context> = Rule<
  string,
  PrincipalsByName,
  string,
  Context,
  unknown,
  ResourceTypes,
  string
>

/** What an adapter has to serve: the routes behind its deny-by-default mount, and the gate's metadata (`serveMetadata`). */
export interface ContractApplication {
  readonly gate: Gate
  readonly routes: readonly ContractRoute[]
  /** Routes to be served without `protect`: method and path. Call `onBareHandler` in their handlers. */
  readonly bareRoutes: readonly (readonly [method: 'GET' | 'POST', path: string])[]
  readonly onBareHandler: () => void
}

/** A running server. */
export interface ServedApplication {
  /** Like `http://127.0.0.1:49152`. */
  readonly origin: string
  close(): Promise<void>
}

/** One case of the contract: a sentence, and a function that rejects if the adapter does not keep it. */
export interface ContractCase {
  readonly name: string
  run(origin: string): Promise<void>
}

/**
 * The contract of every adapter, for any test runner: serve `application` over a real socket, then run each case.
 *
 * A case sends its request line by line, so that repeated and malformed fields arrive as a hostile client sends them.
 * Besides the answer, every case checks that no secret and no configuration is in it.
 */
export async function createAdapterContract(): Promise<{
  readonly application: ContractApplication
  readonly cases: readonly ContractCase[]
}> {
  const fixture = await createFixture()
  const application = applicationOf(fixture)
  const cases = contractCases().map(
    ({ name, judge }): ContractCase => ({
      name,
      run: (origin) => judge({ ...fixture, send: (request) => sendRaw(origin, request) }),
    }),
  )
  return { application, cases }
}

/** The route's rule with another context: `ruleFor(route, (c: Context) => ({ id: c.req.param('id') }))`. */
export function ruleFor<Context>(
  { rule }: ContractRoute,
  parametersOf: (context: Context) => { readonly id: string },
): ContractRule<Context> {
  const { load, allow, ...rest } = rule
  return {
    ...rest,
    ...(load === undefined ? {} : { load: (context: Context) => load(parametersOf(context)) }),
    ...(allow === undefined
      ? {}
      : {
          allow: (
            ...[principal, resource, context]: Parameters<
              NonNullable<ContractRule<Context>['allow']>
            >
          ) => allow(principal, resource, parametersOf(context)),
        }),
  } as ContractRule<Context> // the spread keeps every other member; TypeScript cannot follow the conditional type
}

const THINGS: ReadonlyMap<string, { readonly id: string; readonly owner: string }> = new Map([
  ['1', { id: '1', owner: 'alice' }],
  ['2', { id: '2', owner: 'bob' }],
])

function applicationOf({
  gate,
  seen,
}: ContractFixture & { readonly gate: Gate }): ContractApplication {
  const load = ({ id }: { readonly id: string }) => {
    seen.loads += 1
    return THINGS.get(id)
  }
  const paper = ({ id }: { readonly id: string }) => {
    seen.loads += 1
    return PAPERS.get(id)
  }
  const allow: ContractRule<unknown>['allow'] = (principal, resource) =>
    'subject' in principal && (resource as { readonly owner: string }).owner === principal.subject
  const identity = ({ principal }: Granted) => ({
    kind: principal.kind,
    ...('subject' in principal ? { subject: principal.subject } : {}),
    ...('applicationId' in principal ? { applicationId: principal.applicationId } : {}),
  })
  const route = (
    method: ContractRoute['method'],
    path: string,
    rule: ContractRoute['rule'],
    body: ContractRoute['body'] = identity,
  ): ContractRoute => ({ method, path, rule, body })
  return {
    gate,
    routes: [
      route('GET', '/open', { accept: 'anyone' }),
      route('GET', '/either', { accept: ['anyone', 'user'] }),
      route('GET', '/any', { scopes: authenticated() }),
      route('GET', '/machine', { accept: 'machine', scopes: authenticated() }),
      route('GET', '/ops', { accept: 'ops', scopes: authenticated() }),
      route('GET', '/cookie', { accept: 'cookie', scopes: authenticated() }),
      route('POST', '/cookie', { accept: 'cookie', scopes: authenticated() }),
      route('OPTIONS', '/options', {
        accept: 'user',
        scopes: authenticated(),
        load: () => {
          seen.loads += 1
          return {}
        },
      }),
      route('GET', '/keyless', { accept: 'keyless', scopes: authenticated() }),
      route('GET', '/limited', { accept: 'limited', scopes: authenticated() }),
      route('GET', '/storeless', { accept: 'storeless', scopes: authenticated() }),
      route('GET', '/recent', {
        accept: ['user', 'machine'],
        scopes: authenticated(),
        login: { maxAge: 300, acr: ['gold', 'silver'] },
      }),
      route('GET', '/things', { accept: ['user', 'session', 'machine'], scopes: 'things:read' }),
      route('POST', '/things', {
        accept: ['user', 'machine'],
        scopes: gate.scopes.allOf('things:read', 'things:write'),
      }),
      route(
        'GET',
        '/things/:id',
        { accept: 'user', scopes: 'things:read', load, allow },
        ({ resource }) => resource,
      ),
      route(
        'DELETE',
        '/things/:id',
        { accept: 'user', scopes: 'things:delete', load, allow, hide: true },
        ({ resource }) => resource,
      ),
      route(
        'GET',
        '/papers',
        { accept: 'user', action: 'things:read', type: 'paper', list: true },
        readablePapers,
      ),
      route(
        'GET',
        '/papers/:id',
        { accept: 'user', action: 'things:read', type: 'paper', load: paper },
        ({ resource }) => resource,
      ),
      route(
        'DELETE',
        '/papers/:id',
        { accept: 'user', action: 'things:delete', type: 'paper', load: paper },
        ({ resource }) => resource,
      ),
      route('GET', '/open-papers/:id', {
        accept: 'anyone',
        action: 'things:read',
        type: 'paper',
        load: paper,
      }),
      route('GET', '/broken-load', {
        accept: 'user',
        scopes: authenticated(),
        load: () => {
          throw new Error('the database is down')
        },
      }),
      route('GET', '/broken-allow', {
        accept: 'user',
        scopes: authenticated(),
        allow: () => {
          throw new Error('the policy is broken')
        },
      }),
    ],
    bareRoutes: [
      ['GET', '/bare'],
      ['POST', '/bare'],
    ],
    onBareHandler: () => {
      seen.bareHandlers += 1
    },
  }
}

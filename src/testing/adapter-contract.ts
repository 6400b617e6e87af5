import { createGate, type Gate } from '../gate.js'
import { createApiKey } from '../lifecycle/api-key/api-key.js'
import { createOpaqueToken } from '../lifecycle/opaque-token.js'
import { hashPassword } from '../lifecycle/password/password.js'
import { createThrottle } from '../lifecycle/throttle/throttle.js'
import type { Granted } from '../outcome/outcome.js'
import type { Attributes } from '../policy/condition/attributes.js'
import type { ResourceTypes } from '../policy/definition/policy-definition.js'
import type { PrincipalsByName, Rule } from '../policy/route/rule.js'
import { defineScopes } from '../scope/define-scopes.js'
import { authenticated } from '../scope/requirement.js'
import type { Scopes } from '../scope/vocabulary.js'
import { apiKey } from '../verify/api-key.js'
import { basic } from '../verify/basic.js'
import { jwtBearer } from '../verify/jwt-bearer.js'
import { opaqueBearer } from '../verify/opaque-bearer.js'
import { contractCases } from './contract/cases.js'
import type { ContractFixture } from './contract/fixture.js'
import { PAPERS, paperFacts, paperPolicy, readablePapers } from './contract/policy-fixture.js'
import { sendRaw } from './send.js'
import { createTestClock } from './test-clock.js'
import { createTestIssuer } from './test-issuer.js'

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

async function createFixture(): Promise<ContractFixture & { readonly gate: Gate }> {
  const clock = createTestClock()
  const issuer = await createTestIssuer({ clock })
  const now = clock.now()
  const good = createApiKey({
    prefix: 'acme',
    applicationId: 'robot',
    scopes: ['things:read'],
    now,
  })
  const expired = createApiKey({
    prefix: 'acme',
    applicationId: 'robot',
    scopes: [],
    expiresIn: 60,
    now: now - 61,
  })
  const keys = new Map([good.record, expired.record].map((record) => [record.id, record]))
  const opaque = createOpaqueToken()
  const seen: ContractFixture['seen'] = { bareHandlers: 0, loads: 0, events: [] }
  const password = 'correct horse: battery staple'
  const passwordHash = await hashPassword(password)
  const scopes: Scopes<string> = defineScopes({
    resources: { things: ['read', 'write', 'delete'] },
  }) as unknown as Scopes<string> // a vocabulary of known names is a vocabulary
  const gate = createGate<PrincipalsByName, string, ResourceTypes, Attributes, Attributes, string>({
    resource: issuer.audience,
    clock,
    scopes,
    policy: {
      policy: paperPolicy(scopes),
      principal: paperFacts,
      anonymous: () => ({ tenant: 'acme' }),
    },
    verifiers: {
      user: jwtBearer(issuer.trust),
      session: opaqueBearer({
        store: {
          find: (hash) =>
            hash === opaque.hash
              ? {
                  hash,
                  kind: 'user',
                  issuer: 'https://id.example.com',
                  subject: 'bob',
                  scopes: ['things:read'],
                  expiresAt: now + 600,
                }
              : null,
        },
      }),
      cookie: jwtBearer({ ...issuer.trust, cookie: '__Host-token' }),
      machine: apiKey({ prefix: 'acme', store: { find: (id) => keys.get(id) ?? null } }),
      ops: basic({
        realm: 'ops',
        store: { find: (username) => (username === 'ops' ? { username, passwordHash } : null) },
      }),
      keyless: jwtBearer({
        ...issuer.trust,
        cookie: 'keyless',
        keys: {
          current: async () => ({ kind: 'unavailable', retryAfterSeconds: 7, cause: null }),
          refreshed: async () => ({ kind: 'unavailable', retryAfterSeconds: 7, cause: null }),
        },
      }),
      limited: opaqueBearer({
        cookie: 'limited',
        store: { find: () => null },
        throttle: createThrottle({
          source: {
            consume: () => Promise.reject({ msBeforeNext: 6_500 }),
            reward: async () => null,
            delete: async () => null,
          },
        }),
      }),
      storeless: opaqueBearer({
        cookie: 'storeless',
        store: {
          find: () => {
            throw new Error('the store is down')
          },
        },
      }),
    },
    onEvent: (event) => seen.events.push(event),
  })
  return {
    gate,
    issuer,
    seen,
    password,
    goodKey: good.key.reveal(),
    expiredKey: expired.key.reveal(),
    opaqueToken: opaque.token.reveal(),
  }
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

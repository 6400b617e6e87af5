import { Buffer } from 'node:buffer'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createGate, type Gate } from '../../src/gate.js'
import type { GateEvent } from '../../src/outcome/event.js'
import type { PrincipalsByName } from '../../src/policy/route/rule.js'
import { authenticated } from '../../src/scope/requirement.js'
import { sendRaw } from '../../src/testing/send.js'
import { type JwtBearerOptions, jwtBearer } from '../../src/verify/jwt-bearer.js'
import { ADAPTERS, type Served, serveOn } from '../attacks/support/serve.js'
import { AUDIENCE, ISSUER, NOW, segment, vectors } from '../jwt/tokens.js'
import { hostileFamily } from './hostile/family.js'
import { CONTROLS, KEYS } from './hostile/hostile-token.js'

const COOKIE = '__Host-token'

const FAMILY = hostileFamily()
const corpus = vectors<{
  readonly secret: string
  readonly cases: readonly {
    readonly id: string
    readonly token: string
    readonly expect: string
  }[]
}>('attack-classes/hostile-signed-hs256.json')

const events: GateEvent[] = []
let handled = 0

function gateOf(options: Partial<JwtBearerOptions<Readonly<Record<string, unknown>>>>): Gate {
  const user = jwtBearer({
    issuer: ISSUER,
    audience: AUDIENCE,
    algorithms: ['HS256'],
    keys: KEYS,
    ...options,
  })
  return createGate<PrincipalsByName, string>({
    resource: AUDIENCE,
    verifiers: { user },
    clock: { now: () => NOW },
    onEvent: (event) => events.push(event),
  })
}

const rule = { accept: 'user', scopes: authenticated() } as const
const routes = [
  { path: '/field', rule, gate: gateOf({}) },
  { path: '/cookie', rule, gate: gateOf({ cookie: COOKIE }) },
  {
    path: '/corpus',
    rule,
    // As loose as it can be made, so that each token of the corpus is refused for its own fault.
    gate: gateOf({
      issuer: 'https://as',
      audience: 'api',
      keys: { keys: [{ kty: 'oct', k: segment(corpus.secret) }] },
      types: ['JWT', 'at+jwt'],
      dangerouslyAllowMissingType: true,
      maxLifetime: null,
    }),
  },
]

/**
 * Whether a token arrives as it was made: a field cannot hold a line's end, and white space around its value is not
 * part of it, so that what arrives would be the good token inside.
 */
function canTravel(token: string): boolean {
  return !/[\r\n]/.test(token) && token === token.replaceAll(/^[ \t]+|[ \t]+$/g, '')
}

/** One byte for each byte of its UTF-8, as `sendRaw` writes them. */
function onTheWire(token: string): string {
  return Buffer.from(token).toString('latin1')
}

describe.each(ADAPTERS)('on %s', (adapter) => {
  let served: Served
  beforeAll(async () => {
    const body = () => {
      handled += 1
      return { in: true }
    }
    const [first = { gate: gateOf({}) }] = routes
    served = await serveOn(adapter, { routes, vault: { gate: first.gate, rule }, body })
  })
  afterAll(() => served.close())
  beforeEach(() => {
    handled = 0
    events.length = 0
  })

  const statusOf = async (path: string, name: string, value: string): Promise<number> => {
    const fields = [[name, onTheWire(value)]] as const
    return (await sendRaw(served.origin, { method: 'GET', path, fields })).status
  }
  const byField = (token: string) => statusOf('/field', 'Authorization', `Bearer ${token}`)
  const byCookie = (token: string) => statusOf('/cookie', 'Cookie', `${COOKIE}=${token}`)

  it.each([
    ['Authorization', byField],
    ['a cookie', byCookie],
  ])('takes the controls in %s', async (_, send) => {
    const statuses = await Promise.all(CONTROLS.map(({ token }) => send(token)))
    expect(statuses).toEqual(CONTROLS.map(() => 200))
    expect(handled).toBe(CONTROLS.length)
  })

  it.each([
    ['Authorization', byField],
    ['a cookie', byCookie],
  ])('takes none of the family in %s, each for its own fault', async (_, send) => {
    const mistaken: unknown[] = []
    let judged = 0
    for (const { name, token, reason } of FAMILY.filter((each) => canTravel(each.token))) {
      events.length = 0
      const status = await send(token)
      const seen = reasonOf(events)
      if (status === 401 && seen === reason) judged += 1
      else if (!(status === 400 && NO_CREDENTIAL.includes(seen))) {
        mistaken.push({ name, status, seen, reason })
      }
    }
    expect(mistaken).toEqual([])
    expect(handled).toBe(0)
    // The others are no credential by the grammar of HTTP: spaces, quotes, letters beyond ASCII, or too long.
    expect(judged).toBeGreaterThan(450)
  })

  it('takes none of the corpus but its control and what is free', async () => {
    const taken: string[] = []
    for (const { id, token } of corpus.cases.filter((each) => canTravel(each.token))) {
      const status = await statusOf('/corpus', 'Authorization', `Bearer ${token}`)
      if (status !== 401 && status !== 400) taken.push(`${id}: ${status}`)
    }
    expect(taken).toEqual(['good: 200', 'cty-jwt: 200'])
    expect(handled).toBe(2)
  })
})

function reasonOf(seen: readonly GateEvent[]): string | null {
  const decided = seen.findLast((event) => event.kind === 'decided')
  return decided?.kind === 'decided' ? decided.reason : null
}

/** Null: Node's own parser has refused the request, and no gate was asked. */
const NO_CREDENTIAL: readonly (string | null)[] = [
  null,
  'authorization_malformed',
  'authorization_too_large',
  'cookie_malformed',
  'cookie_too_large',
]

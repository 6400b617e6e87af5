import type { Buffer } from 'node:buffer'
import { viewNodeRequest } from 'sallyport'
import { protect } from 'sallyport/fetch'
import { createCredentials } from './credentials.js'
import type { CaseName } from './names.js'
import type { Contender } from './rounds.js'
import { RESOURCE, type Scheme } from './scheme.js'

/** One row of the table: the gate's work, and the work that it is compared with. */
export interface Case {
  readonly name: CaseName
  /** Decides a request that looks like Node's. */
  readonly decide: Contender
  /** Proves the credential and does nothing else; null if the request carries none. */
  readonly bare: Contender | null
  /** Answers a Fetch request, guarded by `protect`. */
  readonly guarded: Contender
  /** Answers the same request with the handler alone. */
  readonly open: Contender
}

/** Makes the case of this name. A contender that gets a wrong answer rejects, so that no run measures a mistake. */
export async function createCase(name: CaseName): Promise<Case> {
  const { scheme, values, expected } = await createCredentials(name)
  const { gate, field, bare } = scheme
  const granted = expected === 'granted'
  const status = granted ? 200 : 401
  const next = inTurn(values)
  const rule = { scopes: 'things:read' } as const
  const guard = gate.guard(rule)
  const handler = (): Response => Response.json(ANSWER)
  const protectedHandler = protect(gate, rule, handler)
  return {
    name,
    async decide() {
      const value = next()
      const rawHeaders = value === null ? [...FIELDS] : [...FIELDS, field, value]
      const view = viewNodeRequest({
        method: 'GET',
        url: '/things?page=2',
        rawHeaders,
        socket: TLS,
      })
      const { kind } = await guard.decide(view, undefined)
      if (kind !== expected) throw new Error(`${name}: decided ${kind}, not ${expected}.`)
    },
    bare:
      values.length === 0
        ? null
        : async () => {
            if ((await isProven(bare, next() ?? '')) !== granted) {
              throw new Error(`${name}: the bare work judged otherwise.`)
            }
          },
    async guarded() {
      const response = await protectedHandler(requestWith(field, next()))
      if (response.status !== status) throw new Error(`${name}: answered ${response.status}.`)
    },
    async open() {
      requestWith(field, next())
      if (handler().status !== 200) throw new Error(`${name}: the handler failed.`)
    },
  }
}

async function isProven(bare: Scheme['bare'], value: string): Promise<boolean> {
  try {
    await bare(value)
    return true
  } catch {
    return false
  }
}

/** A new string at each call, as a request brings one: neither its identity nor its hash is known to the runtime. */
function inTurn(values: readonly Buffer[]): () => string | null {
  let turn = 0
  return () => values[turn++ % values.length]?.toString('latin1') ?? null
}

function requestWith(field: string, value: string | null): Request {
  const headers = value === null ? HEADERS : { ...HEADERS, [field]: value }
  return new Request(`${RESOURCE}/things?page=2`, { headers })
}

const FIELDS: readonly string[] = [
  'Host',
  'api.example.com',
  'User-Agent',
  'bench/1.0',
  'Accept',
  'application/json',
  'Accept-Encoding',
  'gzip, br',
  'Connection',
  'keep-alive',
]
const HEADERS: Readonly<Record<string, string>> = {
  'user-agent': 'bench/1.0',
  accept: 'application/json',
  'accept-encoding': 'gzip, br',
}
const TLS = { encrypted: true }
const ANSWER = { id: 1, name: 'A thing' }

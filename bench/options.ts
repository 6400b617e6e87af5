import { parseArgs } from 'node:util'
import {
  CASES,
  type CaseName,
  FRAMEWORKS,
  PEER_PARTS,
  type PeerPart,
  REFUSALS,
  SCHEMES,
  SCOPE_PARTS,
  type ScopePart,
  STORE_PARTS,
  type StorePart,
} from './names.js'

/** What a run of the benchmark is to do. */
export type BenchOptions =
  | {
      readonly kind: 'gate'
      /** How long to measure in all; making keys and warming up come on top. */
      readonly seconds: number
      /** The cases to measure, in the order of the tables. */
      readonly cases: readonly CaseName[]
      /** Measure servers over sockets, not functions inside this process. */
      readonly http: boolean
    }
  | {
      readonly kind: 'peers'
      readonly seconds: number
      /** What to compare, in the order of the tables. */
      readonly parts: readonly PeerPart[]
    }
  | {
      readonly kind: 'stores'
      readonly seconds: number
      /** What to measure, in the order of the tables. */
      readonly parts: readonly StorePart[]
    }
  | {
      readonly kind: 'scopes'
      readonly seconds: number
      /** What to compare, in the order of the tables. */
      readonly parts: readonly ScopePart[]
    }

/** How the benchmark is called. */
export const USAGE = `Usage: npm run bench -- [--http] [--seconds <1-600>] [--only <case>[,<case>...]]
       npm run bench -- --peers [--http] [--seconds <1-600>] [--only <part>[,<part>...]]
       npm run bench -- --stores [--seconds <1-600>] [--only <part>[,<part>...]]
       npm run bench:scopes -- [--seconds <1-600>] [--only <part>[,<part>...]]

  --http     servers on Express, Fastify and Hono over loopback sockets, not functions in one process
  --peers    beside other libraries, which are installed into bench/peers at the first run: inside the process
             and over sockets, or with --http over sockets alone; says which targets are met
  --stores   what refreshing costs on each store, to the compare-and-swap of its database; skips what is not there
  --scopes   the scope check beside other libraries, each in a process of its own; what bench:scopes sets
  --seconds  how long to measure in all, 25 by default, 180 beside others or on stores; keys and warming up come on top
  --only     some of the cases
             granted: ${SCHEMES.join(', ')}
             refused: ${REFUSALS.join(', ')}
             with --peers: ${PEER_PARTS.join(', ')}
             with --stores: ${STORE_PARTS.join(', ')}
             with --scopes: ${SCOPE_PARTS.join(', ')}`

/** The options that these arguments spell, or null if they spell none. */
export function readOptions(args: readonly string[]): BenchOptions | null {
  const values = valuesOf(args)
  if (values === null) return null
  const { http, peers, stores, scopes, only } = values
  const seconds = Number(values.seconds ?? (peers || stores || scopes ? 180 : 25))
  if (!(seconds >= 1 && seconds <= 600)) return null
  if (scopes) {
    const parts = http || peers || stores ? null : named(SCOPE_PARTS, only)
    return parts === null ? null : { kind: 'scopes', seconds, parts }
  }
  if (stores) {
    const parts = http || peers ? null : named(STORE_PARTS, only)
    return parts === null ? null : { kind: 'stores', seconds, parts }
  }
  if (!peers) {
    const cases = named(CASES, only)
    return cases === null ? null : { kind: 'gate', seconds, cases, http }
  }
  const parts = named<PeerPart>(http ? FRAMEWORKS : PEER_PARTS, only)
  return parts === null ? null : { kind: 'peers', seconds, parts }
}

/** Those of all that are named, in the order of all; null if a name is unknown or stands there twice. */
function named<Name extends string>(
  all: readonly Name[],
  only: string | undefined,
): readonly Name[] | null {
  const names: readonly string[] = only?.split(',') ?? all
  const found = all.filter((name) => names.includes(name))
  return found.length === names.length ? found : null
}

interface Values {
  readonly http: boolean
  readonly peers: boolean
  readonly stores: boolean
  readonly scopes: boolean
  readonly seconds?: string
  readonly only?: string
}

function valuesOf(args: readonly string[]): Values | null {
  try {
    return parseArgs({
      args: [...args],
      options: {
        http: { type: 'boolean', default: false },
        peers: { type: 'boolean', default: false },
        stores: { type: 'boolean', default: false },
        scopes: { type: 'boolean', default: false },
        seconds: { type: 'string' },
        only: { type: 'string' },
      },
    }).values
  } catch {
    return null
  }
}

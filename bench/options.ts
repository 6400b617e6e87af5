import { parseArgs } from 'node:util'
import { CASES, type CaseName, REFUSALS, SCHEMES } from './names.js'

/** What a run of the benchmark is to do. */
export interface BenchOptions {
  /** How long to measure in all; making keys and warming up come on top. */
  readonly seconds: number
  /** The cases to measure, in the order of the tables. */
  readonly cases: readonly CaseName[]
  /** Measure servers over sockets, not functions inside this process. */
  readonly http: boolean
}

/** How the benchmark is called. */
export const USAGE = `Usage: npm run bench -- [--http] [--seconds <1-600>] [--only <case>[,<case>...]]

  --http     servers on Express, Fastify and Hono over loopback sockets, not functions in one process
  --seconds  how long to measure in all, 25 by default; keys and warming up come on top
  --only     some of the cases
             granted: ${SCHEMES.join(', ')}
             refused: ${REFUSALS.join(', ')}`

/** The options that these arguments spell, or null if they spell none. */
export function readOptions(args: readonly string[]): BenchOptions | null {
  const values = valuesOf(args)
  if (values === null) return null
  const seconds = Number(values.seconds)
  if (!(seconds >= 1 && seconds <= 600)) return null
  const named = values.only?.split(',') ?? CASES
  const cases = CASES.filter((name) => named.includes(name))
  // Fewer than were named: a name is unknown, or stands there twice.
  return cases.length === named.length ? { seconds, cases, http: values.http } : null
}

function valuesOf(
  args: readonly string[],
): { readonly http: boolean; readonly seconds: string; readonly only?: string } | null {
  try {
    return parseArgs({
      args: [...args],
      options: {
        http: { type: 'boolean', default: false },
        seconds: { type: 'string', default: '25' },
        only: { type: 'string' },
      },
    }).values
  } catch {
    return null
  }
}

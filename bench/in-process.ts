import { performance } from 'node:perf_hooks'
import { hashPassword, verifyPassword } from 'sallyport'
import { type Case, createCase } from './cases.js'
import { type CaseName, isScheme } from './names.js'
import { type Contender, measure, ratio, summary, type Times } from './rounds.js'
import { formatRatio, formatTable } from './table.js'

/** Measures the cases inside this process and says what came out, as text for a terminal. */
export async function measureInProcess(
  names: readonly CaseName[],
  seconds: number,
): Promise<string> {
  const cases: Case[] = []
  for (const name of names) cases.push(await createCase(name))
  const contenders = cases.flatMap(({ decide, bare, guarded, open }) =>
    [decide, bare, guarded, open].filter((one) => one !== null),
  )
  const alone = await measure(contenders, { seconds: seconds / 2, inFlight: 1 })
  const together = await measure(contenders, { seconds: seconds / 2, inFlight: IN_FLIGHT })
  const table = formatTable([HEADINGS, ...cases.map((one) => rowOf(one, alone, together))])
  const basic = cases.find(({ name }) => name === 'basic')
  return basic === undefined ? table : `${table}\n\n${await noteOnHashing(basic, alone)}`
}

function rowOf(
  { name, decide, bare, guarded, open }: Case,
  alone: Times,
  together: Times,
): readonly string[] {
  const cell = (times: Times, over: Contender, under: Contender | null): string =>
    under === null ? '-' : formatRatio(ratio(times, over, under))
  return [
    isScheme(name) ? name : `refused: ${name}`,
    cell(alone, decide, bare),
    cell(together, decide, bare),
    cell(alone, guarded, open),
    cell(together, guarded, open),
  ]
}

/** The measured hasher costs nothing; this says what a real one adds. */
async function noteOnHashing({ decide }: Case, alone: Times): Promise<string> {
  const passwordHash = await hashPassword(PASSWORD)
  const start = performance.now()
  await verifyPassword(PASSWORD, passwordHash)
  const hashing = performance.now() - start
  const times = (hashing / summary(alone.get(decide) ?? []).median).toPrecision(1)
  return `basic is measured without its password hash: the default one costs some ${Number(times)} times the decision.`
}

const PASSWORD = 'correct horse battery staple'
const IN_FLIGHT = 32
const HEADINGS = [
  'case',
  'decide / bare, one at a time',
  `${IN_FLIGHT} in flight`,
  'guarded / open, one at a time',
  `${IN_FLIGHT} in flight`,
]

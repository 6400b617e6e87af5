import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { AdapterName } from '../attacks/support/serve.js'
import type { Answer } from './answers.js'
import type { Armoury, Health, ServedMessage } from './armoury.js'
import { brokenFraming } from './broken-framing.js'
import { Pipeline, sendAlone } from './connection.js'
import type { FuzzRequest } from './draft.js'
import { createRandom } from './random.js'
import { control, type Materials, wellFramed } from './requests.js'
import { readSeeds } from './seeds.js'

export interface FuzzOptions {
  readonly adapter: AdapterName
  readonly requests: number
  readonly seed: number
  /** Pipelines, each with a connection. */
  readonly connections: number
  /** The share of requests whose framing is broken; a seventh by default. */
  readonly brokenShare?: number
  /** Told now and then. */
  readonly onProgress?: (sent: number) => void
}

export interface FuzzReport {
  readonly sent: number
  readonly seconds: number
  /** How many answers of each status; `none` where the server closed without one. */
  readonly statuses: Readonly<Record<string, number>>
  readonly controls: number
  readonly reconnects: number
  readonly residentBytes: { readonly start: number; readonly most: number; readonly end: number }
  /** What must not happen; the first few, with the bytes that led there. */
  readonly failures: readonly string[]
}

/** Serves the adapter in a process of its own, throws requests at it, and reports what should not have happened. */
export async function fuzz(options: FuzzOptions): Promise<FuzzReport> {
  const served = await startServed(options.adapter)
  const random = createRandom(options.seed)
  const { port } = served.armoury
  const materials: Materials = {
    random,
    armoury: served.armoury,
    seeds: readSeeds(),
    host: `127.0.0.1:${port}`,
  }
  const statuses: Record<string, number> = {}
  const failures: string[] = []
  const texts = served.armoury.doors.flatMap(({ good }) => good.map(({ text }) => text))
  let controls = 0

  const count = (status: string): void => {
    statuses[status] = (statuses[status] ?? 0) + 1
  }
  const fail = (problem: string, { kind, text }: FuzzRequest, answer = ''): void => {
    if (failures.length < MAX_FAILURES) {
      failures.push(
        `${problem} (${kind})\n  sent ${JSON.stringify(text)}\n  got  ${JSON.stringify(answer)}`,
      )
    }
  }
  const onHang = (request: FuzzRequest) => fail('no answer in time', request)
  const judge = (request: FuzzRequest, answer: Answer | null): void => {
    count(answer === null ? 'none' : String(answer.status))
    if (request.verdict === 'granted') controls += 1
    const problem = problemOf(request, answer, texts)
    if (problem !== null)
      fail(problem, request, answer === null ? '' : `${answer.head}\r\n\r\n${answer.body}`)
  }
  const judgeAlone = (request: FuzzRequest, received: string): void => {
    const answered = [...received.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) =>
      String(status),
    )
    if (answered.length === 0) count('none')
    for (const status of answered) {
      count(status)
      const problem = problemOf(
        request,
        { status: Number(status), head: received, body: received, closes: true },
        texts,
      )
      if (problem !== null) fail(problem, request, received)
    }
  }

  let made = 0
  let sinceControl = 0
  const broken = options.brokenShare ?? 1 / 7
  /** The next batch for a pipeline, and the requests that go alone meanwhile. INVARIANT: the order of making is the order of the seed. */
  const next = (): { batch: FuzzRequest[]; alone: FuzzRequest[] } => {
    const batch: FuzzRequest[] = []
    const alone: FuzzRequest[] = []
    while (batch.length < BATCH && made < options.requests) {
      made += 1
      sinceControl += 1
      if (sinceControl >= CONTROL_EVERY) {
        sinceControl = 0
        batch.push(control(materials))
      } else if (random.chance(broken)) alone.push(brokenFraming(materials))
      else batch.push(wellFramed(materials))
    }
    options.onProgress?.(made)
    return { batch, alone }
  }

  const started = Date.now()
  const pipelines = Array.from(
    { length: options.connections },
    () => new Pipeline(port, judge, onHang),
  )
  const strays = new Set<Promise<void>>()
  await Promise.all(
    pipelines.map(async (pipeline) => {
      while (made < options.requests && failures.length < MAX_FAILURES && served.died() === null) {
        const { batch, alone } = next()
        for (const request of alone) {
          const stray: Promise<void> = sendAlone(port, request, onHang)
            .then((received) => judgeAlone(request, received))
            .finally(() => strays.delete(stray))
          strays.add(stray)
        }
        await pipeline.send(batch)
        // Some wait for a server that waits for them, so they are many.
        while (strays.size > MAX_STRAYS) await Promise.race(strays)
      }
      pipeline.end()
    }),
  )
  await Promise.all(strays)
  const seconds = (Date.now() - started) / 1_000
  const health = await served.stop()
  failures.push(...health.failures)
  return {
    sent: made,
    seconds,
    statuses,
    controls,
    reconnects: pipelines.reduce((sum, { reconnects }) => sum + reconnects, 0),
    residentBytes: health.residentBytes,
    failures,
  }
}

/** What is wrong with an answer; null if nothing is. */
function problemOf(
  { verdict, who, text }: FuzzRequest,
  answer: Answer | null,
  goodTexts: readonly string[],
): string | null {
  if (answer === null) return verdict === 'granted' ? 'a good request was not answered' : null
  const { status, body } = answer
  if (status >= 500) return `answered ${status}`
  const isSuccess = status >= 200 && status < 300
  if (verdict === 'granted') {
    return status === 200 && body.includes(who === '' ? '"vault"' : `"who":"${who}"`)
      ? null
      : `a good request was answered ${status}`
  }
  if (!isSuccess) return null
  // A framework may answer OPTIONS by itself.
  if (text.startsWith('OPTIONS ') && !/"who"|"vault"/.test(body)) return null
  if (verdict === 'refused') return 'let in, though it must be refused'
  return goodTexts.some((good) => text.includes(good)) ? null : 'let in without a good credential'
}

interface Served {
  readonly armoury: Armoury
  /** How the process ended; null while it runs. */
  died(): string | null
  stop(): Promise<{
    readonly residentBytes: FuzzReport['residentBytes']
    readonly failures: readonly string[]
  }>
}

async function startServed(adapter: AdapterName): Promise<Served> {
  const path = fileURLToPath(new URL('./served.ts', import.meta.url))
  const child = fork(path, [adapter], {
    execArgv: ['--import', 'tsx', '--unhandled-rejections=throw'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    env: { ...process.env, NODE_ENV: 'production' },
  })
  let complaint = ''
  child.stderr?.on('data', (chunk) => {
    complaint = (complaint + String(chunk)).slice(-4_000)
  })
  let ended: string | null = null
  const exited = new Promise<void>((resolve) => {
    child.on('exit', (code, signal) => {
      ended = `the served process ended: ${code ?? signal}\n${complaint}`
      resolve()
    })
  })
  let first: number | null = null
  let last: Health = { residentBytes: 0, failures: [] }
  let most = 0
  const armoury = await new Promise<Armoury>((resolve, reject) => {
    child.on('message', (message: ServedMessage) => {
      if (message.kind === 'armoury') return resolve(message.armoury)
      last = message.health
      first ??= last.residentBytes
      most = Math.max(most, last.residentBytes)
    })
    void exited.then(() => reject(new Error(ended ?? 'ended')))
  })
  return {
    armoury,
    died: () => ended,
    async stop() {
      // One more word on its health, unless it is dead.
      if (ended === null) await new Promise((resolve) => setTimeout(resolve, 500))
      const end = ended
      child.disconnect()
      await exited
      return {
        residentBytes: { start: first ?? 0, most, end: last.residentBytes },
        failures: [...(end === null ? [] : [end]), ...last.failures],
      }
    },
  }
}

/** As many requests as go into a connection before their answers are waited for. */
const BATCH = 32
const CONTROL_EVERY = 100
/** Requests of broken framing under way at once. */
const MAX_STRAYS = 128
const MAX_FAILURES = 5

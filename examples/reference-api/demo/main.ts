/** The command line of the demo. Returns its exit code and prints through `terminal`, so that tests can run it. */
import { parseArgs } from 'node:util'
import { createDemoStage, FRAMEWORKS, type Framework, play } from './play.js'
import { serve } from './serve.js'
import { type DemoStore, storeOpener } from './stores.js'
import { type Chapter, story } from './story.js'
import { COLOURED, PLAIN, tableOf } from './table.js'

export interface Terminal {
  print(line: string): void
  complain(line: string): void
  readonly colours: boolean
  /** Resolves when the user has had enough of `--serve`. */
  stopped(): Promise<void>
}

export async function main(words: readonly string[], terminal: Terminal): Promise<number> {
  const wanted = parse(words)
  switch (wanted.kind) {
    case 'help':
      terminal.print(USAGE)
      return 0
    case 'mistake':
      terminal.complain(`${wanted.sentence}\n\n${USAGE}`)
      return 2
    case 'demo':
      return demo(wanted.runs, story(), terminal)
    case 'serve': {
      const served = await serve(wanted.framework, wanted.port, wanted.open, terminal.print)
      await terminal.stopped()
      await served.close()
      return 0
    }
  }
}

/** One telling of the story. */
export interface Run {
  readonly framework: Framework
  /** The name of the store, as `--store` takes it. */
  readonly store: string
}

/** Tells the story on each framework in turn; 0 if every answer is the expected one, else 1. */
export async function demo(
  runs: readonly Run[],
  chapters: readonly Chapter[],
  { print, colours }: Terminal,
): Promise<number> {
  let asked = 0
  let right = 0
  for (const { framework, store } of runs) {
    const stage = await createDemoStage(storeOpener(store) ?? undefined)
    try {
      const played = await play(framework, chapters, stage)
      if (store !== 'memory')
        print(`On ${framework}, with the tokens in ${store.replace(/:.*/, '')}:`)
      for (const line of tableOf(played, colours ? COLOURED : PLAIN)) print(line)
      const steps = played.chapters.flatMap((chapter) => chapter.steps)
      asked += steps.length
      right += steps.filter(({ faults }) => faults.length === 0).length
    } finally {
      await stage.provider.close()
    }
  }
  const names = runs.map(({ framework }) => framework)
  print(`${right} of ${asked} answers as expected on ${names.join(', ')}`)
  return right === asked ? 0 : 1
}

type Wanted =
  | { readonly kind: 'help' }
  | { readonly kind: 'mistake'; readonly sentence: string }
  | { readonly kind: 'demo'; readonly runs: readonly Run[] }
  | {
      readonly kind: 'serve'
      readonly framework: Framework
      readonly port: number
      readonly open: () => Promise<DemoStore>
    }

function parse(words: readonly string[]): Wanted {
  const read = readWords(words)
  if (typeof read === 'string') return { kind: 'mistake', sentence: read }
  const { help = false, serve: serving = false, framework: name, port: digits, store } = read
  if (help) return { kind: 'help' }
  const framework = FRAMEWORKS.find((known) => known === name)
  if (name !== undefined && framework === undefined) {
    return { kind: 'mistake', sentence: `There is no framework '${name}' here.` }
  }
  const open = storeOpener(store ?? 'memory')
  if (open === null) {
    return {
      kind: 'mistake',
      sentence: '--store takes memory, sqlite, redis://... or postgres://...',
    }
  }
  if (!serving) {
    if (digits !== undefined) return { kind: 'mistake', sentence: '--port goes with --serve.' }
    const frameworks = framework === undefined ? FRAMEWORKS : [framework]
    const runs = frameworks.map((each): Run => ({ framework: each, store: store ?? 'memory' }))
    // Once in a database, too, unless one was named.
    const more: readonly Run[] =
      store === undefined ? [{ framework: frameworks[0], store: 'sqlite' }] : []
    return { kind: 'demo', runs: [...runs, ...more] }
  }
  const port = digits === undefined ? DEFAULT_PORT : Number(digits)
  if (digits !== undefined && (!/^\d{1,5}$/.test(digits) || port > 65_535)) {
    return { kind: 'mistake', sentence: `'${digits}' is not a port.` }
  }
  return { kind: 'serve', framework: framework ?? 'express', port, open }
}

function readWords(words: readonly string[]) {
  try {
    return parseArgs({
      args: [...words],
      options: {
        help: { type: 'boolean', short: 'h' },
        serve: { type: 'boolean' },
        framework: { type: 'string' },
        port: { type: 'string' },
        store: { type: 'string' },
      },
    }).values
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

const DEFAULT_PORT = 3_000

const USAGE = `Usage:
  npm run demo                                      plays the story on every framework; fails on a wrong answer
  npm run demo -- --framework hono                  on one of ${FRAMEWORKS.join(', ')}
  npm run demo -- --store sqlite                    with the tokens in memory, sqlite, redis://... or postgres://...
  npm run demo -- --serve [--store memory] [--framework express] [--port 3000]
                                                    leaves the API running, with curl lines to try`

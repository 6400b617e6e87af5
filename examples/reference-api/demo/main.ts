/** The command line of the demo. Returns its exit code and prints through `terminal`, so that tests can run it. */
import { parseArgs } from 'node:util'
import { createDemoStage, FRAMEWORKS, type Framework, play } from './play.js'
import { serve } from './serve.js'
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
      return demo(wanted.frameworks, story(), terminal)
    case 'serve': {
      const served = await serve(wanted.framework, wanted.port, terminal.print)
      await terminal.stopped()
      await served.close()
      return 0
    }
  }
}

/** Plays the story on each framework in turn; 0 if every answer is the expected one, else 1. */
export async function demo(
  frameworks: readonly Framework[],
  chapters: readonly Chapter[],
  { print, colours }: Terminal,
): Promise<number> {
  const stage = await createDemoStage()
  try {
    let asked = 0
    let right = 0
    for (const framework of frameworks) {
      const played = await play(framework, chapters, stage)
      for (const line of tableOf(played, colours ? COLOURED : PLAIN)) print(line)
      const steps = played.chapters.flatMap((chapter) => chapter.steps)
      asked += steps.length
      right += steps.filter(({ faults }) => faults.length === 0).length
    }
    print(`${right} of ${asked} answers as expected on ${frameworks.join(', ')}`)
    return right === asked ? 0 : 1
  } finally {
    await stage.provider.close()
  }
}

type Wanted =
  | { readonly kind: 'help' }
  | { readonly kind: 'mistake'; readonly sentence: string }
  | { readonly kind: 'demo'; readonly frameworks: readonly Framework[] }
  | { readonly kind: 'serve'; readonly framework: Framework; readonly port: number }

function parse(words: readonly string[]): Wanted {
  const read = readWords(words)
  if (typeof read === 'string') return { kind: 'mistake', sentence: read }
  const { help = false, serve: serving = false, framework: name, port: digits } = read
  if (help) return { kind: 'help' }
  const framework = FRAMEWORKS.find((known) => known === name)
  if (name !== undefined && framework === undefined) {
    return { kind: 'mistake', sentence: `There is no framework '${name}' here.` }
  }
  if (!serving) {
    if (digits !== undefined) return { kind: 'mistake', sentence: '--port goes with --serve.' }
    return { kind: 'demo', frameworks: framework === undefined ? FRAMEWORKS : [framework] }
  }
  const port = digits === undefined ? DEFAULT_PORT : Number(digits)
  if (digits !== undefined && (!/^\d{1,5}$/.test(digits) || port > 65_535)) {
    return { kind: 'mistake', sentence: `'${digits}' is not a port.` }
  }
  return { kind: 'serve', framework: framework ?? 'express', port }
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
  npm run demo -- --serve [--framework express] [--port 3000]
                                                    leaves the API running, with curl lines to try`

import type { Terminal } from '../../examples/reference-api/demo/main.js'

export interface TestTerminal extends Terminal {
  readonly printed: string[]
  readonly complaints: string[]
  /** Ctrl-C. */
  stop(): void
}

/** A terminal that remembers what was printed. */
export function aTerminal(): TestTerminal {
  const printed: string[] = []
  const complaints: string[] = []
  let stop = () => {}
  const stopped = new Promise<void>((resolve) => {
    stop = resolve
  })
  return {
    printed,
    complaints,
    colours: false,
    print: (line) => printed.push(...line.split('\n')),
    complain: (line) => complaints.push(...line.split('\n')),
    stopped: () => stopped,
    stop: () => stop(),
  }
}

import { monotonicMilliseconds } from './clock.js'
import { nodeBuiltin } from './node-builtin.js'

/** What the loop offers to code that divides its work between this thread and the pool. */
export interface EventLoop {
  /** Milliseconds of a clock that never steps back; their start means nothing. */
  milliseconds(): number
  /** Runs the work before the next callback of this turn, promises included. */
  afterCallback(work: () => void): void
  /** Runs the work when this turn has served every callback that was due. */
  afterTurn(work: () => void): void
  later(milliseconds: number, work: () => void): void
}

/** Node's event loop, also where another runtime has it, or null. */
export function nodeEventLoop(): EventLoop | null {
  const host = globalThis as { process?: { nextTick?: (work: () => void) => void } }
  const afterCallback = host.process?.nextTick
  const timers = nodeBuiltin('node:timers', 'setImmediate')
  if (afterCallback === undefined || timers === null) return null
  // `nodeBuiltin` has shown that it exists; its signature is Node's since version 0.9.
  const { setImmediate: afterTurn } = timers as { setImmediate: (work: () => void) => unknown }
  return {
    milliseconds: monotonicMilliseconds,
    afterCallback: (work) => afterCallback(work),
    afterTurn: (work) => void afterTurn(work),
    later: (milliseconds, work) => void setTimeout(work, milliseconds),
  }
}

/** Lets the loop serve what is due, on runtimes that have Node's, before whoever waits for this goes on. */
export function nextTurn(): Promise<void> {
  const loop = nodeEventLoop()
  return loop === null ? Promise.resolve() : new Promise((resolve) => loop.afterTurn(resolve))
}

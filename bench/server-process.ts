import { type ChildProcess, execFileSync, fork } from 'node:child_process'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { availableParallelism } from 'node:os'

/** A server in a process of its own, seen from the one that measures it. */
export interface ServerProcess<Ready> {
  /** What the server has said once it listened. */
  readonly ready: Ready
  /** The processor time it has used so far, with all of its threads. */
  microsecondsUsed(): Promise<number>
  stop(): void
}

/**
 * Starts the module at this URL as a server and waits until it listens. Where the system can do so, the server gets one
 * processor for itself, and who asks gets another.
 *
 * @typeParam Ready what the module passes to {@link answerParent}
 */
export async function startServer<Ready>(
  module: URL,
  args: readonly string[],
): Promise<ServerProcess<Ready>> {
  const child = fork(module, args)
  if (child.pid !== undefined) pinApart(child.pid)
  // The first message of the module is its `Ready`.
  const ready = (await messageFrom(child)) as Ready
  return {
    ready,
    async microsecondsUsed() {
      child.send('used')
      return Number(await messageFrom(child))
    },
    stop() {
      child.kill()
    },
  }
}

/** The server's side: says that it listens, then answers each message with the processor time it has used. */
export function answerParent<Ready>(ready: Ready): void {
  process.on('message', () => {
    const { user, system } = process.cpuUsage()
    process.send?.(user + system)
  })
  process.on('disconnect', () => process.exit())
  process.send?.(ready)
}

/** Listens on a free port. Connections stay open however long they are idle: their slices of time are far apart. */
export function portOf(server: Server): Promise<number> {
  server.keepAliveTimeout = 0
  return new Promise((resolve) => {
    // A server that listens on an address and a port of its choice has an `AddressInfo`.
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port))
  })
}

function pinApart(server: number): void {
  if (availableParallelism() < 2) return
  try {
    for (const [processor, pid] of [server, process.pid].entries()) {
      const args = ['--all-tasks', '--pid', '--cpu-list', String(processor), String(pid)]
      execFileSync('taskset', args, { stdio: 'ignore' })
    }
  } catch {
    // There is no taskset here: the system decides, and the figures are noisier.
  }
}

/** The next message of a server; rejects if it ends without one. */
async function messageFrom(server: ChildProcess): Promise<unknown> {
  const ended = new AbortController()
  const abort = (): void => ended.abort()
  server.once('exit', abort)
  try {
    const [message] = await once(server, 'message', { signal: ended.signal })
    return message
  } catch {
    throw new Error('The server has ended; what it wrote before says why.')
  } finally {
    server.off('exit', abort)
  }
}

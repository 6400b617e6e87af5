import { type ChildProcess, fork } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { Answered, Asked, FromServer, ServerSetup } from './messages.js'

/** A server process. */
export interface Server {
  /** What it answers; null if it died before. */
  ask(asked: Asked): Promise<Answered | null>
  /** SIGKILL: it does not get to know. Answers when it is gone. */
  kill(): Promise<void>
}

/** The server's program, built once, so that starting it takes no longer than it must. */
export interface ServerProgram {
  start(setup: ServerSetup): Promise<Server>
  remove(): void
}

export async function buildServer(): Promise<ServerProgram> {
  // Below node_modules, so that the program finds the clients of the databases, and nobody else finds it.
  const caches = fileURLToPath(new URL('../../../node_modules/.cache/', import.meta.url))
  mkdirSync(caches, { recursive: true })
  const folder = mkdtempSync(join(caches, 'sallyport-crash-'))
  const outfile = join(folder, 'server.mjs')
  await build({
    entryPoints: [fileURLToPath(new URL('server.ts', import.meta.url))],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['libsql', 'ioredis', 'pg'],
    logLevel: 'silent',
  })
  return {
    start: (setup) => startServer(outfile, setup),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

async function startServer(program: string, setup: ServerSetup): Promise<Server> {
  const child = fork(program, { execArgv: ['--no-warnings'] })
  const waiting = new Map<number, (answered: Answered | null) => void>()
  const gone = new Promise<void>((resolve) => {
    child.once('exit', () => {
      for (const answer of waiting.values()) answer(null)
      waiting.clear()
      resolve()
    })
  })
  await new Promise<void>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`a server has ended with ${code}`)))
    child.on('message', (message: FromServer) => {
      if ('ready' in message) return resolve()
      waiting.get(message.id)?.(message.answered)
      waiting.delete(message.id)
    })
    child.send(setup)
  })
  let requests = 0
  return {
    ask: (asked) =>
      new Promise((resolve) => {
        requests += 1
        if (hasEnded(child)) return resolve(null)
        waiting.set(requests, resolve)
        // A failure to send shows as its end.
        child.send({ id: requests, asked }, () => undefined)
      }),
    kill: () => {
      child.kill('SIGKILL')
      return gone
    },
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null || !child.connected
}

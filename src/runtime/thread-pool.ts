/**
 * How many threads the runtime's pool has. Hashing, WebCrypto, files and DNS share them.
 *
 * What Node was started with (`UV_THREADPOOL_SIZE`), else its default. A pool of another runtime is taken to be as large.
 */
export function threadPoolSize(): number {
  const host = globalThis as {
    process?: { versions?: { deno?: string }; env?: { UV_THREADPOOL_SIZE?: string } }
  }
  // Deno asks the user before it shows a variable, and has another pool.
  if (host.process?.versions?.deno !== undefined) return NODE_DEFAULT
  const size = Number.parseInt(host.process?.env?.UV_THREADPOOL_SIZE ?? '', 10)
  return Number.isNaN(size) ? NODE_DEFAULT : Math.min(Math.max(size, 1), NODE_MAX)
}

const NODE_DEFAULT = 4
const NODE_MAX = 1_024

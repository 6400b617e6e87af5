import { sha1 } from '@noble/hashes/legacy.js'
import { hex, utf8Bytes } from '../../shared/bytes.js'

/** Runs a script on keys of one slot. Rejects as the client does. */
export type RunScript = (
  script: string,
  keys: readonly string[],
  args: readonly string[],
) => Promise<unknown>

/**
 * Runs scripts by their name, which is their SHA-1, and sends the text only to a server that does not know it (any more):
 * it has been restarted, or is another node of the cluster.
 */
export function scriptRunner(
  send: (args: readonly string[], key: string) => Promise<unknown>,
): RunScript {
  const names = new Map<string, string>()
  const nameOf = (script: string): string => {
    const known = names.get(script)
    if (known !== undefined) return known
    const name = hex(sha1(utf8Bytes(script)))
    names.set(script, name)
    return name
  }
  return async (script, keys, args) => {
    const [key = ''] = keys
    const rest = [String(keys.length), ...keys, ...args]
    try {
      return await send(['EVALSHA', nameOf(script), ...rest], key)
    } catch (cause) {
      if (!isUnknownScript(cause)) throw cause
      // Nothing of it has run.
      return send(['EVAL', script, ...rest], key)
    }
  }
}

/** Redis says `NOSCRIPT`, which some clients translate. */
function isUnknownScript(cause: unknown): boolean {
  return cause instanceof Error && /^NOSCRIPT|\bNoScriptError\b/.test(cause.message)
}

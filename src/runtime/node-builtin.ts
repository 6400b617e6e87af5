/**
 * A module of Node's own where the runtime has it (Node, Bun, Deno), else null. It is looked up and not imported, so
 * that the package still loads in browsers and on edge runtimes.
 *
 * @param members all of these must be there
 */
export function nodeBuiltin(id: string, ...members: readonly string[]): object | null {
  const host = globalThis as { process?: { getBuiltinModule?: (id: string) => unknown } }
  const module = host.process?.getBuiltinModule?.(id)
  if (typeof module !== 'object' || module === null) return null
  return members.every((member) => member in module) ? module : null
}

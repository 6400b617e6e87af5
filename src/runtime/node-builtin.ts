/**
 * A module of Node's own where the runtime has it (Node, Bun, Deno), else null. It is looked up and not imported, so
 * that the package still loads in browsers and on edge runtimes.
 *
 * @param member one that must be there
 */
export function nodeBuiltin(id: string, member: string): object | null {
  const host = globalThis as { process?: { getBuiltinModule?: (id: string) => unknown } }
  const module = host.process?.getBuiltinModule?.(id)
  return typeof module === 'object' && module !== null && member in module ? module : null
}

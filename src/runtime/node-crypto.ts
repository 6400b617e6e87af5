/** The part of `node:crypto` that is used when it is there; the portable path is taken when it is not. */
export interface NodeCrypto {
  scrypt(
    password: Uint8Array,
    salt: Uint8Array,
    keyLength: number,
    options: { N: number; r: number; p: number; maxmem: number },
    callback: (error: Error | null | undefined, key: Uint8Array) => void,
  ): void
}

/**
 * `node:crypto` where the runtime has it (Node, Bun, Deno), else null. It is looked up and not imported, so that the
 * pure core still loads in browsers and on edge runtimes.
 */
export function nodeCrypto(): NodeCrypto | null {
  const host = globalThis as { process?: { getBuiltinModule?: (id: string) => unknown } }
  const module = host.process?.getBuiltinModule?.('node:crypto')
  return typeof module === 'object' && module !== null && 'scrypt' in module
    ? // `in` has shown that scrypt exists; its signature is Node's since version 10.5.
      (module as NodeCrypto)
    : null
}

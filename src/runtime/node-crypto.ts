import { nodeBuiltin } from './node-builtin.js'

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
  const module = nodeBuiltin('node:crypto', 'scrypt')
  // `nodeBuiltin` has shown that scrypt exists; its signature is Node's since version 10.5.
  return module as NodeCrypto | null
}

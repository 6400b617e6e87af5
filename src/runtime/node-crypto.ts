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

/** The Argon2 of `node:crypto`, since Node 24.7. */
export interface NodeArgon2 {
  argon2(
    algorithm: 'argon2id',
    parameters: {
      readonly message: Uint8Array
      readonly nonce: Uint8Array
      readonly parallelism: number
      readonly tagLength: number
      /** KiB. */
      readonly memory: number
      readonly passes: number
    },
    callback: (error: Error | null | undefined, tag: Uint8Array) => void,
  ): void
}

/** As {@link nodeCrypto}. Where it is there it may still throw: not every OpenSSL that Node is built with has Argon2. */
export function nodeArgon2(): NodeArgon2 | null {
  // `nodeBuiltin` has shown that it exists; its signature is Node's since version 24.7.
  return nodeBuiltin('node:crypto', 'argon2') as NodeArgon2 | null
}

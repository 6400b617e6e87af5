import { nodeBuiltin } from './node-builtin.js'

/** A key that `node:crypto` has imported. Opaque, but for what tells whether it is the key that was meant. */
export interface NodeKey {
  readonly asymmetricKeyType?: string
  readonly asymmetricKeyDetails?: { readonly hashAlgorithm?: string; readonly saltLength?: number }
  export(options: { readonly type: 'pkcs1'; readonly format: 'der' }): Uint8Array
}

/** A key by itself, or one that needs to be told its padding. */
export type NodeKeyInput =
  | NodeKey
  | { readonly key: NodeKey; readonly padding: number; readonly saltLength: number }

/** The part of `node:crypto` that verifies signatures. */
export interface NodeSignatures {
  createSecretKey(secret: Uint8Array): NodeKey
  createPublicKey(
    input:
      | { readonly key: Readonly<Record<string, string>>; readonly format: 'jwk' }
      | { readonly key: Uint8Array; readonly format: 'der'; readonly type: 'spki' },
  ): NodeKey
  createHmac(
    hash: string,
    key: NodeKey,
  ): { update(text: string, encoding: 'latin1'): { digest(): Uint8Array } }
  verify(hash: string | null, data: Uint8Array, key: NodeKeyInput, signature: Uint8Array): boolean
  /** The same in the thread pool. */
  verify(
    hash: string | null,
    data: Uint8Array,
    key: NodeKeyInput,
    signature: Uint8Array,
    callback: (error: Error | null, isValid: boolean) => void,
  ): void
}

/** As `nodeCrypto`: looked up and not imported. Null where the portable path has to do. */
export function nodeSignatures(): NodeSignatures | null {
  const module = nodeBuiltin(
    'node:crypto',
    'createSecretKey',
    'createPublicKey',
    'createHmac',
    'verify',
  )
  // `nodeBuiltin` has shown that the functions exist; their signatures are Node's since version 15.12.
  return module as NodeSignatures | null
}

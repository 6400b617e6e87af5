import { nodeBuiltin } from './node-builtin.js'

/** A key to sign with that `node:crypto` has imported. */
export interface NodeSigningKey {
  readonly type: string
}

/** The part of `node:crypto` that signs. */
export interface NodeSigning {
  createSecretKey(secret: Uint8Array): NodeSigningKey
  createPrivateKey(input: {
    readonly key: Readonly<Record<string, string>>
    readonly format: 'jwk'
  }): NodeSigningKey
  createHmac(
    hash: string,
    key: NodeSigningKey,
  ): { update(text: string, encoding: 'latin1'): { digest(): Uint8Array } }
  sign(hash: string | null, data: Uint8Array, key: NodeSigningKey): Uint8Array
}

/** As `nodeCrypto`: looked up and not imported. Null where the portable path has to do. */
export function nodeSigning(): NodeSigning | null {
  const module = nodeBuiltin(
    'node:crypto',
    'createSecretKey',
    'createPrivateKey',
    'createHmac',
    'sign',
  )
  // `nodeBuiltin` has shown that the functions exist; their signatures are Node's since version 15.12.
  return module as NodeSigning | null
}

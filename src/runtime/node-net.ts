import { nodeBuiltin } from './node-builtin.js'

/** The part of a Node socket that sends one text and reads the answer. */
export interface NodeSocket {
  on(event: 'data', listener: (chunk: Uint8Array) => void): unknown
  on(event: 'close' | 'connect', listener: () => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  write(text: string, encoding: 'latin1'): unknown
  destroy(): unknown
}

/** The part of `node:net` that the test kit uses to send what `fetch` would refuse to send; null where there is none. */
export interface NodeNet {
  connect(port: number, host: string): NodeSocket
}

/** As `nodeCrypto`: looked up and not imported, so that the package loads where there is no Node. */
export function nodeNet(): NodeNet | null {
  const module = nodeBuiltin('node:net', 'connect')
  // `nodeBuiltin` has shown that connect exists; its signature is Node's since version 0.1.
  return module as NodeNet | null
}

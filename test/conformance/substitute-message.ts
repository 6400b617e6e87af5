import { Buffer } from 'node:buffer'
import type * as nodeCrypto from 'node:crypto'
import { type MockInstance, vi } from 'vitest'

/**
 * Lets the verifying code run on a token while the last call, the one to the runtime's own crypto, is given another
 * message: what a primitive vector has signed is seldom a header, a dot and a payload. All else stays as it is:
 * parser, key vetting, import, parameters, the bytes of the signature.
 */
export function substituteMessage(): { message: Uint8Array; begin(): void; end(): void } {
  let spies: readonly MockInstance[] = []
  const substitute = {
    message: new Uint8Array(),
    begin() {
      const message = () => Buffer.from(substitute.message)
      spies = [...webCryptoSpies(message), ...nodeCryptoSpies(message)]
    },
    end() {
      for (const spy of spies) spy.mockRestore()
    },
  }
  return substitute
}

function webCryptoSpies(message: () => Buffer<ArrayBuffer>): readonly MockInstance[] {
  const verify = crypto.subtle.verify.bind(crypto.subtle)
  return [
    vi
      .spyOn(crypto.subtle, 'verify')
      .mockImplementation((parameters, key, signature) =>
        verify(parameters, key, signature, message()),
      ),
  ]
}

/** The module as the library finds it: an imported name could not be spied upon. */
function nodeCryptoSpies(message: () => Buffer<ArrayBuffer>): readonly MockInstance[] {
  const node: typeof nodeCrypto = process.getBuiltinModule('node:crypto')
  const { verify, createHmac } = node
  const inPlace = (hash: string | null, _data: unknown, ...others: unknown[]): unknown =>
    Reflect.apply(verify, node, [hash, message(), ...others])
  return [
    // Node declares one overload with a callback and one without; what is passed on fits the one that was called.
    vi.spyOn(node, 'verify').mockImplementation(inPlace as typeof verify),
    vi.spyOn(node, 'createHmac').mockImplementation((hash, key) => {
      const hmac = createHmac(hash, key)
      const update = hmac.update.bind(hmac)
      hmac.update = () => update(message())
      return hmac
    }),
  ]
}

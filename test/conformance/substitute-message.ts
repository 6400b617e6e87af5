import { Buffer } from 'node:buffer'
import { type MockInstance, vi } from 'vitest'

/**
 * Lets the verifying code run on a token while the last call, the one to the runtime's own crypto, is given another
 * message: what a primitive vector has signed is seldom a header, a dot and a payload. All else stays as it is:
 * parser, key vetting, import, parameters, the bytes of the signature.
 */
export function substituteMessage(): { message: Uint8Array; begin(): void; end(): void } {
  let spy: MockInstance | null = null
  const substitute = {
    message: new Uint8Array(),
    begin() {
      const verify = crypto.subtle.verify.bind(crypto.subtle)
      spy = vi
        .spyOn(crypto.subtle, 'verify')
        .mockImplementation((parameters, key, signature) =>
          verify(parameters, key, signature, Buffer.from(substitute.message)),
        )
    },
    end() {
      spy?.mockRestore()
    },
  }
  return substitute
}

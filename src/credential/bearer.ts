/**
 * Whether a text looks like a signed JWT: three base64url segments, the first two not empty, beginning as a JSON
 * object begins. That is enough to sort a bearer token or to know a leaked one; it is no parse and proves nothing.
 *
 * A bearer token's own grammar (RFC 6750 section 2.1) is token68, which the header's grammar has checked.
 *
 * @see RFC 7515 section 7.1
 */
export function hasJwtShape(text: string): boolean {
  // `{"` and a letter, in base64url. Without it `mF_9.B5f-4.1JqM`, RFC 6750's own opaque token, would be taken for a JWT.
  if (!text.startsWith('eyJ')) return false
  let dots = 0
  for (let index = 3; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code === DOT) {
      if (text.charCodeAt(index - 1) === DOT) return false
      dots++
    } else if (BASE64URL[code] !== 1) {
      return false
    }
  }
  return dots === 2
}

const DOT = 0x2e
const CHARACTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const BASE64URL = Uint8Array.from({ length: 128 }, (_, code) =>
  CHARACTERS.includes(String.fromCharCode(code)) ? 1 : 0,
)

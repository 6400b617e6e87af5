/** Bytes to text and back, without the leniency of the platform's defaults. */

const encoder = new TextEncoder()
// ignoreBOM: a leading BOM stays in the text, where the JSON and Basic parsers refuse it.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

/** The UTF-8 bytes of a string. A lone surrogate becomes U+FFFD, as the platform does. */
export function utf8Bytes(text: string): Uint8Array<ArrayBuffer> {
  return encoder.encode(text)
}

/** The text that these bytes spell in UTF-8, or null if they are not well-formed UTF-8. A BOM is kept. */
export function utf8Text(bytes: Uint8Array): string | null {
  try {
    return decoder.decode(bytes)
  } catch {
    return null
  }
}

/** Lower-case hexadecimal. */
export function hex(bytes: Uint8Array): string {
  let text = ''
  for (const byte of bytes) text += PAIRS[byte]
  return text
}

/** The two digits of each byte. */
const PAIRS: readonly string[] = Array.from({ length: 256 }, (_, byte) =>
  byte.toString(16).padStart(2, '0'),
)

/**
 * CRC-32 (ISO-HDLC: the one of gzip, zip and PNG) as an unsigned number.
 *
 * It finds slips of the hand and of copying: every burst of up to 32 bits, thus every changed character. It proves
 * nothing about who made the bytes.
 */
export function crc32(bytes: Uint8Array): number {
  let rest = 0xffffffff
  for (const byte of bytes) rest = (rest >>> 8) ^ (TABLE[(rest ^ byte) & 0xff] ?? 0)
  return (rest ^ 0xffffffff) >>> 0
}

const POLYNOMIAL = 0xedb88320
/** What each byte does to the rest. */
const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let rest = byte
  for (let bit = 0; bit < 8; bit++) rest = (rest >>> 1) ^ (-(rest & 1) & POLYNOMIAL)
  return rest
})

/** `length` bytes from the platform's cryptographic random source. */
export function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  return crypto.getRandomValues(new Uint8Array(length))
}

/** A number from 0 up to, but not including, 1: to spread work in time, so that many processes do not ask at once. */
export function randomFraction(): number {
  return Math.random()
}

/**
 * Stands in for `runtime/random.ts` in the model's bundle: bytes from a counter, so that a run can be stepped again and
 * gives the same tokens. Each run of an operation has a stream of its own.
 */
import { createHash } from 'node:crypto'

export interface RandomStream {
  readonly seed: string
  drawn: number
}

export function randomBytes(length: number): Uint8Array<ArrayBuffer> {
  const stream = held().stream ?? OUTSIDE
  stream.drawn += 1
  const bytes = new Uint8Array(length)
  const digest = createHash('sha512').update(`${stream.seed}\n${stream.drawn}`).digest()
  bytes.set(digest.subarray(0, length))
  return bytes
}

export function randomFraction(): number {
  return 0.5
}

/** Lets this stream answer, from now on. */
export function drawFrom(stream: RandomStream): void {
  held().stream = stream
}

const OUTSIDE: RandomStream = { seed: 'outside', drawn: 0 }

/** The bundle has this module a second time; what it holds is shared with it. */
function held(): { stream?: RandomStream } {
  const known: unknown = Reflect.get(globalThis, HELD)
  if (known !== undefined) return known as { stream?: RandomStream } // set below
  const made = {}
  Reflect.set(globalThis, HELD, made)
  return made
}

const HELD = Symbol.for('sallyport model: random stream')

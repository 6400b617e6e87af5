import { Buffer } from 'node:buffer'
import { formatApiKey } from '../../src/credential/api-key.js'
import { timingSafeEqual, timingSafeEqualTexts } from '../../src/runtime/timing-safe.js'
import type { Door, Target } from '../attacks/support/target.js'
import { createRandom } from '../fuzz/random.js'
import { decideOf } from './decide.js'

/** What is compared, and Welch's t between the two: below 10 in absolute value, no difference was found. */
export interface TimingResult extends Difference {
  readonly name: string
}

interface Difference {
  readonly t: number
  /** How much longer the first takes, on average. */
  readonly nanoseconds: number
}

/**
 * Times what an attacker would: a secret that is wrong at its start against one that is wrong at its end, and somebody
 * unknown against somebody known. The two classes are interleaved at random and the slowest twentieth is left out.
 *
 * The first two show what the measurement can see on this machine. "No difference found" is all that this can say.
 */
export async function timings(target: Target, samples: number): Promise<readonly TimingResult[]> {
  const right = Buffer.from('0123456789abcdef'.repeat(4))
  const [early, late] = [changed(right, 0), changed(right, 63)]
  const text = right.toString('latin1')
  const exact = (other: Uint8Array) => timingSafeEqual(right, other)
  const results: TimingResult[] = [
    {
      name: 'a loop that stops at the first difference (must be seen)',
      ...measure(samples, (other: Uint8Array) => stopsEarly(right, other), early, late),
    },
    {
      name: 'the same bytes twice (must not be seen)',
      ...measure(samples, exact, early, changed(right, 0)),
    },
    {
      name: 'timingSafeEqual: wrong first byte, wrong last byte',
      ...measure(samples, exact, early, late),
    },
    {
      name: 'timingSafeEqualTexts: wrong first character, wrong last character',
      ...measure(
        samples,
        (other: string) => timingSafeEqualTexts(text, other),
        early.toString('latin1'),
        late.toString('latin1'),
      ),
    },
  ]
  for (const [name, door, first, second] of pairs(target)) {
    results.push({ name, ...(await measureDoor(target, samples, door, first, second)) })
  }
  return results
}

function pairs({ doors }: Target): readonly (readonly [string, Door, string, string])[] {
  const { key, basic, hs, opaque } = doors
  const [prefix = '', id = '', rest = ''] = key.control().credential.split('_')
  const secret = rest.slice(0, 43)
  // Of the same characters: how long they take to read is no secret.
  const unknownId = [...id].reverse().join('')
  const apiKey = (of: { readonly id?: string; readonly secret?: string }) =>
    formatApiKey({ prefix, id, secret, ...of })
  const wrongStart = `${secret[0] === 'A' ? 'B' : 'A'}${secret.slice(1)}`
  const wrongEnd = `${secret.slice(0, -1)}${secret.at(-1) === 'A' ? 'B' : 'A'}`
  const token = hs.signer.token()
  const at = token.lastIndexOf('.') + 1
  const signature = Buffer.from(token.slice(at), 'base64url')
  const signedWith = (position: number) =>
    token.slice(0, at) + changed(signature, position).toString('base64url')
  const session = opaque.control().credential
  return [
    [
      'API key: wrong first character, wrong last character',
      key,
      apiKey({ secret: wrongStart }),
      apiKey({ secret: wrongEnd }),
    ],
    ['API key: unknown id, known id', key, apiKey({ id: unknownId }), apiKey({ secret: wrongEnd })],
    ['Basic: unknown user, known user', basic, 'sop:wrong', 'ops:wrong'],
    ['HMAC: one token, written twice (must not be seen)', hs, signedWith(0), signedWith(0)],
    ['HMAC: wrong first byte, wrong last byte', hs, signedWith(0), signedWith(31)],
    [
      'opaque token: wrong first character, wrong last character',
      opaque,
      `${session[0] === 'A' ? 'B' : 'A'}${session.slice(1)}`,
      `${session.slice(0, -1)}${session.at(-1) === 'A' ? 'B' : 'A'}`,
    ],
  ]
}

/** One function for both: two would differ in how the engine has compiled them. */
function measure<Input>(
  samples: number,
  run: (input: Input) => unknown,
  first: Input,
  second: Input,
): Difference {
  const recorder = createRecorder()
  for (let index = 0; index < samples + WARM_UP; index++) {
    const isFirst = recorder.isFirst()
    const input = isFirst ? first : second
    const start = process.hrtime.bigint()
    // Once is too quick for the clock.
    for (let times = 0; times < 20; times++) run(input)
    const took = Number(process.hrtime.bigint() - start) / 20
    if (index >= WARM_UP) recorder.record(isFirst, took)
  }
  return recorder.difference()
}

async function measureDoor(
  target: Target,
  samples: number,
  door: Door,
  first: string,
  second: string,
): Promise<Difference> {
  const decide = decideOf(target)
  const recorder = createRecorder()
  const [firstFields, secondFields] = [door.present(first), door.present(second)]
  for (let index = 0; index < samples + WARM_UP; index++) {
    const isFirst = recorder.isFirst()
    const fields = isFirst ? firstFields : secondFields
    const start = process.hrtime.bigint()
    await decide(door, fields)
    const took = Number(process.hrtime.bigint() - start)
    if (index >= WARM_UP) recorder.record(isFirst, took)
    if (index % 1_000 === 0) target.events.length = 0
  }
  return recorder.difference()
}

/** Says which of the two classes is next, and keeps their times apart. */
function createRecorder() {
  const random = createRandom(7)
  const first: number[] = []
  const second: number[] = []
  return {
    isFirst: () => random.chance(0.5),
    record: (isFirst: boolean, nanoseconds: number) =>
      void (isFirst ? first : second).push(nanoseconds),
    difference: () => welch(Float64Array.from(first), Float64Array.from(second)),
  }
}

const WARM_UP = 2_000

/** Welch's t of two samples, without the slowest twentieth of each: interrupts, garbage collection. */
export function welch(left: Float64Array, right: Float64Array): Difference {
  const [first, second] = [summary(left), summary(right)]
  const nanoseconds = first.mean - second.mean
  const error = Math.sqrt(first.variance / first.count + second.variance / second.count)
  return { t: nanoseconds / error, nanoseconds }
}

function summary(sample: Float64Array): {
  readonly count: number
  readonly mean: number
  readonly variance: number
} {
  const kept = sample
    .slice()
    .sort()
    .subarray(0, Math.ceil(sample.length * 0.95))
  const mean = kept.reduce((sum, time) => sum + time, 0) / kept.length
  const variance = kept.reduce((sum, time) => sum + (time - mean) ** 2, 0) / (kept.length - 1)
  return { count: kept.length, mean, variance }
}

function stopsEarly(left: Uint8Array, right: Uint8Array): boolean {
  for (let index = 0; index < left.length; index++) if (left[index] !== right[index]) return false
  return true
}

function changed(bytes: Buffer, at: number): Buffer {
  const other = Buffer.from(bytes)
  other[at] = (other[at] ?? 0) ^ 1
  return other
}

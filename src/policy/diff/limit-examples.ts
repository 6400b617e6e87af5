import type { Analysable } from '../analysis/analysable.js'

/**
 * Claims that one vocabulary refuses as a whole because they are beyond its limits, and the other does not. Limits are found
 * out by asking, as grants meet them: the longest claim that is read, the most tokens, the longest token.
 *
 * @param token one that covers something in both
 * @returns null if the limits differ, and no such claim shows it
 */
export function limitExamples(
  before: Analysable['scopes'],
  after: Analysable['scopes'],
  token: string,
): readonly string[] | null {
  const examples: string[] = []
  for (const { most, probe, example } of LIMITS) {
    const [earlier, later] = [before, after].map((scopes) =>
      longest(most, (size) => scopes.grant(probe(size)).problem === null),
    )
    if (earlier === undefined || later === undefined || earlier === later) continue
    const claim = example(token, Math.min(earlier, later) + 1)
    const isShown = before.grant(claim).problem !== after.grant(claim).problem
    if (!isShown) return null
    examples.push(claim)
  }
  return examples
}

/** The largest size that is accepted, given that all smaller ones are; 0 if none. */
function longest(most: number, isAccepted: (size: number) => boolean): number {
  let [accepted, refused] = [0, most + 1]
  while (refused - accepted > 1) {
    const middle = Math.floor((accepted + refused) / 2)
    if (isAccepted(middle)) accepted = middle
    else refused = middle
  }
  return accepted
}

/** The upper bounds are those that a vocabulary may set. */
const LIMITS: readonly {
  readonly most: number
  probe(size: number): string | readonly string[]
  example(token: string, size: number): string
}[] = [
  {
    most: 1_048_576,
    probe: (size) => ' '.repeat(size),
    example: (token, size) => token.padEnd(size, ' '),
  },
  {
    most: 65_536,
    probe: (size) => new Array<string>(size).fill(''),
    example: (token, size) => `${token}${' x'.repeat(size - 1)}`,
  },
  {
    most: 4_096,
    probe: (size) => 'x'.repeat(size),
    example: (token, size) => `${token} ${'x'.repeat(size)}`,
  },
]

/** The three costs of a password hash, in the order in which its PHC string writes them. */
export type Costs = readonly [first: number, second: number, third: number]

/** All there is to know about one way of hashing passwords: an entry of `PASSWORD_ALGORITHMS`. */
export interface PasswordAlgorithm {
  /** As PHC strings spell it. */
  readonly name: 'argon2id' | 'scrypt'
  /** The version segment of its PHC strings, or null if it has none. */
  readonly version: string | null
  /** The names of the costs. */
  readonly costNames: readonly [string, string, string]
  readonly defaults: Costs
  /** Whether the algorithm is defined for these costs and this machine can bear them. Positive integers are given. */
  isBearable(costs: Costs): boolean
  /** Whether new hashes may be made with these costs: as hard to guess as what OWASP recommends at the least. */
  isStrong(costs: Costs): boolean
  /** The hash. Rejects only for costs that are not bearable. */
  derive(
    costs: Costs,
    password: Uint8Array,
    salt: Uint8Array,
    lengthBytes: number,
  ): Promise<Uint8Array>
}

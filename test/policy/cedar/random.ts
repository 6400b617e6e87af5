/** Random choices that a seed repeats. Not for secrets. */
export class Random {
  private state: number

  constructor(seed: number) {
    this.state = seed >>> 0
  }

  /** From 0 to 1, 1 not included (mulberry32). */
  private fraction(): number {
    this.state = (this.state + 0x6d2b79f5) >>> 0
    let mixed = this.state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  /** A whole number; both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.fraction() * (most - least + 1))
  }

  /** Whether what happens so often, of 100 times, happens now. */
  percent(share: number): boolean {
    return this.fraction() * 100 < share
  }

  /** One of them. Throws if there is none. */
  one<Value>(values: readonly Value[]): Value {
    if (values.length === 0) throw new Error('There is nothing to choose from.')
    // The index is within the list.
    return values[this.between(0, values.length - 1)] as Value
  }

  /** So many of them, or all, in a random order. */
  some<Value>(values: readonly Value[], least: number, most: number): Value[] {
    const rest = [...values]
    const chosen: Value[] = []
    for (let count = this.between(least, most); count > 0 && rest.length > 0; count--) {
      chosen.push(...rest.splice(this.between(0, rest.length - 1), 1))
    }
    return chosen
  }
}

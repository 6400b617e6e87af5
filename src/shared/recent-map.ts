/**
 * A map that holds at most `capacity` entries and forgets those that have not been used lately.
 *
 * It keeps two generations: what is used goes into the young one, and when that is half the capacity, it becomes the old
 * one and what was old is dropped. Every operation takes constant time, whatever the order in which keys come.
 */
export class RecentMap<Key, Value> {
  readonly #half: number
  #young = new Map<Key, Value>()
  #old = new Map<Key, Value>()

  /** @param capacity at least 1 */
  constructor(capacity: number) {
    this.#half = Math.ceil(capacity / 2)
  }

  /** Never more than the capacity. */
  get size(): number {
    return this.#young.size + this.#old.size
  }

  get(key: Key): Value | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.set(key, old)
    return old
  }

  set(key: Key, value: Value): void {
    // INVARIANT: a key is in one generation only, so that what was replaced or deleted cannot come back.
    this.#old.delete(key)
    this.#young.set(key, value)
    if (this.#young.size < this.#half) return
    this.#old = this.#young
    this.#young = new Map()
  }

  delete(key: Key): void {
    this.#young.delete(key)
    this.#old.delete(key)
  }
}

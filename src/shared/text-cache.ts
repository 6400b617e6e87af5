/**
 * A bounded cache of things that are known by a long random text, such as a signed token.
 *
 * An entry is found by the last characters of its text and then taken only if the whole text is the same: texts that agree
 * in a part share nothing, and no hash stands between a text and its meaning. Of two texts with the same end, the later is
 * kept. Keeps at most `maxEntries`; when they are too many, the half that was not used for longest goes. Texts longer than
 * 4,096 characters are not kept.
 */
export class TextCache<Entry extends { readonly text: string }> {
  readonly #maxOfGeneration: number
  /** Two generations instead of an order of use: a hit in the older one moves the entry on, and costs no list. */
  #young = new Map<string, Entry>()
  #old = new Map<string, Entry>()

  /** @param maxEntries at least 2 */
  constructor(maxEntries: number) {
    this.#maxOfGeneration = Math.floor(maxEntries / 2)
  }

  find(text: string): Entry | null {
    const key = keyOf(text)
    const young = this.#young.get(key)
    if (young !== undefined) return young.text === text ? young : null
    const old = this.#old.get(key)
    if (old === undefined || old.text !== text) return null
    this.#old.delete(key)
    this.keep(old)
    return old
  }

  keep(entry: Entry): void {
    if (entry.text.length > MAX_CHARACTERS) return
    if (this.#young.size >= this.#maxOfGeneration) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(keyOf(entry.text), entry)
  }

  drop(text: string): void {
    const key = keyOf(text)
    this.#young.delete(key)
    this.#old.delete(key)
  }
}

/** Short, so that the runtime need not hash a whole token to look it up. */
function keyOf(text: string): string {
  return text.slice(-KEY_CHARACTERS)
}

/** The length of the shortest signature, in base64url. */
const KEY_CHARACTERS = 43
const MAX_CHARACTERS = 4_096

import { RecentMap } from './recent-map.js'

/**
 * A bounded cache of things that are known by a long random text, such as a signed token.
 *
 * An entry is found by the last characters of its text and then taken only if the whole text is the same: texts that agree
 * in a part share nothing, and no hash stands between a text and its meaning. Of two texts with the same end, the later is
 * kept. Texts longer than 4,096 characters are not kept.
 */
export class TextCache<Entry extends { readonly text: string }> {
  readonly #entries: RecentMap<string, Entry>

  /** @param maxEntries at least 1 */
  constructor(maxEntries: number) {
    this.#entries = new RecentMap(maxEntries)
  }

  find(text: string): Entry | null {
    const entry = this.#entries.get(keyOf(text))
    return entry !== undefined && entry.text === text ? entry : null
  }

  keep(entry: Entry): void {
    if (entry.text.length <= MAX_CHARACTERS) this.#entries.set(keyOf(entry.text), entry)
  }

  drop(text: string): void {
    this.#entries.delete(keyOf(text))
  }
}

/** Short, so that the runtime need not hash a whole token to look it up. */
function keyOf(text: string): string {
  return text.slice(-KEY_CHARACTERS)
}

/** The length of the shortest signature, in base64url. */
const KEY_CHARACTERS = 43
const MAX_CHARACTERS = 4_096

import { isKeyId } from '../jwt/compact.js'
import type { Jwk } from '../jwt/jwk.js'
import type { JwkSet } from '../jwt/jwk-set.js'

/** What differs between two states of a set: the `kid` of each key, or null for one without. */
export interface KeyChanges {
  readonly added: readonly (string | null)[]
  readonly removed: readonly (string | null)[]
}

/** How one state of a set became another, or null if both hold the same keys. Order and spelling do not matter. */
export function keyChanges(before: JwkSet, after: JwkSet): KeyChanges | null {
  const [old, young] = [byText(before), byText(after)]
  // A key that stands there twice is another state than the same key once: a twin is not used.
  if (old.texts.join() === young.texts.join()) return null
  return { added: kidsBeyond(young.keys, old.keys), removed: kidsBeyond(old.keys, young.keys) }
}

function byText({ keys }: JwkSet): {
  readonly texts: readonly string[]
  readonly keys: ReadonlyMap<string, Jwk>
} {
  const entries = keys.map((key) => [canonical(key), key] as const)
  return { texts: entries.map(([text]) => text).sort(), keys: new Map(entries) }
}

function kidsBeyond(
  keys: ReadonlyMap<string, Jwk>,
  others: ReadonlyMap<string, Jwk>,
): readonly (string | null)[] {
  return [...keys]
    .filter(([text]) => !others.has(text))
    .map(([, { kid }]) => (isKeyId(kid) ? kid : null))
}

/** One text for all spellings of a key. The parser has limited the depth. */
function canonical(key: Jwk): string {
  return JSON.stringify(key, (_name, value: unknown) =>
    typeof value === 'object' && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  )
}

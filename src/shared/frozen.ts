/**
 * Freezes a value at every level, in place.
 *
 * INVARIANT: only for values that the caller has just parsed and nobody else holds, or whose depth {@link isPlain} has
 * limited: it recurses.
 */
export function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  for (const member of Object.values(value)) frozen(member)
  return Object.freeze(value)
}

/** A set that nobody can write to: `Object.freeze` alone leaves its methods at work. */
export function frozenSet<Member>(members: Iterable<Member>): ReadonlySet<Member> {
  return Object.freeze(new ShutSet(members))
}

/** A map that nobody can write to. Its values are as they are. */
export function frozenMap<Key, Value>(
  entries: Iterable<readonly [Key, Value]>,
): ReadonlyMap<Key, Value> {
  return Object.freeze(new ShutMap(entries))
}

/**
 * Whether a value is made of nothing but plain objects, arrays and primitives, `maxDepth` levels deep at most: what can be
 * frozen for good. A `Date` or a `Map` can be written to however frozen it is.
 */
export function isPlain(value: unknown, maxDepth = 16): boolean {
  if (typeof value === 'function') return false
  if (typeof value !== 'object' || value === null) return true
  if (maxDepth === 0) return false
  if (!Array.isArray(value)) {
    const prototype: unknown = Object.getPrototypeOf(value)
    if (prototype !== null && prototype !== Object.prototype) return false
  }
  return Object.values(Object.getOwnPropertyDescriptors(value)).every(
    (member) => 'value' in member && isPlain(member.value, maxDepth - 1),
  )
}

/** A class, because each grant makes one: methods that all share cost nothing to make. */
class ShutSet<Member> extends Set<Member> {
  constructor(members: Iterable<Member>) {
    super()
    for (const member of members) super.add(member)
  }

  override add(): never {
    throw new TypeError(SHUT)
  }

  override delete(): never {
    throw new TypeError(SHUT)
  }

  override clear(): never {
    throw new TypeError(SHUT)
  }
}

class ShutMap<Key, Value> extends Map<Key, Value> {
  constructor(entries: Iterable<readonly [Key, Value]>) {
    super()
    for (const [key, value] of entries) super.set(key, value)
  }

  override set(): never {
    throw new TypeError(SHUT)
  }

  override delete(): never {
    throw new TypeError(SHUT)
  }

  override clear(): never {
    throw new TypeError(SHUT)
  }
}

const SHUT = 'This collection cannot be written to.'

/**
 * Freezes a parsed JSON value at every level, in place.
 *
 * INVARIANT: only for values that the caller has just parsed and nobody else holds; the parser has limited the depth.
 */
export function frozen<Value>(value: Value): Value {
  if (typeof value !== 'object' || value === null) return value
  for (const member of Object.values(value)) frozen(member)
  return Object.freeze(value)
}

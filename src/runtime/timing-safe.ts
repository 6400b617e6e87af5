/**
 * Whether two byte strings are equal, in a time that depends on their lengths only.
 *
 * JavaScript promises nothing about time; this looks at every byte and takes no early exit, which is what can be done
 * portably. Compare hashes of secrets with it, so that the lengths are public anyway.
 */
export function timingSafeEqual(left: Uint8Array, right: Uint8Array): boolean {
  if (left.length !== right.length) return false
  let difference = 0
  // INVARIANT: both arrays have this length, so no index is out of range.
  for (let index = 0; index < left.length; index++) {
    difference |= (left[index] as number) ^ (right[index] as number)
  }
  return difference === 0
}

/** The same for two texts, code unit by code unit: {@link timingSafeEqual} without the detour over bytes. */
export function timingSafeEqualTexts(left: string, right: string): boolean {
  if (left.length !== right.length) return false
  let difference = 0
  for (let index = 0; index < left.length; index++) {
    difference |= left.charCodeAt(index) ^ right.charCodeAt(index)
  }
  return difference === 0
}

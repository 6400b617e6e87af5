import {
  ALWAYS,
  type Constant,
  mergedSets,
  NEVER,
  type Part,
  type Several,
  type ValueSet,
} from './part.js'

/** Where all parts hold. */
export function every(parts: readonly Part[]): Part {
  return combined('allOf', parts)
}

/** Where one part holds. */
export function some(parts: readonly Part[]): Part {
  return combined('anyOf', parts)
}

/**
 * Flattens, folds constants, joins what is said of one attribute's values, and drops what is said twice or follows from
 * another part: of `a and (a or b)` only `a` is left, and of `a or (a and b)`.
 */
function combined(kind: Several['kind'], given: readonly Part[]): Part {
  const [neutral, settling] = kind === 'allOf' ? [ALWAYS, NEVER] : [NEVER, ALWAYS]
  const merged = mergeSets(kind, flattened(kind, given))
  if (merged.some((part) => isConstant(part, settling))) return settling
  const parts = withoutAbsorbed(
    kind,
    merged.filter((part) => !isConstant(part, neutral)),
  )
  const [first] = parts
  if (first === undefined) return neutral
  if (parts.length === 1) return first
  const keys = parts.map(({ key }) => key).sort()
  return { kind, parts, key: JSON.stringify([kind, ...keys]) }
}

function flattened(kind: Several['kind'], parts: readonly Part[]): readonly Part[] {
  return parts.flatMap((part) => (part.kind === kind ? part.parts : [part]))
}

/** One set for each attribute, where the first of them stood. */
function mergeSets(kind: Several['kind'], parts: readonly Part[]): readonly Part[] {
  const sets = new Map<string, Part>()
  const places: (string | Part)[] = []
  for (const part of parts) {
    if (part.kind !== 'set') {
      places.push(part)
      continue
    }
    const { name } = part.attribute
    const before = sets.get(name)
    if (before === undefined) places.push(name)
    sets.set(name, before === undefined ? part : joined(kind, before, part))
  }
  return places.map((place) => (typeof place === 'string' ? (sets.get(place) ?? NEVER) : place))
}

function joined(kind: Several['kind'], before: Part, part: ValueSet): Part {
  if (before.kind === 'set') return mergedSets(kind, before, part)
  // An intersection that came out empty: it stays so, and a union with it is the other set.
  return kind === 'allOf' ? before : part
}

function withoutAbsorbed(kind: Several['kind'], parts: readonly Part[]): readonly Part[] {
  const distinct = new Map(parts.map((part) => [part.key, part]))
  const opposite = kind === 'allOf' ? 'anyOf' : 'allOf'
  return [...distinct.values()].filter(
    (part) => part.kind !== opposite || !part.parts.some(({ key }) => distinct.has(key)),
  )
}

function isConstant(part: Part, { value }: Constant): boolean {
  return part.kind === 'constant' && part.value === value
}

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
  // Each key ends where its own brackets do, so that none is quoted: quotes within quotes double at each level.
  return { kind, parts, key: `${kind}(${keys.join()})` }
}

function flattened(kind: Several['kind'], parts: readonly Part[]): readonly Part[] {
  return parts.flatMap((part) => (part.kind === kind ? part.parts : [part]))
}

/** One set for each attribute, where the first of them stood. All of one attribute at once: there may be thousands. */
function mergeSets(kind: Several['kind'], parts: readonly Part[]): readonly Part[] {
  const sets = new Map<string, ValueSet[]>()
  const places: (readonly ValueSet[] | Part)[] = []
  for (const part of parts) {
    if (part.kind !== 'set') {
      places.push(part)
      continue
    }
    const { name } = part.attribute
    const same = sets.get(name)
    if (same === undefined) {
      const one = [part]
      sets.set(name, one)
      places.push(one)
    } else same.push(part)
  }
  return places.map((place) => ('kind' in place ? place : mergedSets(kind, place)))
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

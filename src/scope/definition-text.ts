import type { DefinitionShape } from './definition-shape.js'

/** Remembers what a vocabulary was defined as, for {@link definitionTextOf}. */
export function rememberDefinition(scopes: object, shape: DefinitionShape): void {
  TEXTS.set(scopes, JSON.stringify(ordered(shape)))
}

/**
 * What a vocabulary was defined as, to be hashed: the same text for the same definition, in whatever order it was written.
 * Null for what `defineScopes` has not made.
 */
export function definitionTextOf(scopes: object): string | null {
  return TEXTS.get(scopes) ?? null
}

/** Lists of pairs and of names by code units. The order of a definition decides nothing that is granted. */
function ordered(value: unknown): unknown {
  if (value instanceof Set) return [...value].sort()
  if (value instanceof Map) return pairs([...value])
  return typeof value === 'object' && value !== null ? pairs(Object.entries(value)) : value
}

function pairs(entries: readonly (readonly [string, unknown])[]): unknown {
  return entries
    .map(([name, value]) => [name, ordered(value)] as const)
    .sort(([one], [other]) => (one < other ? -1 : 1))
}

const TEXTS = new WeakMap<object, string>()

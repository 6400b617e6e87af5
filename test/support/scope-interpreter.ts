import type { Requirement } from '../../src/scope/requirement.js'

/**
 * The meaning of scopes, written to be read and not to be quick. It shares no code with the library: the compiled
 * matcher is compared with it. It covers well-defined vocabularies and claims within the limits.
 */
export interface PlainDefinition {
  readonly dialect: 'resource:action' | 'action:resource'
  readonly resources: ReadonlyMap<string, readonly string[]>
  readonly opaque: readonly string[]
  readonly superuser: string | null
  readonly explicitOnly: readonly string[]
  readonly implies: ReadonlyMap<string, readonly string[]>
  readonly actionImplies: ReadonlyMap<string, readonly string[]>
  readonly wildcards: 'off' | 'grants'
}

interface Pair {
  readonly name: string
  readonly resource: string
  readonly action: string
}

/** Every scope that a claim covers, by what section 3 of the specification says and nothing quicker. */
export function interpret(definition: PlainDefinition, tokens: readonly string[]): Set<string> {
  const held = new Set<string>()
  for (const token of tokens) {
    for (const name of allNames(definition)) if (token === name) held.add(name)
    for (const pair of pairs(definition)) if (matches(definition, token, pair)) held.add(pair.name)
  }
  for (let before = -1; before < held.size; ) {
    before = held.size
    for (const from of [...held]) {
      for (const to of allNames(definition)) if (givesDirectly(definition, from, to)) held.add(to)
    }
  }
  return held
}

/** Whether scopes that cover these names meet a requirement, read off its tree. */
export function meets(covered: ReadonlySet<string>, requirement: Requirement): boolean {
  switch (requirement.kind) {
    case 'authenticated':
      return true
    case 'scope':
      return covered.has(requirement.name)
    case 'allOf':
      return requirement.parts.every((part) => meets(covered, part))
    case 'anyOf':
      return requirement.parts.some((part) => meets(covered, part))
  }
}

/** Every name of the vocabulary. */
export function allNames(definition: PlainDefinition): string[] {
  const names = [...pairs(definition).map((pair) => pair.name), ...definition.opaque]
  return definition.superuser === null ? names : [...names, definition.superuser]
}

/** The names with a resource and an action. */
export function pairs(definition: PlainDefinition): Pair[] {
  return [...definition.resources].flatMap(([resource, actions]) =>
    actions.map((action) => {
      const name =
        definition.dialect === 'resource:action' ? `${resource}:${action}` : `${action}:${resource}`
      return { name, resource, action }
    }),
  )
}

function matches(definition: PlainDefinition, token: string, pair: Pair): boolean {
  if (definition.wildcards === 'off' || isExplicitOnly(definition, pair.name)) return false
  const pattern = token.split(':')
  const segments = pair.name.split(':')
  return (
    pattern.length === segments.length &&
    pattern.every((segment, index) => segment === '*' || segment === segments[index])
  )
}

function givesDirectly(definition: PlainDefinition, from: string, to: string): boolean {
  if (definition.implies.get(from)?.includes(to)) return true
  if (from === definition.superuser) return !isExplicitOnly(definition, to)
  const source = pairs(definition).find((pair) => pair.name === from)
  const target = pairs(definition).find((pair) => pair.name === to)
  if (source === undefined || target === undefined || source.resource !== target.resource) {
    return false
  }
  return definition.actionImplies.get(source.action)?.includes(target.action) ?? false
}

function isExplicitOnly(definition: PlainDefinition, name: string): boolean {
  return name === definition.superuser || definition.explicitOnly.includes(name)
}

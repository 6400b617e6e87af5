import type { Requirement } from '../../src/scope/requirement.js'

/**
 * The meaning of scopes, written to be read and not to be quick. It shares no code with the library: the compiled
 * matcher is compared with it. It covers well-defined vocabularies and claims within the limits.
 */
export interface PlainDefinition {
  readonly dialect: PlainDialect
  readonly accepts: readonly PlainDialect[]
  readonly resources: ReadonlyMap<string, readonly string[]>
  readonly actions: readonly string[]
  readonly opaque: readonly string[]
  readonly superuser: string | null
  readonly explicitOnly: readonly string[]
  readonly implies: ReadonlyMap<string, readonly string[]>
  readonly actionImplies: ReadonlyMap<string, readonly string[]>
  readonly wildcards: 'off' | 'grants'
}

export type PlainDialect = 'resource:action' | 'action:resource' | 'dotted'

/** A name as one dialect writes it. */
interface Spelled {
  readonly dialect: PlainDialect
  readonly text: string
  readonly segments: readonly string[]
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
    for (const name of allNames(definition)) {
      if (token === name || namesOrMatches(definition, token, name)) held.add(name)
    }
  }
  for (let before = -1; before < held.size; ) {
    before = held.size
    for (const from of [...held]) {
      for (const to of givenDirectly(definition).get(from) ?? []) held.add(to)
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
export const allNames = remembered((definition): readonly string[] => {
  const names = pairs(definition).map((pair) => pair.name)
  names.push(...definition.actions, ...definition.opaque)
  return definition.superuser === null ? names : [...names, definition.superuser]
})

/** The names with a resource and an action. */
export const pairs = remembered((definition): readonly Pair[] =>
  [...definition.resources].flatMap(([resource, actions]) =>
    actions.map((action) => {
      const segments = segmentsIn(definition.dialect, resource, action) ?? []
      return { name: segments.join(separatorOf(definition.dialect)), resource, action }
    }),
  ),
)

/** How every accepted dialect writes a name, the vocabulary's own first. None for a name without segments. */
export function spellings(definition: PlainDefinition, name: string): readonly Spelled[] {
  return allSpellings(definition).get(name) ?? []
}

const allSpellings = remembered((definition): ReadonlyMap<string, readonly Spelled[]> => {
  const dialects = [definition.dialect, ...definition.accepts]
  const all = new Map<string, Spelled[]>()
  for (const { name, resource, action } of pairs(definition)) {
    const spelled = dialects.flatMap((dialect) => {
      const segments = segmentsIn(dialect, resource, action)
      if (segments === null) return []
      return [{ dialect, text: segments.join(separatorOf(dialect)), segments }]
    })
    all.set(name, spelled)
  }
  for (const action of definition.actions) {
    all.set(
      action,
      dialects.map((dialect) => ({ dialect, text: action, segments: [action] })),
    )
  }
  return all
})

/** Whether some text would mean one thing in one accepted dialect, or as a name, and another thing in another. */
export function isAmbiguous(definition: PlainDefinition): boolean {
  if (definition.accepts.length === 0) return false
  const readings = new Map<string, Map<string, string[]>>()
  const mean = (text: string, as: string, name: string): void => {
    const reading = readings.get(text) ?? new Map<string, string[]>()
    readings.set(text, reading)
    const names = reading.get(as) ?? []
    reading.set(as, names.includes(name) ? names : [...names, name])
  }
  for (const name of allNames(definition)) {
    mean(name, 'a name', name)
    for (const spelled of spellings(definition, name)) {
      mean(spelled.text, spelled.dialect, name)
      if (definition.wildcards === 'off' || isExplicitOnly(definition, name)) continue
      for (const pattern of patternsOf(spelled)) mean(pattern, spelled.dialect, name)
    }
  }
  return [...readings.values()].some((reading) => {
    const meanings = [...reading.values()].map((names) => names.join(' '))
    return new Set(meanings).size > 1
  })
}

/** The spellings of a name and every pattern that matches one of them. */
export function textsFor(definition: PlainDefinition, name: string): string[] {
  const spelled = spellings(definition, name)
  return [name, ...spelled.flatMap((one) => [one.text, ...patternsOf(one)])]
}

function patternsOf({ dialect, segments }: Spelled): string[] {
  let patterns: string[][] = [[]]
  for (const segment of segments) {
    patterns = patterns.flatMap((start) => [
      [...start, segment],
      [...start, '*'],
    ])
  }
  const tails = patterns.flatMap((pattern) =>
    pattern.map((_, index) => [...pattern.slice(0, index), '**']),
  )
  const all = dialect === 'dotted' ? [...patterns, ...tails] : patterns
  return all.map((pattern) => pattern.join(separatorOf(dialect))).filter((one) => one.includes('*'))
}

function segmentsIn(dialect: PlainDialect, resource: string, action: string): string[] | null {
  if (dialect === 'dotted') return [...resource.split('.'), action]
  if (resource.includes('.')) return null
  return dialect === 'resource:action' ? [resource, action] : [action, resource]
}

function separatorOf(dialect: PlainDialect): string {
  return dialect === 'dotted' ? '.' : ':'
}

function namesOrMatches(definition: PlainDefinition, token: string, name: string): boolean {
  return spellings(definition, name).some(({ dialect, text, segments }) => {
    if (token === text) return true
    if (definition.wildcards === 'off' || isExplicitOnly(definition, name)) return false
    return matches(token.split(separatorOf(dialect)), segments, dialect)
  })
}

function matches(
  pattern: readonly string[],
  segments: readonly string[],
  dialect: PlainDialect,
): boolean {
  const [first, ...rest] = pattern
  const [segment, ...others] = segments
  if (first === undefined || segment === undefined) return first === segment
  if (dialect === 'dotted' && first === '**' && rest.length === 0) return true
  return (first === '*' || first === segment) && matches(rest, others, dialect)
}

const givenDirectly = remembered((definition): ReadonlyMap<string, readonly string[]> => {
  const names = allNames(definition)
  return new Map(
    names.map((from) => [from, names.filter((to) => givesDirectly(definition, from, to))]),
  )
})

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

/** A definition never changes, and is asked the same things a million times. */
function remembered<Answer>(
  work: (definition: PlainDefinition) => Answer,
): (definition: PlainDefinition) => Answer {
  const answers = new WeakMap<PlainDefinition, Answer>()
  return (definition) => {
    const known = answers.get(definition)
    if (known !== undefined) return known
    const answer = work(definition)
    answers.set(definition, answer)
    return answer
  }
}

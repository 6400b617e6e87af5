import { ConfigurationError } from '../errors.js'
import { printableMessage } from '../shared/printable.js'
import type { Dialect } from './definition.js'
import type { DefinitionShape } from './definition-shape.js'
import { DIALECTS } from './dialects.js'
import { isNameSegment, isScopeToken } from './token.js'

/** All scopes of a vocabulary and which of them implies which in one step. Only cycles are still to be looked for. */
export interface Atoms {
  /** In the order of the definition: resources, actions, opaque, superuser. */
  readonly names: ReadonlySet<string>
  /** For each accepted dialect, the vocabulary's own first, how it writes what it can, as segments by name. */
  readonly spelled: ReadonlyMap<Dialect, ReadonlyMap<string, readonly string[]>>
  /** The superuser among them. */
  readonly explicitOnly: ReadonlySet<string>
  /** For every scope those it implies in one step; for the superuser all that are not explicit-only. */
  readonly implied: ReadonlyMap<string, ReadonlySet<string>>
}

/**
 * Names the scopes of a definition and draws the edges between them.
 *
 * @throws ConfigurationError `scope_invalid` for a name outside the grammar, declared twice or not at all, and for an
 * implication that may not be
 */
export function declareAtoms(shape: DefinitionShape): Atoms {
  const spelled = spellNames(shape)
  const names = new Set(spelled.get(shape.dialect)?.keys())
  for (const name of shape.opaque) addWholeName(names, 'opaque', name)
  if (shape.superuser !== null) addWholeName(names, 'superuser', shape.superuser)
  for (const name of names) {
    const most = shape.limits.tokenCharacters
    if (name.length > most) {
      throw invalid(`'${name}' is longer than the ${most} characters of limits.tokenCharacters.`)
    }
  }

  for (const name of shape.explicitOnly) assertKnown(names, 'explicitOnly', name)
  const explicitOnly = new Set(shape.explicitOnly)
  if (shape.superuser !== null) explicitOnly.add(shape.superuser)

  for (const name of shape.defaults) {
    assertKnown(names, 'defaults', name)
    if (explicitOnly.has(name)) {
      throw invalid(`defaults: '${name}' is explicit-only, so it must be asked for by name.`)
    }
  }

  const implied = new Map<string, Set<string>>()
  for (const name of names) implied.set(name, new Set())
  for (const { where, from, to } of edgesOf(shape)) {
    assertKnown(names, where, from)
    assertKnown(names, where, to)
    if (to === shape.superuser) throw invalid(`${where}: nothing may imply the superuser '${to}'.`)
    if (explicitOnly.has(to)) {
      throw invalid(`${where}: '${to}' is explicit-only, so nothing may imply it.`)
    }
    implied.get(from)?.add(to)
  }
  if (shape.superuser !== null) {
    implied.set(shape.superuser, new Set([...names].filter((name) => !explicitOnly.has(name))))
  }
  return { names, spelled, explicitOnly, implied }
}

function spellNames(shape: DefinitionShape): Map<Dialect, Map<string, readonly string[]>> {
  const dialects = [shape.dialect, ...shape.accepts]
  const spelled = new Map(
    dialects.map((dialect) => [dialect, new Map<string, readonly string[]>()]),
  )
  for (const [resource, actions] of shape.resources) {
    const segments = segmentsOf(shape, resource)
    for (const action of actions) {
      assertSegment(`resources['${resource}']`, action)
      const name = nameOf(shape.dialect, segments, action)
      for (const [dialect, names] of spelled) {
        const written = DIALECTS[dialect].segments(segments, action)
        if (written !== null) names.set(name, written)
      }
    }
  }
  for (const action of shape.actions) {
    assertSegment('actions', action)
    for (const names of spelled.values()) names.set(action, [action])
  }
  return spelled
}

function segmentsOf({ dialect, limits }: DefinitionShape, resource: string): readonly string[] {
  const segments = dialect === 'dotted' ? resource.split('.') : [resource]
  for (const segment of segments) assertSegment('resources', segment)
  if (segments.length >= limits.segments) {
    const most = `at most ${limits.segments} segments, its action included`
    throw invalid(`resources: '${resource}' must have ${most}.`)
  }
  return segments
}

function nameOf(dialect: Dialect, resource: readonly string[], action: string): string {
  const { segments, separator } = DIALECTS[dialect]
  // A resource has several segments in the dotted dialect alone, and that one writes them all.
  return (segments(resource, action) ?? []).join(separator)
}

function assertSegment(where: string, segment: string): void {
  if (isNameSegment(segment)) return
  throw invalid(`${where}: '${segment}' must be 1 to 64 characters of A-Z a-z 0-9 _ -.`)
}

/** Adds a name that is taken as a whole. Without `*`, or it could be mistaken for a pattern. */
function addWholeName(names: Set<string>, where: string, name: string): void {
  if (!isScopeToken(name) || name.includes('*')) {
    throw invalid(`${where}: '${name}' must be one scope token of RFC 6749, without '*'.`)
  }
  if (names.has(name)) throw invalid(`${where}: '${name}' is declared already.`)
  names.add(name)
}

interface Edge {
  readonly where: string
  readonly from: string
  readonly to: string
}

function edgesOf(shape: DefinitionShape): Edge[] {
  const edges: Edge[] = []
  for (const [from, targets] of shape.implies) {
    for (const to of targets) edges.push({ where: `implies['${from}']`, from, to })
  }
  for (const [action, targets] of shape.actionImplies) {
    const where = `actionImplies['${action}']`
    assertAction(shape, where, action)
    for (const target of targets) {
      assertAction(shape, where, target)
      for (const [resource, actions] of shape.resources) {
        if (!actions.has(action) || !actions.has(target)) continue
        const segments = segmentsOf(shape, resource)
        const from = nameOf(shape.dialect, segments, action)
        edges.push({ where, from, to: nameOf(shape.dialect, segments, target) })
      }
    }
  }
  return edges
}

function assertAction(shape: DefinitionShape, where: string, action: string): void {
  for (const actions of shape.resources.values()) if (actions.has(action)) return
  throw invalid(`${where}: no resource has the action '${action}'.`)
}

function assertKnown(names: ReadonlySet<string>, where: string, name: string): void {
  if (!names.has(name)) throw invalid(`${where}: '${name}' is not in the vocabulary.`)
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError('scope_invalid', printableMessage(`defineScopes: ${message}`))
}

import { ConfigurationError } from '../errors.js'
import type { Dialect } from './definition.js'
import type { DefinitionShape } from './definition-shape.js'
import { isNameSegment, isScopeToken, MAX_TOKEN_CHARACTERS } from './token.js'

/** All scopes of a vocabulary and which of them implies which in one step. Only cycles are still to be looked for. */
export interface Atoms {
  /** In the order of the definition: resources, opaque, superuser. */
  readonly names: ReadonlySet<string>
  /** The two segments of the names that have them, in the order of the name. */
  readonly segments: ReadonlyMap<string, readonly [first: string, second: string]>
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
  const segments = nameSegments(shape)
  const names = new Set(segments.keys())
  for (const name of shape.opaque) addWholeName(names, 'opaque', name)
  if (shape.superuser !== null) addWholeName(names, 'superuser', shape.superuser)

  for (const name of shape.explicitOnly) assertKnown(names, 'explicitOnly', name)
  const explicitOnly = new Set(shape.explicitOnly)
  if (shape.superuser !== null) explicitOnly.add(shape.superuser)

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
  return { names, segments, explicitOnly, implied }
}

function nameSegments(shape: DefinitionShape): Map<string, readonly [string, string]> {
  const segments = new Map<string, readonly [string, string]>()
  for (const [resource, actions] of shape.resources) {
    assertSegment('resources', resource)
    for (const action of actions) {
      assertSegment(`resources['${resource}']`, action)
      const pair = inOrder(shape.dialect, resource, action)
      segments.set(pair.join(':'), pair)
    }
  }
  return segments
}

function inOrder(dialect: Dialect, resource: string, action: string): readonly [string, string] {
  return dialect === 'action:resource' ? [action, resource] : [resource, action]
}

function assertSegment(where: string, segment: string): void {
  if (isNameSegment(segment)) return
  throw invalid(`${where}: '${segment}' must be 1 to 64 characters of A-Z a-z 0-9 _ -.`)
}

/** Adds a name that is taken as a whole. Without `*`, or it could be mistaken for a pattern. */
function addWholeName(names: Set<string>, where: string, name: string): void {
  if (!isScopeToken(name) || name.length > MAX_TOKEN_CHARACTERS || name.includes('*')) {
    throw invalid(
      `${where}: '${name}' must be one scope token of RFC 6749, at most ${MAX_TOKEN_CHARACTERS} characters, without '*'.`,
    )
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
        const from = inOrder(shape.dialect, resource, action).join(':')
        edges.push({ where, from, to: inOrder(shape.dialect, resource, target).join(':') })
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
  return new ConfigurationError('scope_invalid', `defineScopes: ${message}`)
}

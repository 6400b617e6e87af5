import { ConfigurationError, type ConfigurationErrorCode } from '../errors.js'
import { printableMessage } from '../shared/printable.js'

/**
 * For every name, itself and all that can be reached from it.
 *
 * @param where what the edges were declared as, for the message
 * @param edges every name with its direct successors, all of them keys
 * @throws ConfigurationError with this code for a cycle, with its path
 */
export function closureOf(
  where: string,
  edges: ReadonlyMap<string, ReadonlySet<string>>,
  code: ConfigurationErrorCode = 'scope_invalid',
): Map<string, ReadonlySet<string>> {
  const reached = new Map<string, ReadonlySet<string>>()
  for (const name of successorsFirst(where, edges, code)) {
    const all = new Set([name])
    // Those that lead furthest first: what they lead to need not be looked at once more.
    const direct = [...successors(edges, name)].map((one) => successors(reached, one))
    direct.sort((one, other) => other.size - one.size)
    for (const further of direct) {
      // INVARIANT: each set begins with the name that it is of.
      const [first] = further
      if (first !== undefined && all.has(first)) continue
      for (const one of further) all.add(one)
    }
    reached.set(name, all)
  }
  return reached
}

/**
 * The names in an order in which every one comes after all that it leads to.
 *
 * Walks with a stack of its own: a long chain of implications must not exhaust the engine's.
 *
 * @param where what the edges were declared as, for the message
 * @param edges names with their direct successors
 * @throws ConfigurationError with this code for a cycle, with its path
 */
export function successorsFirst(
  where: string,
  edges: ReadonlyMap<string, ReadonlySet<string>>,
  code: ConfigurationErrorCode = 'scope_invalid',
): readonly string[] {
  const left = new Set<string>()
  // INVARIANT: what has been entered and not been left stands on the path.
  const entered = new Set<string>()
  for (const start of edges.keys()) {
    const path: Step[] = []
    const enter = (name: string): void => {
      if (left.has(name)) return
      if (entered.has(name)) throw cycle(code, where, path, name)
      entered.add(name)
      path.push({ name, ahead: [...successors(edges, name)] })
    }
    enter(start)
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const next = step.ahead.pop()
      if (next !== undefined) {
        enter(next)
        continue
      }
      left.add(step.name)
      path.pop()
    }
  }
  return [...left]
}

interface Step {
  readonly name: string
  /** Successors still to be entered. */
  readonly ahead: string[]
}

function successors(
  edges: ReadonlyMap<string, ReadonlySet<string>>,
  name: string,
): ReadonlySet<string> {
  return edges.get(name) ?? NONE
}

function cycle(
  code: ConfigurationErrorCode,
  where: string,
  path: readonly Step[],
  name: string,
): ConfigurationError {
  const names = path.map((step) => step.name)
  const round = [...names.slice(names.indexOf(name)), name].join(' -> ')
  return new ConfigurationError(
    code,
    printableMessage(`${where} goes round in a circle: ${round}.`),
  )
}

const NONE: ReadonlySet<string> = new Set()

import type { Part, ValueSet } from './part.js'
import type { Where } from './where.js'

/** Writes a part down, or says that it holds of every row or of none. Relations must have been listed before. */
export function whereOf(part: Part): Where | boolean {
  return part.kind === 'constant' ? part.value : written(part)
}

/** The relations that a part still depends on. */
export function relationsIn(part: Part, found: Set<string> = new Set()): ReadonlySet<string> {
  if (part.kind === 'relation') found.add(part.name)
  if (part.kind === 'allOf' || part.kind === 'anyOf') {
    for (const one of part.parts) relationsIn(one, found)
  }
  return found
}

function written(part: Part): Where {
  switch (part.kind) {
    case 'allOf':
    case 'anyOf':
      return Object.freeze({ kind: part.kind, parts: Object.freeze(part.parts.map(written)) })
    case 'set':
      return writtenSet(part)
    case 'leaf':
      return part.where
    case 'constant':
    case 'relation':
      // `combine.ts` leaves no constant inside, and whoever calls has asked `relationsIn`.
      throw new Error(`a filter cannot hold a ${part.kind}`)
  }
}

function writtenSet({ attribute, values, excluded }: ValueSet): Where {
  const [first, ...others] = values
  if (first === undefined || (values.size === BOTH && attribute.holds === 'boolean')) {
    return Object.freeze({ kind: 'exists', attribute })
  }
  if (others.length === 0) {
    const right = Object.freeze({ kind: 'value', value: first } as const)
    return Object.freeze({ kind: excluded ? 'ne' : 'eq', left: attribute, right })
  }
  const list = Object.freeze({ kind: 'list', values: Object.freeze([...values]) } as const)
  const part = Object.freeze({ kind: 'in', item: attribute, list } as const)
  return excluded ? Object.freeze({ kind: 'not', part }) : part
}

const BOTH = 2

/**
 * What an inventory reads from handlers, hooks and middlewares: the rule that `protect` has put there, and what the
 * library's own mounts are. Registered symbols, as of `protected-mark.ts`: two copies of this package in one process can
 * read each other's.
 */
import type { ServedDocument } from '../gate/listed-route.js'
import type { RuleDescription } from '../gate/rule-description.js'
import type { Guard } from '../gate.js'

/** Remembers the guard's rule at what asks it, and whether it speaks for its own route only. */
export function markRule<Marked extends object>(
  marked: Marked,
  { rule, acceptsAnyone }: Pick<Guard<never, never, never>, 'rule' | 'acceptsAnyone'>,
): Marked {
  return rule === null ? marked : Object.assign(marked, { [RULE]: { rule, acceptsAnyone } })
}

/** The rule that is asked here; null if none is. */
export function ruleOf(value: unknown): RuleDescription | null {
  return markOf<MarkedRule>(value, RULE)?.rule ?? null
}

/** As {@link ruleOf}, for a middleware before other routes: a rule for anyone says nothing about them. */
export function ruleForOthers(value: unknown): RuleDescription | null {
  const marked = markOf<MarkedRule>(value, RULE)
  return marked === null || marked.acceptsAnyone ? null : marked.rule
}

/** Remembers that this is a deny-by-default mount. */
export function markBarring<Marked extends object>(marked: Marked): Marked {
  return Object.assign(marked, { [BARRING]: true })
}

export function isBarring(value: unknown): boolean {
  return markOf(value, BARRING) !== null
}

/** Remembers that this serves a document of the library's own, at a path from the root of the host. */
export function markServing<Marked extends object>(
  marked: Marked,
  document: ServedDocument,
  path: string,
): Marked {
  return Object.assign(marked, { [SERVING]: { document, path } })
}

export function servedAt(value: unknown): Serving | null {
  return markOf<Serving>(value, SERVING)
}

/** Whatever stands under a symbol of ours was put there by one of the functions above. */
function markOf<Mark>(value: unknown, symbol: symbol): Mark | null {
  const isObject = typeof value === 'function' || (typeof value === 'object' && value !== null)
  return isObject ? ((Reflect.get(value, symbol) as Mark | undefined) ?? null) : null
}

interface MarkedRule {
  readonly rule: RuleDescription
  readonly acceptsAnyone: boolean
}

interface Serving {
  readonly document: ServedDocument
  readonly path: string
}

const RULE: unique symbol = Symbol.for('sallyport.rule')
const BARRING: unique symbol = Symbol.for('sallyport.barring')
const SERVING: unique symbol = Symbol.for('sallyport.serving')

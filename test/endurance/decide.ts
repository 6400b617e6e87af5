import type { Guard } from '../../src/gate.js'
import type { Door, Fields, Target } from '../attacks/support/target.js'
import { aView } from '../support/views.js'

/** Asks the guard of a door without a server in between. Answers with the kind of the outcome, and whom it let in. */
export type Decide = (
  door: Door,
  fields: Fields,
) => Promise<{ readonly kind: string; readonly who: string }>

export function decideOf({ application }: Target): Decide {
  const guards = new Map<string, Guard<never, unknown, unknown>>()
  for (const { path, gate, rule } of application.routes) {
    guards.set(path, gate.guard(rule) as Guard<never, unknown, unknown>) // whoever is let in is only read as data
  }
  return async ({ path }, fields) => {
    const byName = Object.fromEntries(fields.map(([name, value]) => [name.toLowerCase(), value]))
    const view = aView({ url: path, fields: { host: 'localhost', ...byName } })
    const outcome = await guards.get(path)?.decide(view, undefined)
    if (outcome === undefined) throw new Error(`no door at ${path}`)
    if (outcome.kind !== 'granted') return { kind: outcome.kind, who: '' }
    const principal: Readonly<Record<string, unknown>> = outcome.principal
    return { kind: 'granted', who: String(principal['subject'] ?? principal['applicationId']) }
  }
}

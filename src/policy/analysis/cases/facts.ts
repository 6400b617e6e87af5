import type { CompiledType } from '../../compile-policy.js'
import type { AtomicCondition } from '../../condition/combine-condition.js'
import { compileCondition, type Test } from '../../condition/compile-condition.js'
import type { AttributeOperand } from '../../condition/condition.js'
import { atomsOf, attributesIn } from '../../condition/operands.js'
import type { ReadyPolicy } from '../../ready-policy.js'

/**
 * One thing that a decision depends on: an atomic part of a condition, whether the tenant is one's own, whether a role has
 * the action. A decision is a function of the truths of its facts.
 */
export type Fact =
  | {
      readonly kind: 'atom'
      readonly side: Side
      readonly atom: AtomicCondition
      readonly test: Test
    }
  | { readonly kind: 'tenant'; readonly side: Side; readonly attribute: string }
  | { readonly kind: 'role'; readonly side: Side; readonly action: string }

/** One policy of those that are looked at together, and what it has of the type in question. */
export interface Side {
  readonly ready: ReadyPolicy
  readonly type: CompiledType
}

/** Facts, each once, found again by their place. */
export class FactTable {
  readonly facts: Fact[] = []
  private readonly places = new Map<Side, Map<string, number>>()

  /** Adds all that decisions about these actions depend on. */
  addActions(side: Side, actions: readonly string[]): void {
    const { tenant } = side.type.model
    if (tenant !== null) this.add({ kind: 'tenant', side, attribute: tenant }, TENANT)
    const attributes = {
      resource: side.type.model.attributes,
      principal: side.ready.model.principal,
      context: side.ready.model.context,
    }
    for (const action of actions) {
      this.add({ kind: 'role', side, action }, roleKey(action))
      const rules = side.type.actions.get(action)
      if (rules === undefined) continue
      for (const { rule } of [...rules.denies, ...rules.allows, ...rules.fields]) {
        for (const atom of atomsOf(rule.when)) {
          const test = compileCondition(atom, attributes)
          this.add({ kind: 'atom', side, atom, test }, atomKey(atom))
        }
      }
    }
  }

  atom(side: Side, atom: AtomicCondition): number {
    return this.place(side, atomKey(atom))
  }

  tenant(side: Side): number | null {
    return side.type.model.tenant === null ? null : this.place(side, TENANT)
  }

  role(side: Side, action: string): number {
    return this.place(side, roleKey(action))
  }

  private add(fact: Fact, key: string): void {
    const places = this.places.get(fact.side) ?? new Map<string, number>()
    this.places.set(fact.side, places)
    if (places.has(key)) return
    places.set(key, this.facts.length)
    this.facts.push(fact)
  }

  /** INVARIANT: only what was added is asked for; the place of anything else would be beyond the end. */
  private place(side: Side, key: string): number {
    return this.places.get(side)?.get(key) ?? this.facts.length
  }
}

/** The attributes that a fact reads, and whether as the key of something else. */
export function attributesOfFact(fact: Fact): readonly FactAttribute[] {
  if (fact.kind === 'role') return []
  if (fact.kind === 'tenant') {
    return [key('principal', 'tenant'), key('resource', fact.attribute)]
  }
  if (fact.atom.kind !== 'relation') {
    return attributesIn(fact.atom).map((attribute) => ({ ...attribute, isKey: false }))
  }
  const relation = fact.side.ready.model.relations.get(fact.atom.name)
  if (relation === undefined) return []
  return [key('principal', relation.principal), key('resource', relation.resource)]
}

/** Keys are read as they are: a text outside its enumeration is none for a condition, but one for a relation. */
export interface FactAttribute extends AttributeOperand {
  readonly isKey: boolean
}

function key(of: 'principal' | 'resource', name: string): FactAttribute {
  return { kind: 'attribute', of, name, isKey: true }
}

function atomKey(atom: AtomicCondition): string {
  return `atom ${JSON.stringify(atom)}`
}

function roleKey(action: string): string {
  return `role ${action}`
}

const TENANT = 'tenant'

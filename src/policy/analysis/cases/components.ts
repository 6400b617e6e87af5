import type { CheckedAttribute } from '../../condition/attributes.js'
import type { AttributeOwner, Scalar } from '../../condition/condition.js'
import { operandsOf } from '../../condition/operands.js'
import { attributesOfFact, type Fact, type FactAttribute } from './facts.js'

/** An attribute whose value some facts depend on. */
export interface Variable {
  readonly of: AttributeOwner
  readonly name: string
  /** As each policy has declared it. */
  readonly declared: readonly CheckedAttribute[]
  /** Whether it is read as it is. */
  readonly isKey: boolean
  /** Whether a fact asks if it exists. */
  readonly mayExist: boolean
}

/** Facts that hang together through attributes, with these attributes. Facts of different components are independent. */
export interface Component {
  /** Lists last: what is in them depends on what the others are. */
  readonly variables: readonly Variable[]
  /** Places in the table. */
  readonly facts: readonly number[]
  /** Every value that facts compare something with, and the places of those facts. */
  readonly constants: ReadonlyMap<Scalar, readonly number[]>
}

interface GrowingComponent {
  readonly variables: Variable[]
  readonly facts: number[]
  readonly constants: Map<Scalar, readonly number[]>
}

/** Takes apart what does not depend on each other, so that fewer cases have to be looked at. */
export function componentsOf(facts: readonly Fact[]): readonly Component[] {
  const groups = new Groups()
  const variables = new Map<string, Variable>()
  const read = facts.map((fact) => {
    const attributes = attributesOfFact(fact)
    const paths = attributes.map(pathOf)
    // What a relation says is one thing, whichever policy asks, and whatever keys it asks by.
    if (fact.kind === 'atom' && fact.atom.kind === 'relation' && paths.length > 0) {
      paths.push(`relation ${fact.atom.name}`)
    }
    for (const attribute of attributes) noteVariable(variables, fact, attribute)
    groups.join(paths)
    return paths
  })
  const components = new Map<string, GrowingComponent>()
  read.forEach(([first], place) => {
    if (first === undefined) return
    const group = groups.of(first)
    const component: GrowingComponent = components.get(group) ?? {
      variables: [],
      facts: [],
      constants: new Map(),
    }
    components.set(group, component)
    component.facts.push(place)
    for (const constant of constantsOf(facts[place])) {
      component.constants.set(constant, [...(component.constants.get(constant) ?? []), place])
    }
  })
  for (const [path, variable] of variables)
    components.get(groups.of(path))?.variables.push(variable)
  for (const { variables: own } of components.values()) {
    own.sort((one, other) => Number(isList(one)) - Number(isList(other)))
  }
  return [...components.values()]
}

export function isList({ declared }: Variable): boolean {
  return declared.some(({ kind }) => kind === 'strings')
}

function noteVariable(
  variables: Map<string, Variable>,
  fact: Fact,
  attribute: FactAttribute,
): void {
  const path = pathOf(attribute)
  const known = variables.get(path)
  const { of, name } = attribute
  const { ready, type } = fact.side
  const tables = {
    principal: ready.model.principal,
    context: ready.model.context,
    resource: type.model.attributes,
  }
  const declared = tables[of].get(name)
  const all = known?.declared ?? []
  variables.set(path, {
    of,
    name,
    declared: declared === undefined || all.includes(declared) ? all : [...all, declared],
    isKey: attribute.isKey || known?.isKey === true,
    mayExist: known?.mayExist === true || (fact.kind === 'atom' && fact.atom.kind === 'exists'),
  })
}

function constantsOf(fact: Fact | undefined): readonly Scalar[] {
  if (fact === undefined || fact.kind === 'role') return []
  // Whoever has the empty text for a tenant has none, so that it decides something.
  if (fact.kind === 'tenant') return ['']
  return operandsOf(fact.atom).flatMap((operand) =>
    operand.kind === 'value' ? [operand.value] : operand.kind === 'list' ? operand.values : [],
  )
}

function pathOf({ of, name }: { readonly of: AttributeOwner; readonly name: string }): string {
  return `${of}.${name}`
}

/** Names that belong together, whoever brought them together. */
class Groups {
  private readonly parents = new Map<string, string>()

  of(name: string): string {
    let group = name
    for (;;) {
      const parent = this.parents.get(group)
      if (parent === undefined || parent === group) return group
      group = parent
    }
  }

  join(names: readonly string[]): void {
    const [first, ...others] = names
    if (first === undefined) return
    for (const other of others) this.parents.set(this.of(other), this.of(first))
  }
}

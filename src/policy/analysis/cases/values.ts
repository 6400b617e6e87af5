import type { AssumedValue } from './assumptions.js'
import { type Component, isList, type Variable } from './components.js'
import type { Fact } from './facts.js'

/** What a variable may hold in a case; undefined is a missing attribute. */
export type CaseValue = AssumedValue | undefined

/**
 * The values that are worth trying in one component: enough of them that every combination of truths that any values could
 * bring about is brought about by some of these.
 *
 * Conditions compare texts for being the same and numbers by their order. So the texts and numbers that rules name matter,
 * texts that none names, as many as there are variables to hold different ones, and as many numbers between each two.
 */
export class Values {
  private readonly texts: readonly string[]
  private readonly others: readonly string[]
  private readonly numbers: readonly number[]
  private readonly component: Component
  private readonly facts: readonly Fact[]

  constructor(component: Component, facts: readonly Fact[]) {
    this.component = component
    this.facts = facts
    const scalars = component.variables.filter((one) => !isList(one))
    const many = Math.max(1, scalars.length)
    this.texts = interchangeable(component, many)
    const taken = new Set([...textConstants(component), ...membersOf(component.variables)])
    this.others = textsBeside(taken, many)
    this.numbers = numbersAround(
      [...component.constants.keys()].filter((constant) => typeof constant === 'number'),
      many,
    )
  }

  /**
   * What one variable may hold, given those before it, one at a time. Of texts that no rule names one new one is enough.
   */
  *choices(variable: Variable, before: ReadonlyMap<Variable, CaseValue>): Generator<CaseValue> {
    const choices = new Set<CaseValue>([undefined])
    // What is there, but of no kind that anybody declares: only `exists` tells it from what is not there.
    if (variable.mayExist) choices.add(NOTHING_DECLARED)
    for (const { kind, members } of variable.declared) {
      if (kind === 'boolean') for (const value of [true, false]) choices.add(value)
      if (kind === 'number') {
        for (const number of this.numbers) choices.add(number)
        // A relation takes it for a number, a comparison does not.
        if (variable.isKey) choices.add(Number.NaN)
      }
      if (kind === 'string') {
        const isAny = members === null || variable.isKey
        for (const text of this.texts) if (isAny || members.has(text)) choices.add(text)
        if (isAny) for (const text of this.othersAfter(before)) choices.add(text)
      }
    }
    yield* choices
    if (isList(variable)) yield* subsets(this.itemsOf(variable, before))
  }

  private othersAfter(before: ReadonlyMap<Variable, CaseValue>): readonly string[] {
    const used = new Set(before.values())
    const fresh = this.others.findIndex((text) => !used.has(text))
    return fresh < 0 ? this.others : this.others.slice(0, fresh + 1)
  }

  /** Whatever is looked for in this list, given what those before it hold: what else is in it does not matter. */
  itemsOf(list: Variable, before: ReadonlyMap<Variable, CaseValue>): readonly string[] {
    const items = new Set<string>()
    for (const place of this.component.facts) {
      const fact = this.facts[place]
      if (fact?.kind !== 'atom' || fact.atom.kind !== 'in') continue
      const { item, list: of } = fact.atom
      if (of.kind !== 'attribute' || of.of !== list.of || of.name !== list.name) continue
      if (item.kind === 'value') items.add(String(item.value))
      for (const [variable, value] of before) {
        const isItem =
          item.kind === 'attribute' && item.of === variable.of && item.name === variable.name
        if (isItem && typeof value === 'string') items.add(value)
      }
    }
    return [...items]
  }
}

/**
 * Texts that the component tells apart: those that rules name, and members of enumerations. Of those that it treats alike,
 * such as the members that no rule names, no more than there are variables.
 */
function interchangeable({ constants, variables }: Component, many: number): readonly string[] {
  const counts = new Map<string, number>()
  const texts: string[] = []
  for (const text of new Set([...textConstants({ constants }), ...membersOf(variables)])) {
    const enumerations = variables.map(({ declared }) =>
      declared.map(({ members }) => (members?.has(text) === true ? '1' : '0')).join(''),
    )
    const kind = `${(constants.get(text) ?? []).join(' ')};${enumerations.join(' ')}`
    const count = counts.get(kind) ?? 0
    counts.set(kind, count + 1)
    if (count < many) texts.push(text)
  }
  return texts
}

function textConstants({ constants }: Pick<Component, 'constants'>): readonly string[] {
  return [...constants.keys()].filter((constant) => typeof constant === 'string')
}

function membersOf(variables: readonly Variable[]): readonly string[] {
  return variables.flatMap(({ declared }) =>
    declared.flatMap(({ members }) => [...(members ?? [])]),
  )
}

/** So many texts that are none of these. */
function textsBeside(taken: ReadonlySet<string>, count: number): readonly string[] {
  const texts: string[] = []
  for (let number = 1; texts.length < count; number++) {
    const text = number === 1 ? 'another' : `another ${number}`
    if (!taken.has(text)) texts.push(text)
  }
  return texts
}

/** These numbers, and so many below, between and above them: every way in which as many others can lie among them. */
function numbersAround(constants: readonly number[], count: number): readonly number[] {
  const sorted = [...new Set(constants)].sort((one, other) => one - other)
  const numbers: number[] = []
  let below = Number.NEGATIVE_INFINITY
  for (const constant of [...sorted, Number.POSITIVE_INFINITY]) {
    numbers.push(...numbersBetween(below, constant, count))
    if (Number.isFinite(constant)) numbers.push(constant)
    below = constant
  }
  return numbers
}

function numbersBetween(below: number, above: number, count: number): readonly number[] {
  const near = Array.from({ length: count }, (_, index) => {
    if (below === Number.NEGATIVE_INFINITY) {
      return above === Number.POSITIVE_INFINITY ? index : above - (index + 1) * stepBeside(above)
    }
    if (above === Number.POSITIVE_INFINITY) return below + (index + 1) * stepBeside(below)
    return mixed(below, above, (index + 1) / (count + 1))
  })
  const inside = distinct(near, below, above)
  if (inside.length === count) return inside
  // At the end of what a number can be there is little room.
  const [low, high] = [Math.max(below, -Number.MAX_VALUE), Math.min(above, Number.MAX_VALUE)]
  const packed = Array.from({ length: count }, (_, index) =>
    mixed(low, high, (index + 1) / (count + 1)),
  )
  return distinct([low, high, ...packed], below, above).slice(0, count)
}

function distinct(numbers: readonly number[], below: number, above: number): readonly number[] {
  return [...new Set(numbers.filter((number) => below < number && number < above))].filter(
    Number.isFinite,
  )
}

/** Without the difference of the two, which may be too large for a number. */
function mixed(below: number, above: number, part: number): number {
  return below * (1 - part) + above * part
}

function stepBeside(number: number): number {
  return Math.max(1, Math.abs(number) / 4)
}

/** Smaller numbers of the last items first. They are counted as they come: of many items nobody asks for all. */
function* subsets(items: readonly string[]): Generator<readonly string[]> {
  const isIn = items.map(() => false)
  for (;;) {
    yield items.filter((_, index) => isIn[index])
    // Counts on, as in binary numbers of as many digits as there are items.
    let place = items.length - 1
    for (; isIn[place] === true; place--) isIn[place] = false
    if (place < 0) return
    isIn[place] = true
  }
}

const NOTHING_DECLARED = Object.freeze({})

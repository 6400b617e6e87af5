import type {
  AttributeKind,
  Attributes,
  ObjectOf,
} from '../../../../src/policy/condition/attributes.js'
import type { Scalar } from '../../../../src/policy/condition/condition.js'
import type { PolicyDecision } from '../../../../src/policy/decision.js'
import type { Filter } from '../../../../src/policy/filter/filter.js'
import type { SqlColumn } from '../../../../src/policy/filter/sql/sql-writer.js'
import { type SqlCondition, toSql } from '../../../../src/policy/filter/sql/to-sql.js'
import { toPredicate } from '../../../../src/policy/filter/to-predicate.js'
import type { Relation } from '../../../../src/policy/relation/relation.js'
import { createRandom, type Random } from '../../../fuzz/random.js'
import {
  type AnyDefinition,
  asked,
  type DefinedPolicy,
  definePlainPolicy,
} from '../../../support/define-plain-policy.js'
import { type PlainPolicy, relatedInFact } from '../../../support/plain-policy.js'
import { createPlainPolicy } from '../../../support/policy-arbitraries.js'
import type { PlainQuestion } from '../../../support/policy-interpreter.js'
import { createQuestion } from '../../../support/policy-questions.js'
import { type Column, columnsFor, resourceOf } from './rows.js'
import { withOtherNumbers, withOtherValues } from './vary.js'

/** Rows in some database, and as they are read from it. */
export interface RowTable {
  readonly dialect: 'sqlite' | 'postgres'
  readonly columns: readonly Column[]
  readonly rows: readonly Readonly<Record<string, unknown>>[]
  /** Whether a row that `decide` permits may be missing, for what it has in this column. */
  mayLeaveOut(row: number, column: string): boolean
  /** The places of the rows of which this is true. */
  select(condition: SqlCondition): Promise<readonly number[]>
  close(): Promise<void>
}

export interface FilterReport {
  readonly kinds: Readonly<Record<Filter['kind'], number>>
  /** How many rows were compared, and how many of them were permitted. */
  readonly compared: number
  readonly permitted: number
  /** A rule set for which a filter and `decide` differ, if one was found. */
  readonly failure: string | null
}

/**
 * Random rule sets, each asked about every row of a table in three ways: by `decide`, by `toPredicate`, and by one query.
 * Stops at the first difference.
 */
export async function runFilters(
  table: RowTable,
  { rules, seed }: { readonly rules: number; readonly seed: number },
): Promise<FilterReport> {
  const kinds = { all: 0, none: 0, where: 0, scope: 0, unavailable: 0 }
  const values = valuesOf(table)
  let [compared, permitted] = [0, 0]
  for (let index = 0; index < rules; index++) {
    const random = createRandom(seed + index)
    const plain = withOtherNumbers(random, createPlainPolicy(random, SHAPE))
    const defined = definePlainPolicy(plain, (definition) => listingAll(plain, definition, values))
    const outcome = await compareRows(table, defined, await createListQuestion(random, defined))
    kinds[outcome.filter.kind]++
    compared += table.rows.length
    permitted += outcome.permitted
    if (outcome.difference !== null) {
      const told = { seed: seed + index, ...outcome, rules: plain.rules }
      return { kinds, compared, permitted, failure: JSON.stringify(told, null, 1) }
    }
  }
  return { kinds, compared, permitted, failure: null }
}

/** Every value that a relation may be asked about. */
function valuesOf({ rows }: RowTable): readonly Scalar[] {
  const found = rows.flatMap((row) => Object.values(row))
  const scalars = found.filter((value): value is Scalar =>
    ['string', 'number', 'boolean'].includes(typeof value),
  )
  return [...new Set(scalars)]
}

/** The lists of relations say of the values of this table what loaders say of pairs. */
function listingAll(
  plain: PlainPolicy,
  definition: AnyDefinition,
  values: readonly Scalar[],
): AnyDefinition {
  const relations = Object.entries(definition['relations'] as Readonly<Record<string, Relation>>)
  const complete = relations.map(([name, relation]): [string, Relation] => {
    if (plain.relations.get(name)?.works !== 'always') return [name, relation]
    const list: Relation['list'] = (principal) =>
      values.filter((value) => relatedInFact(plain, name, principal, value) === true)
    return [name, { ...relation, list }]
  })
  return { ...definition, relations: Object.fromEntries(complete) }
}

/** A question about an action that some rule is about; most often one that is not answered for all rows alike. */
async function createListQuestion(random: Random, defined: DefinedPolicy): Promise<PlainQuestion> {
  const { plain, policy } = defined
  let question: PlainQuestion
  let attempts = 5
  do {
    const { type, actions } = random.pick(plain.rules)
    const drawn = withOtherValues(
      random,
      createQuestion(random, plain, { wrong: 0.05, granted: 0.95 }),
    )
    question = { ...drawn, type, action: random.pick(actions), resource: undefined }
  } while ((await policy.filter(asked(defined, question))).kind !== 'where' && --attempts > 0)
  return question
}

interface Outcome {
  readonly question: PlainQuestion
  readonly filter: Filter
  readonly permitted: number
  readonly difference: string | null
  readonly sql?: SqlCondition
}

async function compareRows(
  table: RowTable,
  defined: DefinedPolicy,
  question: PlainQuestion,
): Promise<Outcome> {
  const attributes: ReadonlyMap<string, AttributeKind> =
    defined.plain.types.get(question.type)?.attributes ?? new Map()
  const columns = columnsFor(attributes, table.columns)
  const resources = table.rows.map((row) => resourceOf(row, columns))
  const { resource: _, ...about } = asked(defined, question)
  const asking = defined.policy.for(about)
  const filter = await asking.filter(about)
  const decisions: PolicyDecision[] = await Promise.all(
    // Random objects are not what was declared; nor is every row of a database.
    resources.map((resource) =>
      asking.decide({ ...about, resource: resource as ObjectOf<Attributes> }),
    ),
  )
  const accepted = indexesOf(decisions, ({ kind }) => kind === 'permitted')
  const outcome = { question, filter, permitted: accepted.length }
  if (filter.kind === 'scope' || filter.kind === 'unavailable') {
    const isRight =
      filter.kind === 'scope'
        ? decisions.every(({ kind }) => kind === 'scope')
        : [...defined.plain.relations.values()].some(({ works }) => works !== 'always')
    return { ...outcome, difference: isRight ? null : 'the kind' }
  }
  if (decisions.some(({ kind }) => kind === 'scope')) return { ...outcome, difference: 'the kind' }
  const test = toPredicate(filter)
  const tested = indexesOf(resources, test)
  if (!same(tested, accepted))
    return { ...outcome, difference: describe(tested, accepted, resources) }
  const names = Object.fromEntries([...columns].map(([name, column]) => [name, toldOf(column)]))
  const offset = table.dialect === 'postgres' ? 1 : 0
  const sql = toSql(filter, { dialect: table.dialect, columns: names, offset })
  const selected = await table.select(sql)
  const expected = accepted.filter(
    (row) =>
      selected.includes(row) ||
      ![...columns.values()].some(({ name }) => table.mayLeaveOut(row, name)),
  )
  if (same(selected, expected)) return { ...outcome, difference: null }
  return { ...outcome, sql, difference: describe(selected, expected, resources) }
}

function toldOf({ name, type }: Column): string | SqlColumn {
  return type === undefined ? name : { name, type }
}

function indexesOf<One>(list: readonly One[], test: (one: One) => boolean): readonly number[] {
  return list.flatMap((one, index) => (test(one) ? [index] : []))
}

function same(one: readonly number[], other: readonly number[]): boolean {
  return one.length === other.length && one.every((value, index) => value === other[index])
}

function describe(
  found: readonly number[],
  accepted: readonly number[],
  resources: readonly object[],
): string {
  const more = found.filter((index) => !accepted.includes(index))
  const fewer = accepted.filter((index) => !found.includes(index))
  const shown = (indexes: readonly number[]) =>
    JSON.stringify(indexes.slice(0, 2).map((index) => resources[index]))
  return `${more.length} too many ${shown(more)}, ${fewer.length} too few ${shown(fewer)}`
}

const SHAPE = {
  leaves: ['in', 'in', 'exists', 'role', 'relation', 'relation', 'always', 'never'],
  relationsAsked: ['list', 'both', 'both'],
} as const

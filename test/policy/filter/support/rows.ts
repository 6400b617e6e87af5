import type { AttributeKind } from '../../../../src/policy/condition/attributes.js'
import type { SqlColumnType } from '../../../../src/policy/filter/sql/sql-writer.js'
import { createRandom, type Random } from '../../../fuzz/random.js'

/** A table whose columns any policy can use: some for each kind, declared in all the ways that a database knows. */
export interface Column {
  readonly name: string
  readonly kind: 'string' | 'number' | 'boolean' | 'strings'
  readonly declared: string
  /** What `toSql` is told of it besides its name. */
  readonly type?: SqlColumnType
}

/** Which column holds each attribute, none for two. */
export function columnsFor(
  attributes: ReadonlyMap<string, AttributeKind>,
  columns: readonly Column[],
): ReadonlyMap<string, Column> {
  const left = [...columns]
  const chosen = new Map<string, Column>()
  for (const [name, kind] of attributes) {
    const base = typeof kind === 'string' ? kind.replace('?', '') : 'string'
    const index = left.findIndex((column) => column.kind === base)
    const [column] = index < 0 ? [] : left.splice(index, 1)
    if (column === undefined) throw new Error(`no column is left for ${name}`)
    chosen.set(name, column)
  }
  return chosen
}

/** A row as `decide` is given it: what was read, under the names of the attributes. */
export function resourceOf(
  row: Readonly<Record<string, unknown>>,
  columns: ReadonlyMap<string, Column>,
): object {
  return Object.fromEntries([...columns].map(([name, column]) => [name, row[column.name]]))
}

/** Values for as many rows. What policies name is frequent; `wrong` is what a column holds otherwise. */
export function randomRows(
  seed: number,
  count: number,
  columns: readonly Column[],
  wrong: (column: Column) => readonly unknown[],
): readonly (readonly unknown[])[] {
  const random = createRandom(seed)
  return Array.from({ length: count }, () =>
    columns.map((column, index) => {
      // Little that is permitted would be left if much of a row were wrong.
      if (random.chance(0.04)) return null
      const others = wrong(column)
      if (random.chance(0.08) && others.length > 0) return others[random.below(others.length)]
      // The second text is the tenant, where there is one.
      return index === 1 && random.chance(0.7) ? 'a' : rightValue(random, column)
    }),
  )
}

function rightValue(random: Random, column: Column): unknown {
  switch (column.kind) {
    case 'string':
      return random.pick(column.type === 'uuid' ? UUIDS : column.type === 'enum' ? MEMBERS : TEXTS)
    case 'number':
      return random.pick(numbersFor(column))
    case 'boolean':
      return random.chance(0.5)
    case 'strings':
      return TEXTS.filter(() => random.chance(0.1))
  }
}

function numbersFor({ declared }: Column): readonly number[] {
  return declared === 'integer' || declared === 'bigint' ? INTEGERS : NUMBERS
}

export const MEMBERS = ['a', 'b', '', 'constructor', '__proto__', 'A', "it's"]
const UUIDS = [
  '00000000-0000-4000-8000-000000000000',
  '018f3a9e-7c5b-7d2a-9b1e-aabbccddeeff',
  'ffffffff-ffff-ffff-ffff-ffffffffffff',
]
/** Texts of rows, and of those who ask. */
export const TEXTS = [
  ...['a', 'a', 'b', 'b', '', '', 'constructor', 'constructor', '__proto__', '__proto__'],
  ...[
    'A',
    'B',
    'a ',
    ' a',
    '0',
    '1',
    '5e3',
    'null',
    "'",
    '"',
    '%',
    '\\',
    '{a,b}',
    '["a"]',
    'é',
    'é',
  ],
  ...['\u{1f600}', '\ufffd', '\n', 'NaN', 'true', "a' or 1 = 1 --"],
]
/** Texts of those who ask, and of rows where a database takes them. */
export const UNSTORABLE = [
  'a\0',
  '\0',
  '\0a',
  'a\0b',
  '\ud800',
  '\udfff',
  'a\u{1f600}\ud83d',
  '\\\0',
]
const INTEGERS = [0, 0, 1, 1, -1, 2, -2, 2_147_483_647]
const NUMBERS = [...INTEGERS, -0, 0.5, 0.5, 1.5, -0.5, Number.MIN_VALUE, 1e300, Number.MAX_VALUE]

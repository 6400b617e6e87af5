import { afterAll, describe, expect, test } from 'vitest'
import type { Scalar } from '../../../src/policy/condition/condition.js'
import { definePolicy } from '../../../src/policy/define-policy.js'
import type { RowFilter } from '../../../src/policy/filter/filter.js'
import { type SqlOptions, toSql } from '../../../src/policy/filter/sql/to-sql.js'
import type { Where, WhereAttribute } from '../../../src/policy/filter/where.js'
import { defineScopes } from '../../../src/scope/define-scopes.js'
import { aSchema, dropSchema, findPostgres, POSTGRES_CLIENTS } from '../../support/postgres.js'
import { sqliteClients } from '../../support/sqlite.js'

const attribute = (name: string, holds: WhereAttribute['holds'] = 'string'): WhereAttribute => ({
  kind: 'attribute',
  of: 'resource',
  name,
  holds,
})
const eq = (left: WhereAttribute, value: Scalar): Where => ({
  kind: 'eq',
  left,
  right: { kind: 'value', value },
})
const oneOf = (item: WhereAttribute, values: readonly Scalar[]): Where => ({
  kind: 'in',
  item,
  list: { kind: 'list', values },
})
const has = (list: WhereAttribute, value: string): Where => ({
  kind: 'in',
  item: { kind: 'value', value },
  list,
})
const not = (part: Where): Where => ({ kind: 'not', part }) as Where // of `in` and `exists` only
const rows = (where: Where): RowFilter => ({ kind: 'where', where, version: '' })

describe('the text', () => {
  const state = eq(attribute('state'), 'live')

  test('has no value in it, and each name in quotes', () => {
    expect(toSql(rows(state), { dialect: 'sqlite' })).toEqual({
      text: "(typeof(`state`) = 'text' and (`state` = ? collate binary))",
      parameters: ['live'],
    })
    expect(toSql(rows(state), { dialect: 'postgres' })).toEqual({
      text: '("state" = $1::text and "state" collate "C" = $1::text)',
      parameters: ['live'],
    })
  })

  test('starts to count where the query has got to', () => {
    const where: Where = { kind: 'allOf', parts: [state, eq(attribute('words', 'number'), 5)] }
    expect(toSql(rows(where), { dialect: 'postgres', offset: 3 }).text).toBe(
      '(("state" = $4::text and "state" collate "C" = $4::text) and ("words" = $5::double precision))',
    )
  })

  test('names columns as the caller does, and their table', () => {
    const columns = { state: 'post "state"' }
    expect(toSql(rows(state), { dialect: 'postgres', table: 'p', columns }).text).toBe(
      '("p"."post ""state""" = $1::text and "p"."post ""state""" collate "C" = $1::text)',
    )
    const inherited = rows(eq(attribute('constructor'), 'x'))
    expect(toSql(inherited, { dialect: 'postgres', columns: {} }).text).toContain('"constructor"')
    const strange = rows(eq(attribute('a`b'), 'x'))
    expect(toSql(strange, { dialect: 'sqlite' }).text).toContain('`a``b`')
  })

  test('casts columns of other types in PostgreSQL, so that an index serves where there can be one', () => {
    const columns = { state: { name: 's', type: 'enum' } } as const
    expect(toSql(rows(state), { dialect: 'postgres', columns }).text).toBe(
      '("s"::text = $1::text and "s"::text collate "C" = $1::text)',
    )
    expect(toSql(rows(state), { dialect: 'sqlite', columns }).text).toContain('`s` = ?')
    const id = rows(oneOf(attribute('id'), [A_UUID, 'no uuid', A_UUID.toUpperCase()]))
    expect(toSql(id, { dialect: 'postgres', columns: { id: { type: 'uuid' } } })).toEqual({
      text: '("id" = $1::uuid)',
      parameters: [A_UUID],
    })
    const size = rows(oneOf(attribute('size', 'number'), [5, 0.5, 2 ** 53]))
    expect(toSql(size, { dialect: 'postgres', columns: { size: { type: 'integer' } } })).toEqual({
      text: '("size" = $1::bigint or "size" = $2::double precision)',
      parameters: [5, 2 ** 53],
    })
  })

  test('is a constant for all and for none', () => {
    for (const dialect of ['sqlite', 'postgres'] as const) {
      expect(toSql({ kind: 'all', version: '' }, { dialect }).text).toBe('true')
      expect(toSql({ kind: 'none', version: '' }, { dialect }).text).toBe('false')
    }
  })

  test.each([
    [{ dialect: 'mysql' as 'sqlite' }, /dialect/],
    [{ dialect: 'postgres', offset: -1 }, /offset/],
    [{ dialect: 'postgres', table: '' }, /named/],
    [{ dialect: 'sqlite', columns: { state: 'a\0b' } }, /named/],
    // PostgreSQL would look for a column of 63 bytes.
    [{ dialect: 'postgres', columns: { state: 'é'.repeat(32) } }, /longer/],
    [{ dialect: 'postgres', offset: 65_535 }, /65535 parameters/],
    [{ dialect: 'postgres', columns: { state: { type: 'integer' } } }, /not kept in .* integer/],
    [{ dialect: 'postgres', columns: { state: { type: 'jsonb' as 'uuid' } } }, /uuid, enum or/],
  ] as const)('is not written with %j', (options, message) => {
    expect(() => toSql(rows(state), options)).toThrow(
      expect.objectContaining({ code: 'option_invalid', message: expect.stringMatching(message) }),
    )
  })

  test.each([
    [null, /plain object/],
    ['state', /plain object/],
    [{ state: null }, /columns.state/],
    [{ state: 5 }, /columns.state/],
    [{ state: ['state'] }, /columns.state/],
    [{ state: {} }, /uuid, enum or integer/],
    [{ state: { type: 'text' } }, /uuid, enum or integer/],
    [{ state: { name: null, type: 'enum' } }, /name of column 'state'/],
    [{ state: { nam: 's', type: 'enum' } }, /no 'nam'/],
    // Not asked here, but named.
    [{ words: '' }, /named by a text/],
    [{ stat: 'state_id' }, /'stat', which is no attribute/],
    [JSON.parse('{ "__proto__": "evil" }') as object, /'__proto__', which is no attribute/],
  ])('is not written with columns %j in any database', (columns, message) => {
    const filter: RowFilter = { ...rows(state), attributes: ['state', 'words'] } as RowFilter // of kind `where`
    const given = columns as Readonly<Record<string, string>> // what types forbid
    for (const dialect of ['sqlite', 'postgres'] as const) {
      expect(() => toSql(filter, { dialect, columns: given })).toThrow(
        expect.objectContaining({
          code: 'option_invalid',
          message: expect.stringMatching(message) as unknown,
        }),
      )
    }
  })

  test('of a filter that a policy made names columns of its type’s attributes, used or not', async () => {
    const scopes = defineScopes({ resources: { posts: ['read'] } })
    const policy = definePolicy(scopes, {
      types: { post: { attributes: { state: 'string', author: 'string' } } },
      rules: ({ on }) => [on('post').allow('live', 'posts:read', (post) => post.state.eq('live'))],
    })
    const about = { principal: {}, grant: 'undelegated', action: 'posts:read' } as const
    const filter = await policy.filter({ ...about, type: 'post' })
    if (filter.kind !== 'where') throw new Error(filter.kind)
    const written = (columns: Readonly<Record<string, string>>) =>
      toSql(filter, { dialect: 'sqlite', columns }).text
    expect(written({ state: 's', author: 'a' })).toContain('`s` = ?')
    expect(() => written({ autor: 'author_id' })).toThrow(/'autor', which is no attribute/)
  })

  test('of a long list has one parameter, of fractions in SQLite one each, up to its limit', () => {
    const many = Array.from({ length: 100_000 }, (_, index) => index)
    const id = attribute('id', 'number')
    for (const dialect of ['sqlite', 'postgres'] as const) {
      expect(toSql(rows(oneOf(id, many)), { dialect }).parameters).toHaveLength(1)
    }
    const fractions = many.map((number) => number + 0.5)
    expect(toSql(rows(oneOf(id, fractions)), { dialect: 'postgres' }).parameters).toHaveLength(1)
    expect(() => toSql(rows(oneOf(id, fractions)), { dialect: 'sqlite' })).toThrow(/32766/)
  })
})

const A_UUID = '018f3a9e-7c5b-7d2a-9b1e-aabbccddeeff'

/** Both databases with the same table, asked for the ids of rows. */
interface Asked {
  ids(where: Where): Promise<readonly number[]>
}

const HOSTILE = `x' or "1"=1 -- \\ \`;`
const TEXTS = ['alice', 'Alice', '', HOSTILE, '\ufffd', 'é', 'e\u0301', null]

async function describeRows(name: string, open: () => Promise<Asked>): Promise<void> {
  describe(name, async () => {
    const { ids } = await open()

    test('finds a text by its code units only', async () => {
      const text = attribute('a`"b')
      expect(await ids(eq(text, 'alice'))).toEqual([1])
      expect(await ids(eq(text, HOSTILE))).toEqual([4])
      expect(await ids(eq(text, 'é'))).toEqual([6])
      expect(await ids(oneOf(text, ['alice', '', 'nobody']))).toEqual([1, 3])
      expect(await ids(not(oneOf(text, ['alice', HOSTILE])))).toEqual([2, 3, 5, 6, 7])
      expect(
        await ids({ kind: 'ne', left: text, right: { kind: 'value', value: 'alice' } }),
      ).toEqual([2, 3, 4, 5, 6, 7])
    })

    test('takes a text that it cannot hold for none of its own', async () => {
      const text = attribute('a`"b')
      for (const value of ['\ud800', 'alice\0', '\0']) {
        expect(await ids(eq(text, value))).toEqual([])
        expect(await ids(oneOf(text, [value, 'alice']))).toEqual([1])
        expect(await ids(not(oneOf(text, [value, 'alice'])))).toEqual([2, 3, 4, 5, 6, 7])
        expect(await ids({ kind: 'ne', left: text, right: { kind: 'value', value } })).toHaveLength(
          7,
        )
        expect(await ids(has(attribute('value', 'strings'), value))).toEqual([])
        expect(await ids(not(has(attribute('value', 'strings'), value)))).toHaveLength(8)
      }
      expect(await ids({ kind: 'exists', attribute: attribute('a`"b', ['\ud800']) })).toEqual([])
    })

    test('finds a text in a list, also in a column that is named as one of its own functions has it', async () => {
      const list = attribute('value', 'strings')
      expect(await ids(has(list, 'alice'))).toEqual([1])
      expect(await ids(has(list, HOSTILE))).toEqual([4])
      expect(await ids({ kind: 'in', item: attribute('a`"b'), list })).toEqual([
        1, 2, 3, 4, 5, 6, 7,
      ])
    })

    test('finds what is not there', async () => {
      const absent = (of: WhereAttribute): Where => not({ kind: 'exists', attribute: of })
      expect(await ids(absent(attribute('a`"b')))).toEqual([8])
      expect(await ids(absent(attribute('value', 'strings')))).toEqual([])
    })

    test('rounds integers as they are read', async () => {
      const big = attribute('big', 'number')
      expect(await ids(eq(big, 2 ** 53))).toEqual([1, 2, 3, 4, 5, 6, 7, 8])
      expect(
        await ids({ kind: 'gt', left: big, right: { kind: 'value', value: 2 ** 53 } }),
      ).toEqual([])
    })

    test('takes a chain of three thousand parts', async () => {
      const text = attribute('a`"b')
      const parts = Array.from({ length: 3_000 }, (_, index) =>
        eq(text, index === 2_999 ? 'alice' : `${index}`),
      )
      expect(await ids({ kind: 'anyOf', parts })).toEqual([1])
    })

    test('takes a list of a hundred thousand', async () => {
      const many = Array.from({ length: 100_000 }, (_, index) => `user ${index}`)
      expect(await ids(oneOf(attribute('a`"b'), [...many, 'alice']))).toEqual([1])
    })
  })
}

for (const { name, open } of sqliteClients) {
  await describeRows(`SQLite by ${name}`, async () => {
    const database = open(':memory:')
    database.exec(
      'create table things (id integer primary key, `a``"b` text, `value` text, `big` integer)',
    )
    const insert = database.prepare(
      'insert into things (`a``"b`, `value`, `big`) values (?, ?, 9007199254740993) returning id',
    )
    for (const text of TEXTS) insert.all(text, JSON.stringify(text === null ? [] : [text]))
    return {
      async ids(where) {
        const { text, parameters } = toSql(rows(where), { dialect: 'sqlite' })
        const found = database
          .prepare(`select id from things where ${text} order by id`)
          .all(...parameters)
        return found.map((row) => (row as { readonly id: number }).id)
      },
    }
  })
}

/** As the second argument of `cast`, for what clients cut off, or replace, or fail of. */
const bytes = (text: string) => `cast(x'${Buffer.from(text, 'latin1').toString('hex')}' as text)`
const HALF = '\xed\xa0\x80'

test.each(sqliteClients)(
  'nothing that is negated is true of a text that clients read otherwise, for $name',
  ({ open }) => {
    const database = open(':memory:')
    const texts = [`'eve'`, bytes('eve\0x'), bytes('\0'), bytes(HALF), bytes('\xef\xbf\xbd')]
    const lists = ['[]', '["eve"]', '["eve\\u0000x"]', '["\\ud800"]', '["\\uD800","bob"]']
    const table = `(with texts(text) as (values ${texts.map((text) => `(${text})`).join()}),
    lists(list) as (values ${lists.map((list) => `('${list}')`).join()}, (${bytes('["eve"]\0')}), (${bytes(`["${HALF}"]`)}), ('["\\\\u0000"]'))
    select row_number() over () as id, * from texts, lists)`
    const found = (where: Where, what: string): readonly unknown[] => {
      const { text, parameters } = toSql(rows(where), { dialect: 'sqlite' })
      return database
        .prepare(`select distinct ${what} as found from ${table} where ${text} order by id`)
        .all(...parameters)
        .map((row) => (row as { readonly found: unknown }).found) // the column that was asked for
    }
    const [text, list] = [attribute('text'), attribute('list', 'strings')]
    const ne = (value: string): Where => ({ ...eq(text, value), kind: 'ne' }) as Where // a comparison still
    const [eve, replaced] = ['657665', 'EFBFBD']
    expect(found(ne('bob'), 'hex(text)')).toEqual([eve, replaced])
    expect(found(ne('eve'), 'hex(text)')).toEqual([replaced])
    for (const value of ['eve\0x', '\0', '\ud800']) {
      expect(found(eq(text, value), 'hex(text)')).toEqual([])
      expect(found(ne(value), 'hex(text)')).toEqual([eve, replaced])
      expect(found(not(oneOf(text, [value, 'eve'])), 'hex(text)')).toEqual([replaced])
      expect(found(has(list, value), 'list')).toEqual([])
      // Of these two it is certain.
      expect(found(not(has(list, value)), 'list')).toEqual(['[]', '["eve"]', '["\\\\u0000"]'])
    }
    expect(found(has(list, 'eve'), 'list')).toEqual(['["eve"]'])
    expect(found(not(has(list, 'eve')), 'list')).toEqual([
      '[]',
      '["\\ud800"]',
      '["\\uD800","bob"]',
      '["\\\\u0000"]',
    ])
    const inList: Where = { kind: 'in', item: text, list }
    expect(found(inList, 'hex(text)')).toEqual([eve])
    expect(found(not(inList), 'hex(text)')).toEqual([eve, replaced])
    const twice: Where = { kind: 'ne', left: text, right: attribute('list') }
    expect(found(twice, 'hex(text)')).toEqual([eve, replaced])
  },
)

test.each(sqliteClients)('a list that JSON says is null is not there, for $name', ({ open }) => {
  const database = open(':memory:')
  const found = (where: Where): readonly unknown[] => {
    const { text, parameters } = toSql(rows(where), { dialect: 'sqlite' })
    const texts = `values (null), ('null'), ('[]'), ('["a"]'), ('[null]'), ('5'), ('nul'), (5)`
    const table = `(select column1 as list, row_number() over () as id from (${texts}))`
    return database
      .prepare(`select id from ${table} where ${text} order by id`)
      .all(...parameters)
      .map((row) => (row as { readonly id: number }).id) // the column that was asked for
  }
  const exists = { kind: 'exists', attribute: attribute('list', 'strings') } as const
  expect(found(not(exists))).toEqual([1, 2])
  expect(found(exists)).toEqual([3, 4])
  expect(found(has(exists.attribute, 'a'))).toEqual([4])
  expect(found(not(has(exists.attribute, 'a')))).toEqual([3])
})

const url = await findPostgres()
const endings: (() => Promise<void>)[] = []
afterAll(async () => {
  for (const end of endings) await end()
})
for (const [name, connect] of url === null ? [] : Object.entries(POSTGRES_CLIENTS)) {
  await describeRows(`PostgreSQL by ${name}`, async () => {
    const { query, close } = connect(String(url))
    // The stores hand over texts only; a client takes more.
    const run = query as (text: string, parameters: unknown[]) => Promise<readonly unknown[]>
    const schema = aSchema()
    endings.push(async () => {
      await dropSchema(query, schema)
      await close()
    })
    await run(`create schema "${schema}"`, [])
    await run(
      `create table "${schema}".things (id serial, "a\`""b" text, "value" text[], "big" bigint default 9007199254740993)`,
      [],
    )
    for (const text of TEXTS) {
      await run(`insert into "${schema}".things ("a\`""b", "value") values ($1, $2::text[])`, [
        text,
        text === null ? [] : [text],
      ])
    }
    return {
      async ids(where) {
        const { text, parameters } = toSql(rows(where), { dialect: 'postgres' })
        const found = await run(`select id from "${schema}".things where ${text} order by id`, [
          ...parameters,
        ])
        return found.map((row) => (row as { readonly id: number }).id)
      },
    }
  })
  describe(`PostgreSQL by ${name}`, () => {
    test('compares integers with fractions and with each other as JavaScript does', async () => {
      const { query, close } = connect(String(url))
      const size = attribute('n', 'number')
      const found = async (where: Where, integers: readonly (number | string)[]) => {
        const { text, parameters } = toSql(rows(where), {
          dialect: 'postgres',
          columns: { n: { type: 'integer' } },
        })
        const table = `(select n, '9007199254740992'::bigint as m from unnest('{${integers.join()}}'::bigint[]) as n) as things`
        const answers = await query(
          `select n::text from ${table} where ${text} order by things.n`,
          parameters as string[], // a client takes more than the stores hand over
        )
        return answers.map((row) => Number((row as { readonly n: string }).n)) // the column asked for
      }
      const integers = [-5, -4, 4, 5, 6]
      try {
        for (const value of [4.5, 5, -4.5, 5.5, 2 ** 60]) {
          const right = { kind: 'value', value } as const
          const asked = (kind: 'lt' | 'lte' | 'gt' | 'gte') =>
            found({ kind, left: size, right }, integers)
          expect(await asked('lt')).toEqual(integers.filter((one) => one < value))
          expect(await asked('lte')).toEqual(integers.filter((one) => one <= value))
          expect(await asked('gt')).toEqual(integers.filter((one) => one > value))
          expect(await asked('gte')).toEqual(integers.filter((one) => one >= value))
        }
        const other = attribute('m', 'number')
        const same: Where = { kind: 'eq', left: size, right: other }
        // Read as one number, though they are two integers.
        expect(await found(same, [1, '9007199254740993'])).toEqual([2 ** 53])
      } finally {
        await close()
      }
    })

    test('fails, and finds nothing wrong, where a column is not of its attribute’s type', async () => {
      const { query, close } = connect(String(url))
      const ids = async (
        where: Where,
        columns: SqlOptions['columns'] = {},
      ): Promise<readonly unknown[]> => {
        const { text, parameters } = toSql(rows(where), { dialect: 'postgres', columns })
        const table = `(select '${A_UUID}'::uuid as u, 5::bigint as n, '5'::text as t, true as b) as things`
        return query(`select 1 as found from ${table} where ${text}`, parameters as string[])
      }
      try {
        expect(await ids(eq(attribute('t'), '5'))).toEqual([{ found: 1 }])
        expect(await ids(eq(attribute('u'), A_UUID), { u: { type: 'uuid' } })).toHaveLength(1)
        const size = attribute('n', 'number')
        for (const type of [{}, { n: { type: 'integer' } }] as const) {
          expect(await ids(eq(size, 5), type)).toHaveLength(1)
          const more = { kind: 'gt', left: size, right: { kind: 'value', value: 4.5 } } as const
          expect(await ids(more, type)).toHaveLength(1)
        }
        for (const where of [
          ...[eq(attribute('u'), A_UUID), eq(attribute('n'), '5'), eq(attribute('b'), 'true')],
          ...[eq(attribute('t', 'number'), 5), eq(attribute('b', 'number'), 1)],
          ...[eq(attribute('n', 'boolean'), true), has(attribute('t', 'strings'), '5')],
          ...(['u', 'n', 'b'] as const).map(
            (each): Where => not(oneOf(attribute(each), ['a', 'b'])),
          ),
        ]) {
          await expect(ids(where), JSON.stringify(where)).rejects.toThrow()
        }
      } finally {
        await close()
      }
    })
  })
}

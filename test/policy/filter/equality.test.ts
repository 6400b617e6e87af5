import { describe, expect, test } from 'vitest'
import { findPostgres } from '../../support/postgres.js'
import { sqliteClients } from '../../support/sqlite.js'
import { createPostgresTable } from './support/postgres-table.js'
import { type RowTable, runFilters } from './support/run-filters.js'
import { createSqliteTable } from './support/sqlite-table.js'

/** `npm run filters` asks more of them. */
const RULES = 1_000
const SEED = 20_261_125

const postgres = await findPostgres()
const tables: (readonly [name: string, open: () => RowTable | Promise<RowTable>])[] = [
  ...sqliteClients.map(
    ({ name, open }) =>
      [`SQLite by ${name}`, () => createSqliteTable(open(':memory:'), SEED)] as const,
  ),
  ...(postgres === null
    ? []
    : [['PostgreSQL', () => createPostgresTable(postgres, SEED)] as const]),
]

describe('a list', () => {
  test.each(tables)(
    'shows exactly what points permit, of rows in %s',
    async (_, open) => {
      const table = await open()
      try {
        const report = await runFilters(table, { rules: RULES, seed: SEED })
        expect(report.failure).toBeNull()
        // It would prove little if most were answered without looking at rows, or if they were alike.
        expect(report.kinds.where).toBeGreaterThan(RULES / 2)
        expect(report.kinds.unavailable).toBeGreaterThan(0)
        expect(report.permitted).toBeGreaterThan(report.compared / 5)
        expect(report.permitted).toBeLessThan(report.compared / 2)
      } finally {
        await table.close()
      }
    },
    120_000,
  )
})

/**
 * `npm run filters -- --rules N [--seed S] [--store sqlite|postgres|all]`: makes N random rule sets and asks each about every
 * row of a table in SQLite and in PostgreSQL, in three ways: by `decide`, by the filter as a function, and by one query. Fails
 * with the rule set and the rows if they differ.
 */
import { parseArgs } from 'node:util'
import { createPostgresTable } from '../test/policy/filter/support/postgres-table.js'
import {
  type FilterReport,
  type RowTable,
  runFilters,
} from '../test/policy/filter/support/run-filters.js'
import { createSqliteTable } from '../test/policy/filter/support/sqlite-table.js'
import { findPostgres } from '../test/support/postgres.js'
import { sqliteClients } from '../test/support/sqlite.js'

const { values } = parseArgs({
  options: {
    rules: { type: 'string', default: '1000' },
    seed: { type: 'string', default: '1' },
    store: { type: 'string', default: 'all' },
  },
})
const [rules, seed] = [values.rules, values.seed].map(Number)
if (!['sqlite', 'postgres', 'all'].includes(values.store) || !rules || !Number.isInteger(seed)) {
  console.error('Name a store (sqlite, postgres, all) and whole numbers.')
  process.exit(2)
}

let failed = false
if (values.store !== 'postgres') {
  for (const { name, open } of sqliteClients) {
    await run(`SQLite by ${name}`, createSqliteTable(open(':memory:'), Number(seed)))
  }
}
if (values.store !== 'sqlite') {
  const url = await findPostgres()
  if (url === null) failed = true
  else await run('PostgreSQL', await createPostgresTable(url, Number(seed)))
}
process.exit(failed ? 1 : 0)

async function run(name: string, table: RowTable): Promise<void> {
  const start = performance.now()
  try {
    print(name, await runFilters(table, { rules: Number(rules), seed: Number(seed) }), start)
  } finally {
    await table.close()
  }
}

function print(name: string, report: FilterReport, start: number): void {
  const { kinds, compared, permitted, failure } = report
  const seconds = ((performance.now() - start) / 1_000).toFixed(1)
  console.log(`${name}: ${rules} rule sets, seed ${seed}, in ${seconds} s`)
  console.log(`  filters ${JSON.stringify(kinds)}, rows ${compared}, permitted ${permitted}`)
  if (failure !== null) console.error(failure)
  failed ||= failure !== null
}

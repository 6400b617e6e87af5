/** LISTS: what of many one caller may see, by the policy that decides about each of them. */
import { type Asking, toPredicate } from 'sallyport/policy'
import type { Reply } from './accounts.js'
import type { ScopeName, Types } from './gate.js'

/**
 * Answers with the rows that may be seen. With a database, `toSql` makes the same filter a part of the query.
 *
 * What cannot be told is 503, never a part of the list.
 */
export async function listed(
  permissions: Asking<ScopeName, Types>,
  question: { readonly action: ScopeName; readonly type: keyof Types & string },
  rows: readonly unknown[],
): Promise<Reply> {
  const filter = await permissions.filter(question)
  // The scope was judged before the handler ran.
  if (filter.kind === 'unavailable' || filter.kind === 'scope') return CANNOT_TELL
  return { status: 200, fields: {}, body: rows.filter(toPredicate(filter)) }
}

const CANNOT_TELL: Reply = { status: 503, fields: { 'retry-after': '5' }, body: null }

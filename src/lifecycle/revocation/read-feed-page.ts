import * as z from 'zod/mini'
import { within } from '../../runtime/within.js'
import type { FeedPage, Store } from '../store/store.js'

/** What a mirror of revocations asks of a store. */
export type FeedReader = Pick<Store, 'feed'>

/**
 * One page of a store's feed.
 *
 * @param after where the page before has ended; null for the beginning
 * @throws what the store throws; an Error if it answers with something else, or not in time
 */
export async function readFeedPage(
  store: FeedReader,
  after: string | null,
  timeoutMilliseconds: number,
): Promise<FeedPage> {
  const answer = Promise.resolve(store.feed({ after, limit: PAGE_LENGTH }))
  const waited = await within(timeoutMilliseconds, answer)
  if (waited.kind === 'timed_out') throw new Error('The feed did not answer in time.')
  const page = z.safeParse(PAGE, waited.value)
  if (!page.success) throw new Error("The store's answer to 'feed' is none.")
  return page.data
}

const PAGE_LENGTH = 1_000

const PAGE: z.ZodMiniType<FeedPage> = /* @__PURE__ */ z.object({
  entries: z.array(
    z.object({
      text: z.string(),
      until: z.number(),
      version: z.int().check(/* @__PURE__ */ z.minimum(1)),
    }),
  ),
  cursor: z.string(),
  more: z.boolean(),
})

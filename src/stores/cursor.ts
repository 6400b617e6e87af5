/**
 * Where a feed whose entries are numbered is read on. From its start if the cursor is null, none of ours, or ahead of the
 * feed: data has been lost since it was given, and what the reader has not seen may stand anywhere.
 *
 * @param highest the last number that was given out
 */
export function positionOf(cursor: string | null, highest: number): number {
  if (cursor === null || !/^\d{1,15}$/.test(cursor)) return 0
  const position = Number(cursor)
  return position > highest ? 0 : position
}

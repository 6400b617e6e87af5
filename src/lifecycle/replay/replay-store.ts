/**
 * Remembers what may be used only once: the port that `memoryReplayStore` implements. Several processes that answer for
 * one API need one that they share.
 */
export interface ReplayStore {
  /**
   * Remembers an id, and says whether it was new.
   *
   * INVARIANT: one atomic step. Of any number of calls with one id, at the same time and in any number of processes,
   * exactly one is told true until `until` has passed. An id must never be forgotten earlier, not even for want of room:
   * a store that cannot remember, or cannot tell, must throw or reject. That, a late answer, and anything but true and
   * false count as an outage, answered 503.
   *
   * @param id 43 characters of base64url
   * @param until the last second, since the epoch, in which the id must still be known, if this call is told true. A call
   *   that is told false may name another and changes nothing
   * @param now seconds since the epoch
   */
  remember(id: string, until: number, now: number): boolean | Promise<boolean>
}

import { monotonicMilliseconds } from './clock.js'

/**
 * Starts a span of time that several waits share.
 *
 * @returns how many whole milliseconds of it are left, 1 or more: a wait of its own decides that there are none.
 */
export function timeLeft(milliseconds: number): () => number {
  const end = monotonicMilliseconds() + milliseconds
  return () => Math.max(1, Math.ceil(end - monotonicMilliseconds()))
}

import fc from 'fast-check'
import type { Machine } from '../load-machine.js'
import { histories } from './commands.js'
import { type Played, play } from './history.js'

export interface Histories extends Played {
  histories: number
  /** The smallest history that goes wrong, and how; null if none does. */
  failure: string | null
}

/** Plays so many histories, made from a seed. */
export async function playMany(machine: Machine, count: number, seed: number): Promise<Histories> {
  const total: Histories = { histories: 0, requests: 0, calls: 0, failure: null }
  const property = fc.asyncProperty(histories, async (history) => {
    const played = await play(machine, history)
    total.histories += 1
    total.requests += played.requests
    total.calls += played.calls
  })
  const details = await fc.check(property, { numRuns: count, seed })
  if (details.failed) {
    total.failure = `${fc.defaultReportMessage(details) ?? ''}\n${String(details.errorInstance)}`
  }
  return total
}

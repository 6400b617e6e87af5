import type { Ratio } from '../rounds.js'

/** One part of the comparison: a table, and how its figures stand to what was aimed at. */
export interface Section {
  readonly title: string
  readonly table: string
  readonly targets: readonly Target[]
}

/** One figure that was aimed at. */
export interface Target {
  readonly work: string
  readonly figure: Ratio
  /** In which direction the limit lies, inclusive. */
  readonly wanted: 'at least' | 'at most'
  readonly limit: number
  readonly unit?: 'us' | 'ns' | 'KB'
}

/** Whether a figure is where it was to be. The median counts. */
export function isMet({ figure, wanted, limit }: Target): boolean {
  return wanted === 'at least' ? figure.median >= limit : figure.median <= limit
}

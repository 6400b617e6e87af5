import type { Ratio } from './rounds.js'

/** A ratio with the quartiles around it: `1.08 (1.05-1.12)`. */
export function formatRatio({ median, lower, upper }: Ratio): string {
  return `${shown(median)} (${shown(lower)}-${shown(upper)})`
}

/** A time in microseconds: `12.3 us (11.9-13.0)`. */
export function formatTime({ median, lower, upper }: Ratio): string {
  return `${shown(median)} us (${shown(lower)}-${shown(upper)})`
}

/** Rows of cells, the first of which are the headings, as a Markdown table with aligned columns. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const [headings = [], ...body] = rows
  const widths = headings.map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  )
  const line = (row: readonly string[]): string =>
    `| ${widths.map((width, column) => (row[column] ?? '').padEnd(width)).join(' | ')} |`
  const rule = `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`
  return [line(headings), rule, ...body.map(line)].join('\n')
}

function shown(figure: number): string {
  if (figure >= 99.95) return figure.toFixed(0)
  return figure >= 9.995 ? figure.toFixed(1) : figure.toFixed(2)
}

/** The table that the demo prints: at most 120 columns wide, and nothing cut off. */
import type { PlayedStep, PlayedStory } from './play.js'

export interface Paint {
  ok(text: string): string
  failed(text: string): string
  title(text: string): string
}

export const PLAIN: Paint = { ok: same, failed: same, title: same }

export const COLOURED: Paint = {
  ok: (text) => `\u001b[32m${text}\u001b[39m`,
  failed: (text) => `\u001b[31m${text}\u001b[39m`,
  title: (text) => `\u001b[1m${text}\u001b[22m`,
}

export function tableOf({ framework, origin, chapters }: PlayedStory, paint: Paint): string[] {
  return [
    paint.title(`${framework} on ${origin}`),
    ...linesOf('', [['request'], ['status'], ['challenge'], ['why']]),
    ...chapters.flatMap(({ title, steps }) => [
      '',
      paint.title(`     ${title}`),
      ...steps.flatMap((played) => rowOf(played, paint)),
    ]),
    '',
  ]
}

function rowOf({ step, answer, faults }: PlayedStep, paint: Paint): string[] {
  const isRight = faults.length === 0
  const { status, challenges, retryAfter, why, leaked } = answer
  const [first = '', ...others] = linesOf(isRight ? 'ok' : 'FAIL', [
    [`${step.method} ${step.path}, ${step.sent}`],
    [String(status)],
    [...challenges, ...(retryAfter === '' ? [] : [`Retry-After: ${retryAfter}`])],
    [why, ...(leaked ? ['leak reported'] : [])],
  ])
  return [
    isRight ? paint.ok(first.slice(0, MARK)) + first.slice(MARK) : paint.failed(first),
    ...others,
    ...faults.map((fault) => paint.failed(`${' '.repeat(MARK)}${fault}`)),
  ]
}

/** The lines of a row whose cells may have several lines each; what is too long goes on in the next one. */
function linesOf(mark: string, cells: readonly (readonly string[])[]): string[] {
  const wrapped = cells.map((cell, column) => cell.flatMap((text) => wrap(text, widthOf(column))))
  const height = Math.max(...wrapped.map(({ length }) => length))
  return Array.from({ length: height }, (_, row) => {
    const texts = wrapped.map((cell, column) => (cell[row] ?? '').padEnd(widthOf(column)))
    return `${(row === 0 ? mark : '').padEnd(MARK)}${texts.join(' ')}`.trimEnd()
  })
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  let rest = text
  while (rest.length > width) {
    const space = rest.lastIndexOf(' ', width)
    const end = space > INDENT.length ? space : width
    lines.push(rest.slice(0, end))
    rest = INDENT + rest.slice(end).trimStart()
  }
  return [...lines, rest]
}

function widthOf(column: number): number {
  return WIDTHS[column] ?? 0
}

function same(text: string): string {
  return text
}

/** Columns: the mark, then request, status, challenge and why with a space between; 120 in all. */
const MARK = 5
const INDENT = '  '
const WIDTHS = [36, 6, 45, 25]

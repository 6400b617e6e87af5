import { printable } from '../../shared/printable.js'
import type { MatrixCell, PolicyMatrix } from './policy-matrix.js'

/**
 * A matrix as a table in Markdown: a line for each action on a type, a column for each role. Ends without a line feed.
 *
 * Names are code, each within backticks and as a whole: none can end a cell, begin a line, be read as markup, become a link or
 * a mention, or look like the words between names. Whatever is not printable ASCII, and backslash, backtick and pipe, is
 * escaped as in JSON, so that two names never look the same.
 */
export function renderMatrix({ roles, cells }: PolicyMatrix): string {
  const header = [
    'action',
    'type',
    ...roles.map((role) => (role === null ? 'everybody' : shown(role))),
  ]
  const lines = new Map<string, MatrixCell[]>()
  for (const cell of cells) {
    const key = JSON.stringify([cell.type, cell.action])
    lines.set(key, [...(lines.get(key) ?? []), cell])
  }
  const rows = [...lines.values()].map((line) => [
    shown(line[0]?.action ?? ''),
    shown(line[0]?.type ?? ''),
    ...line.map(cellText),
  ])
  return [header, header.map(() => '---'), ...rows]
    .map((row) => `| ${row.join(' | ')} |`)
    .join('\n')
}

/** ``depends: `authors edit`; not: `live is frozen` `` */
function cellText({ may, allows, denies }: MatrixCell): string {
  if (may === 'never' || may === 'always') return may
  const not = denies.length > 0 ? `; not: ${denies.map(shown).join(', ')}` : ''
  return `${may === 'depends' ? 'depends' : 'not proved'}: ${allows.map(shown).join(', ')}${not}`
}

function shown(text: string): string {
  const escaped = printable(text, text.length).replace(
    /[`|]/g,
    (mark) => `\\u00${mark.charCodeAt(0).toString(16)}`,
  )
  // Nothing between backticks would be no code; two spaces are taken for one on each side of nothing.
  return escaped === '' ? '` `' : `\`${escaped}\``
}

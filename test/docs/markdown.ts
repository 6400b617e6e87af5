/** Reads pages as the tests of the docs need them: sections, table rows, links and names in code. */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { root } from '../house/house.js'

/** Every page of the repository that is for readers: the Markdown files at the root, and those below `docs`. */
export function pagesOfDocs(): readonly string[] {
  const atRoot = readdirSync(root).filter((name) => name.endsWith('.md'))
  const below = readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.md') && !path.includes('node_modules'))
    .map((path) =>
      relative(root, join(root, 'docs', path))
        .split(sep)
        .join('/'),
    )
  return [...atRoot, ...below].sort()
}

export function readPage(path: string): string {
  return readFileSync(join(root, path), 'utf8')
}

/** The text below each `##` heading, by the heading. */
export function sectionsOf(text: string): ReadonlyMap<string, string> {
  const [, ...parts] = withoutFences(text).split(/^## /m)
  return new Map(
    parts.map((part) => {
      const end = part.indexOf('\n')
      return [part.slice(0, end).trim(), part.slice(end + 1)]
    }),
  )
}

/** The cells of each row of each table, headings and rules left out. */
export function rowsOf(text: string): readonly (readonly string[])[] {
  return withoutFences(text)
    .split('\n')
    .filter((line, index, lines) => line.startsWith('|') && !isHead(line, lines[index + 1]))
    .map((line) =>
      line
        .slice(1, line.lastIndexOf('|'))
        .split('|')
        .map((cell) => cell.trim()),
    )
}

/** The name that a cell such as `` `token_expired` `` holds; the cell itself if it is no such name. */
export function codeIn(cell: string): string {
  return cell.startsWith('`') && cell.endsWith('`') ? cell.slice(1, -1) : cell
}

/** The targets of the links that do not leave the repository, as they are written. */
export function linksOf(text: string): readonly string[] {
  return [...withoutFences(text).matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !target.includes('://'))
}

/** The anchors of the headings, as code hosts derive them from the text. */
export function headingsOf(text: string): readonly string[] {
  return [...withoutFences(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  )
}

/** The files of this repository that a text names in code: `` `src/gate.ts` ``. */
export function filesNamedIn(text: string): readonly string[] {
  return [...withoutFences(text).matchAll(/`((?:src|test|docs|scripts|runtimes)\/[\w./-]+)`/g)].map(
    ([, path = '']) => path,
  )
}

function withoutFences(text: string): string {
  return text.replace(/^```[^\n]*\n[\s\S]*?^```$/gm, '')
}

function isHead(line: string, next: string | undefined): boolean {
  return isRule(line) || (next !== undefined && isRule(next))
}

function isRule(line: string): boolean {
  return /^\|[\s|:-]+\|$/.test(line)
}

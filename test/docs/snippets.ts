/** The code that readers copy: fences of Markdown pages and `@example`s of docstrings, with the place of each. */
import ts from 'typescript'
import { parse, walk } from '../house/house.js'

export interface Snippet {
  readonly page: string
  /** The line of the page that holds the snippet's first line of code, from 1. */
  readonly line: number
  readonly code: string
  /** Code of the same page that comes before it: the snippet reads on from there. */
  readonly before: string
  /** The name in its mark, e.g. `gate.ts`: other snippets of the page import it as `./gate.js`. */
  readonly file: string | null
}

export interface Page {
  readonly snippets: readonly Snippet[]
  /** What is wrong with the fences themselves. */
  readonly problems: readonly string[]
}

/**
 * The TypeScript of a Markdown page. A fence stands for itself, or, marked `ts continued`, reads on from the fence
 * before it. Marked `ts [gate.ts]` it is a file beside the other snippets of its page. `ts nocheck: <why>` leaves a
 * fence out.
 */
export function snippetsOfMarkdown(page: string, text: string): Page {
  const snippets: Snippet[] = []
  const problems: string[] = []
  for (const fence of fencesOf(text)) {
    const [language = '', ...words] = fence.info.split(/\s+/)
    if (!TYPESCRIPT.has(language)) continue
    const mark = words.join(' ')
    const previous = snippets.at(-1)
    if (mark.startsWith('nocheck: ')) continue
    if (mark === 'continued' && previous !== undefined) {
      const before = `${previous.before}${previous.code}`
      snippets.push({ page, line: fence.line, code: fence.code, before, file: null })
    } else if (mark === '' || FILE_NAME.test(mark)) {
      const file = mark === '' ? null : mark.slice(1, -1)
      if (file !== null && snippets.some((other) => other.file === file)) {
        problems.push(`${page}:${fence.line - 1}: the page has two files ${file}`)
      }
      snippets.push({ page, line: fence.line, code: fence.code, before: '', file })
    } else {
      problems.push(`${page}:${fence.line - 1}: nobody knows the mark "${mark}"`)
    }
  }
  return { snippets, problems }
}

/** The `@example`s of a source file, fenced or bare. */
export function snippetsOfSource(page: string, text: string): readonly Snippet[] {
  const file = parse(page, text)
  const found = new Map<number, Snippet>()
  walk(file, (node) => {
    for (const tag of ts.getJSDocTags(node)) {
      if (tag.tagName.text !== 'example' || found.has(tag.pos)) continue
      const comment = ts.getTextOfJSDocComment(tag.comment) ?? ''
      const { line } = file.getLineAndCharacterOfPosition(tag.pos)
      const code = comment.includes('```')
        ? fencesOf(comment)
            .map((fence) => fence.code)
            .join('')
        : `${comment}\n`
      found.set(tag.pos, { page, line: line + 2, code, before: '', file: null })
    }
  })
  return [...found.values()]
}

interface Fence {
  readonly info: string
  readonly line: number
  readonly code: string
}

function fencesOf(text: string): readonly Fence[] {
  const fences: Fence[] = []
  let open: { readonly mark: string; readonly info: string; readonly line: number } | null = null
  let code: string[] = []
  for (const [index, line] of text.split('\n').entries()) {
    const trimmed = line.trim()
    if (open !== null && trimmed === open.mark) {
      fences.push({ info: open.info, line: open.line, code: code.map((it) => `${it}\n`).join('') })
      open = null
    } else if (open !== null) {
      code.push(line)
    } else if (trimmed.startsWith('```')) {
      const mark = '`'.repeat(trimmed.length - trimmed.replace(/^`+/, '').length)
      open = { mark, info: trimmed.slice(mark.length).trim(), line: index + 2 }
      code = []
    }
  }
  return fences
}

const TYPESCRIPT: ReadonlySet<string> = new Set(['ts', 'typescript', 'mts', 'tsx'])

/** A documentation site shows `[server.ts]` as the fence's title. */
const FILE_NAME = /^\[[\w./-]+\]$/

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { describe, expect, it } from 'vitest'
import { readHouse, root } from '../house/house.js'
import { complaintsAbout } from './compile.js'
import { type Snippet, snippetsOfMarkdown, snippetsOfSource } from './snippets.js'

const pages = ['README.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs', 'examples'].flatMap((name) =>
  markdownBelow(join(root, name)),
)
const read = pages.map((page) => snippetsOfMarkdown(page, readFileSync(join(root, page), 'utf8')))
const written = read.flatMap(({ snippets }) => snippets)
const documented = [...readHouse()].flatMap(([path, text]) => snippetsOfSource(`src/${path}`, text))

const fence = (code: string, info = 'ts') => `Text.\n\n\`\`\`${info}\n${code}\n\`\`\`\n`
const planted = {
  good: only("import { createGate } from 'sallyport'\nconst make = createGate"),
  untyped: only("const text: string = 'text'\n\nconst size: number = text"),
  unknownName: only("import { openSesame } from 'sallyport'"),
  unknownEntry: only("import { gate } from 'sallyport/sesame'"),
  unfinished: only('const gate = createGate({'),
  continued: snippetsOfMarkdown(
    'page.md',
    `${fence('const first = 1')}${fence('first.length', 'ts continued')}`,
  ).snippets[1] as Snippet, // the page above has two fences
  importing: snippetsOfMarkdown(
    'page.md',
    `${fence('export const one = 1', 'ts [one.ts]')}${fence("import { two } from './one.js'")}`,
  ).snippets,
  example: snippetsOfSource(
    'a.ts',
    '/**\n * Counts.\n *\n * @example\n * const one: string = 1\n */\nexport const a = 1\n',
  )[0] as Snippet, // the source above has one example
}

// One program for all of them, and the first test pays for it.
let complaints: ReadonlyMap<Snippet, readonly string[]> | null = null
const complaintsOf = (snippets: readonly Snippet[]): readonly string[] => {
  complaints ??= complaintsAbout([...written, ...documented, ...Object.values(planted).flat()])
  return snippets.flatMap((snippet) => complaints?.get(snippet) ?? [])
}

describe('every snippet', () => {
  it('of the README and the docs is found', () => {
    expect(pages).toContain('README.md')
    expect(written.length).toBeGreaterThan(0)
  })

  it('is marked in a way that is known', () => {
    expect(read.flatMap(({ problems }) => problems)).toEqual([])
  })

  it('of the pages compiles', { timeout: 120_000 }, () => {
    expect(complaintsOf(written)).toEqual([])
  })

  it('of the docstrings compiles', { timeout: 120_000 }, () => {
    expect(complaintsOf(documented)).toEqual([])
  })
})

describe('the check of snippets', { timeout: 120_000 }, () => {
  it('accepts a snippet that compiles', () => {
    expect(complaintsOf([planted.good])).toEqual([])
  })

  it('notices a wrong type, at its line of the page', () => {
    const [complaint] = complaintsOf([planted.untyped])
    expect(complaint).toMatch(/^page\.md:6: Type 'string' is not assignable/)
  })

  it('notices a name that is not exported', () => {
    expect(complaintsOf([planted.unknownName])[0]).toContain("'openSesame'")
  })

  it('notices an entry that does not exist', () => {
    expect(complaintsOf([planted.unknownEntry])[0]).toContain("'sallyport/sesame'")
  })

  it('notices a syntax error', () => {
    expect(complaintsOf([planted.unfinished])).not.toEqual([])
  })

  it('lets a continued snippet use the one before it, and still names its own line', () => {
    expect(complaintsOf([planted.continued])).toEqual([
      "page.md:9: Property 'length' does not exist on type '1'.",
    ])
  })

  it('lets a snippet import a file of its page, and notices a name that the file lacks', () => {
    expect(complaintsOf(planted.importing)).toEqual([
      `page.md:9: Module '"./one.js"' has no exported member 'two'.`,
    ])
  })

  it('refuses two files of one name on one page', () => {
    const twice = `${fence('export const a = 1', 'ts [a.ts]')}`.repeat(2)
    expect(snippetsOfMarkdown('page.md', twice).problems).toHaveLength(1)
  })

  it('notices a bad example in a docstring', () => {
    expect(complaintsOf([planted.example])).toEqual([
      "a.ts:5: Type 'number' is not assignable to type 'string'.",
    ])
  })

  it('leaves other languages alone, and fences that say why', () => {
    expect(snippetsOfMarkdown('page.md', fence('{', 'json')).snippets).toEqual([])
    const excused = snippetsOfMarkdown('page.md', fence('{', 'ts nocheck: shows an error'))
    expect(excused).toEqual({ snippets: [], problems: [] })
  })

  it.each(['ts nocheck', 'ts nocheck:', 'ts continued', 'ts ignore'])('refuses %s', (info) => {
    expect(snippetsOfMarkdown('page.md', fence('{', info)).problems).toHaveLength(1)
  })
})

function only(code: string): Snippet {
  return snippetsOfMarkdown('page.md', fence(code)).snippets[0] as Snippet // there is one fence
}

function markdownBelow(path: string): readonly string[] {
  if (!existsSync(path)) return []
  if (path.endsWith('.md')) return [relative(root, path).split(sep).join('/')]
  return readdirSync(path, { withFileTypes: true })
    .filter(({ name }) => name !== 'node_modules')
    .filter((entry) => entry.isDirectory() || entry.name.endsWith('.md'))
    .flatMap(({ name }) => markdownBelow(join(path, name)))
}

import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { contractCases } from '../../src/testing/contract/cases.js'
import { dpopCases } from '../../src/testing/contract/dpop.js'
import { parse, readHouse, root, walk } from '../house/house.js'
import {
  codeIn,
  filesNamedIn,
  headingsOf,
  linksOf,
  pagesOfDocs,
  readPage,
  rowsOf,
  sectionsOf,
} from './markdown.js'

const house = readHouse()
const architecture = sectionsOf(readPage('docs/architecture.md'))

describe('every page', () => {
  it.each(pagesOfDocs())('%s links to pages and headings that exist', (page) => {
    expect(linksOf(readPage(page)).flatMap((link) => complaintsAbout(link, page))).toEqual([])
  })

  it.each(pagesOfDocs())('%s names files that exist', (page) => {
    const missing = filesNamedIn(readPage(page)).filter((path) => !existsSync(join(root, path)))
    expect(missing).toEqual([])
  })
})

describe('docs/threats.md', () => {
  const rows = rowsOf(readPage('docs/threats.md'))

  it('has an attack, a defence and a test in each row', () => {
    expect(rows.length).toBeGreaterThan(40)
    expect(rows.filter((row) => row.length !== 3 || row.includes(''))).toEqual([])
  })

  it('points to tests that exist, by file and name', () => {
    const pointers = rows.map(([, , pointer = '']) => pointer)
    expect(pointers.filter((pointer) => !pointsToTest(pointer))).toEqual([])
  })

  it('is checked by a test that notices another file and another name', () => {
    expect(pointsToTest('`test/gate/gate.test.ts`: a mirror that throws: unavailable')).toBe(true)
    expect(pointsToTest('`test/gate/gates.test.ts`: a mirror that throws: unavailable')).toBe(false)
    expect(pointsToTest('`test/gate/gate.test.ts`: a mirror that throws')).toBe(false)
    expect(pointsToTest('a mirror that throws')).toBe(false)
  })
})

describe('docs/architecture.md', () => {
  it('has the steps of gate.ts, in their order and in their words', () => {
    const steps = [...(house.get('gate.ts') ?? '').matchAll(/^ {2,4}\/\/ (\d+) (.*)$/gm)]
    expect(steps).toHaveLength(9)
    const rows = rowsOf(architecture.get('The steps') ?? '')
    expect(rows.map(([number]) => number)).toEqual([...steps.map(([, number]) => number), '10'])
    for (const [index, [, , words = '']] of steps.entries()) {
      expect(words.startsWith(rows[index]?.[1] ?? 'nothing'), words).toBe(true)
    }
  })

  it('has every room of the house, and no other', () => {
    const rooms = new Set([...house.keys()].map((path) => path.replace(/(\/.*|\.ts)$/, '')))
    const listed = rowsOf(architecture.get('The rooms') ?? '').map(([room = '']) => codeIn(room))
    expect(listed.sort()).toEqual([...rooms].filter((room) => !UNLISTED.has(room)).sort())
  })
})

/** The list of public names, and the errors that every room may import, are no rooms. */
const UNLISTED: ReadonlySet<string> = new Set(['index', 'errors'])

function complaintsAbout(link: string, page: string): readonly string[] {
  const [path = '', anchor] = link.split('#')
  const target = path === '' ? join(root, page) : join(root, dirname(page), path)
  if (!existsSync(target)) return [`there is no ${link}`]
  if (anchor === undefined) return []
  return headingsOf(readFileSync(target, 'utf8')).includes(anchor) ? [] : [`no heading ${link}`]
}

/** A pointer is a file in code, a colon, and the name that a test of this file bears in a report. */
function pointsToTest(pointer: string): boolean {
  const [, path, name = ''] = /^`([^`]+)`: (.+)$/.exec(pointer) ?? []
  return path !== undefined && namesOfTests(path).has(name)
}

function namesOfTests(path: string): ReadonlySet<string> {
  const known = NAMES.get(path)
  if (known !== undefined) return known
  const names = new Set<string>()
  if (path.endsWith('.test.ts') && existsSync(join(root, path))) {
    const file = parse(path, readFileSync(join(root, path), 'utf8'))
    walk(file, (node) => {
      if (!ts.isCallExpression(node) || !TESTS.has(rootOf(node.expression))) return
      const [name] = node.arguments
      if (name !== undefined && ts.isStringLiteralLike(name)) names.add(name.text)
    })
    // The cases of the contract are tests of this file, though their names stand elsewhere.
    if (path === 'test/contracts/adapters.test.ts') {
      for (const { name } of [...contractCases(), ...dpopCases()]) names.add(name)
    }
  }
  NAMES.set(path, names)
  return names
}

/** `test` of `test('...')`, `test.each([...])('...')` and the like. */
function rootOf(callee: ts.Expression): string {
  if (ts.isIdentifier(callee)) return callee.text
  if (ts.isPropertyAccessExpression(callee) || ts.isCallExpression(callee)) {
    return rootOf(callee.expression)
  }
  return ''
}

const TESTS: ReadonlySet<string> = new Set(['describe', 'it', 'test'])
const NAMES = new Map<string, ReadonlySet<string>>()

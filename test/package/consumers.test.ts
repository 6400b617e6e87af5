import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Scratch, scratchProject } from './scratch.js'

const source = (name: string) =>
  readFileSync(new URL(`./projects/consumer/${name}`, import.meta.url), 'utf8')
const files = { 'core.ts': source('core.ts'), 'commonjs.cts': source('commonjs.cts') }
let scratch: Scratch

beforeAll(async () => {
  const others = ['@types/node', '@types/express', 'express', 'fastify', 'hono', 'zod']
  scratch = await scratchProject(
    { ...files, 'frameworks.ts': source('frameworks.ts') },
    [...others, 'typescript'],
    // The oldest compiler that we promise our declarations for.
    { 'typescript-5': 'npm:typescript@5.9.3' },
  )
})
afterAll(() => scratch?.remove())

describe.each([
  { compiler: 'typescript', module: 'nodenext', moduleResolution: 'nodenext' },
  { compiler: 'typescript', module: 'esnext', moduleResolution: 'bundler' },
  { compiler: 'typescript-5', module: 'nodenext', moduleResolution: 'nodenext' },
])('declarations under $compiler with $moduleResolution', ({ compiler, ...options }) => {
  it.each([
    ['with', ['ES2022', 'DOM', 'DOM.Iterable']],
    ['without', ['ES2022']],
  ])('are right %s the DOM, every library checked', async (_dom, lib) => {
    const printed = await compile(compiler, { ...options, lib }, ['core.ts', 'frameworks.ts'])
    expect(printed).toBe('')
  })
})

describe('CommonJS', () => {
  it('has types', async () => {
    const options = { module: 'nodenext', moduleResolution: 'nodenext', lib: ['ES2022'] }
    expect(await compile('typescript', options, ['commonjs.cts'])).toBe('')
  })

  it.each([
    'sallyport',
    'sallyport/express',
    'sallyport/fastify',
    'sallyport/hono',
    'sallyport/fetch',
    'sallyport/jwt',
    'sallyport/scope',
    'sallyport/policy',
    'sallyport/remote',
    'sallyport/testing',
  ])('may require %s', async (name) => {
    const print = `console.log(typeof require(${JSON.stringify(name)}))`
    const { code, output } = await scratch.run(process.execPath, '-e', print)
    expect(output).toBe('object\n')
    expect(code).toBe(0)
  })
})

describe('the check of declarations', () => {
  it('notices a wrong type', async () => {
    const options = { module: 'nodenext', moduleResolution: 'nodenext', lib: ['ES2022'] }
    writeFileSync(
      join(scratch.folder, 'wrong.ts'),
      "import { gate } from './core.js'\ngate.open()\n",
    )
    expect(await compile('typescript', options, ['wrong.ts'])).toContain("'open' does not exist")
  })
})

/** What the compiler prints; nothing if all is well. */
async function compile(
  compiler: string,
  options: Readonly<Record<string, unknown>>,
  only: readonly string[],
): Promise<string> {
  const compilerOptions = {
    target: 'ES2022',
    types: ['node'],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
    skipLibCheck: false,
    ...options,
  }
  const config = JSON.stringify({ compilerOptions, files: only })
  writeFileSync(join(scratch.folder, 'tsconfig.json'), config)
  const tsc = join('node_modules', compiler, 'bin', 'tsc')
  const { code, output } = await scratch.run(process.execPath, tsc, '-p', 'tsconfig.json')
  return code === 0 ? output : `${output}exit ${code}`
}

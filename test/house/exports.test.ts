import { existsSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import tsupConfig from '../../tsup.config.js'
import { sourceAliases } from '../../vitest.config.js'
import { changelogProblems } from './changelog.js'
import { readHouse, root } from './house.js'
import { defaultExports } from './platform.js'

const manifest = z
  .object({
    name: z.string(),
    version: z.string(),
    exports: z.record(
      z.string(),
      z.union([z.string(), z.object({ types: z.string(), default: z.string() })]),
    ),
    peerDependencies: z.record(z.string(), z.string()),
    peerDependenciesMeta: z.record(z.string(), z.object({ optional: z.boolean() })),
  })
  .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')))

/** What a user may import, and the output file that package.json gives for it. */
const entries = Object.entries(manifest.exports).flatMap(([subpath, target]) =>
  typeof target === 'string' ? [] : [{ name: manifest.name + subpath.slice(1), ...target }],
)

describe('each entry of package.json', () => {
  it('has types first, and nothing but types and default', () => {
    for (const target of Object.values(manifest.exports)) {
      if (typeof target !== 'string') expect(Object.keys(target)).toEqual(['types', 'default'])
    }
  })

  it('has types and code under one name', () => {
    for (const { types, default: code } of entries) {
      expect(types).toBe(code.replace(/\.js$/, '.d.ts'))
    }
  })

  it('is built by tsup, which builds nothing else', () => {
    const built = Object.entries(z.record(z.string(), z.string()).parse(entryMap()))
    expect(built.map(([name]) => `./dist/${name}.js`).sort()).toEqual(
      entries.map((entry) => entry.default).sort(),
    )
    for (const [name, source] of built) expect(source).toBe(`src/${name}.ts`)
  })

  it('stands for its source in the compiler and in vitest', () => {
    for (const { name, default: code } of entries) {
      const source = sourceOf(code)
      expect(compilerResolves(name), name).toBe(source)
      expect(vitestResolves(name), name).toBe(source)
    }
  })

  it('has a source file', () => {
    for (const entry of entries) expect(existsSync(join(root, sourceOf(entry.default)))).toBe(true)
  })
})

describe('the package', () => {
  it('has frameworks as optional peers only', () => {
    const optional = Object.entries(manifest.peerDependenciesMeta)
      .filter(([, meta]) => meta.optional)
      .map(([name]) => name)
    expect(optional.sort()).toEqual(Object.keys(manifest.peerDependencies).sort())
  })

  it('has no default export', () => {
    expect(defaultExports(readHouse())).toEqual([])
  })

  it('has a change log that fits its version', () => {
    const text = readFileSync(join(root, 'CHANGELOG.md'), 'utf8')
    expect(changelogProblems(text, manifest.version)).toEqual([])
  })
})

describe('the check of default exports notices', () => {
  it.each([
    'export default 1',
    'export default function gate() {}',
    'export default class Gate {}',
    'const gate = 1\nexport { gate as default }',
    "export { default } from './gate.js'",
  ])('%s', (text) => {
    expect(defaultExports(new Map([['a.ts', text]]))).not.toEqual([])
  })

  it('nothing wrong with a default branch', () => {
    const text = 'switch (kind) { default: break }\nexport const a = { default: 1 }'
    expect(defaultExports(new Map([['a.ts', text]]))).toEqual([])
  })
})

describe('the check of the change log', () => {
  const released =
    '# Changelog\n\n## [Unreleased]\n\n## [1.2.0] - 2026-11-24\n\n## [1.1.0] - 2026-10-01\n'

  it('accepts a log whose newest version is the one of package.json', () => {
    expect(changelogProblems(released, '1.2.0')).toEqual([])
  })

  it('accepts a log without versions before the first release', () => {
    expect(changelogProblems('# Changelog\n\n## [Unreleased]\n', '0.0.0')).toEqual([])
  })

  it.each([
    ['another version than package.json', released, '1.3.0'],
    ['no version although one is out', '# Changelog\n\n## [Unreleased]\n', '1.0.0'],
    ['no Unreleased section', '# Changelog\n\n## [1.2.0] - 2026-11-24\n', '1.2.0'],
    ['Unreleased below a version', '## [1.2.0] - 2026-11-24\n## [Unreleased]\n', '1.2.0'],
    ['a version without a date', '## [Unreleased]\n## [1.2.0]\n', '1.2.0'],
    ['versions that rise', released.replace('1.1.0', '1.10.0'), '1.2.0'],
    ['a version twice', released.replace('1.1.0', '1.2.0'), '1.2.0'],
    ['a kind of change that nobody knows', `${released}### Improved\n`, '1.2.0'],
  ])('refuses %s', (_name, text, version) => {
    expect(changelogProblems(text, version)).toHaveLength(1)
  })
})

function entryMap(): unknown {
  return 'entry' in tsupConfig ? tsupConfig.entry : undefined
}

function sourceOf(code: string): string {
  return code.replace(/^\.\/dist\//, 'src/').replace(/\.js$/, '.ts')
}

function compilerResolves(name: string): string | undefined {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, root)
  const user = join(root, 'examples', 'user.ts')
  const { resolvedModule } = ts.resolveModuleName(name, user, options, ts.sys)
  return resolvedModule && fromRoot(resolvedModule.resolvedFileName)
}

function vitestResolves(name: string): string | undefined {
  const alias = sourceAliases.find(({ find }) => find.test(name))
  return alias && fromRoot(name.replace(alias.find, alias.replacement))
}

function fromRoot(path: string): string {
  return relative(root, path).split(sep).join('/')
}

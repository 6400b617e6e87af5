import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { builtinModules } from 'node:module'
import { dirname, join } from 'node:path'
import { build } from 'tsup'
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest'
import { root } from '../house/house.js'
import { type Scratch, scratchProject } from './scratch.js'

const files = inject('packedFiles')
let scratch: Scratch
let installed: string

beforeAll(async () => {
  scratch = await scratchProject({}, [])
  installed = join(scratch.folder, 'node_modules', 'sallyport')
})
afterAll(() => scratch.remove())

const read = (path: string) => readFileSync(join(installed, path), 'utf8')

describe('the tarball', () => {
  it('holds the build, its sources, and the pages, nothing else', () => {
    const others = files.filter((path) => !path.startsWith('dist/') && !path.startsWith('src/'))
    expect(others).toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'package.json'])
    const kinds = /^(dist\/.+\.(js|js\.map|d\.ts|d\.ts\.map)|src\/.+\.ts)$/
    expect(files.filter((path) => !others.includes(path) && !kinds.test(path))).toEqual([])
    expect(files.filter((path) => /test\.ts|\.env|\.pem|\.key$|npmrc/.test(path))).toEqual([])
  })

  it('holds no private key and no path of the machine that built it', () => {
    for (const path of files) {
      const text = read(path)
      expect(text, path).not.toMatch(/BEGIN [A-Z ]*PRIVATE KEY/)
      expect(text, path).not.toMatch(/"d"\s*:\s*"[\w-]{20,}"/)
      expect(text.includes(dirname(root)), path).toBe(false)
    }
  })

  it('runs nothing when it is installed', () => {
    const { scripts = {} } = JSON.parse(read('package.json'))
    const hooks = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish']
    expect(hooks.filter((hook) => hook in scripts)).toEqual([])
  })

  it('brings three packages along, and no framework', () => {
    const folders = readdirSync(join(scratch.folder, 'node_modules')).sort()
    expect(folders.filter((name) => !name.startsWith('.'))).toEqual([
      '@noble',
      'jose',
      'sallyport',
      'zod',
    ])
  })

  it('maps each output to a source that it holds', () => {
    for (const path of files.filter((name) => name.endsWith('.map'))) {
      for (const source of JSON.parse(read(path)).sources as string[]) {
        const target = join(dirname(path), source)
        expect(files, `${path} names ${source}`).toContain(target)
      }
    }
  })
})

describe('the build', () => {
  const reach = (entry: string) => {
    const seen = new Set<string>()
    const packages = new Set<string>()
    const follow = (path: string): void => {
      if (seen.has(path)) return
      seen.add(path)
      for (const name of importsIn(read(path))) {
        if (name.startsWith('.')) follow(join(dirname(path), name))
        else packages.add(name)
      }
    }
    follow(entry)
    return { packages: [...packages].sort(), text: [...seen].map(read).join('\n') }
  }
  const scripts = files.filter((path) => path.endsWith('.js'))

  it('imports no built-in module of Node, with or without its prefix', () => {
    const names = scripts.flatMap((path) => importsIn(read(path)))
    expect(names.length).toBeGreaterThan(0)
    expect(
      names.filter((name) => name.startsWith('node:') || builtinModules.includes(name)),
    ).toEqual([])
  })

  it('has a root entry that reaches for no framework', () => {
    const { packages } = reach('dist/index.js')
    expect(packages.filter((name) => /^(express|fastify|hono)/.test(name))).toEqual([])
  })

  it.each(['express', 'fastify', 'hono'])('loads %s only in the adapter of that name', (name) => {
    const others = ['express', 'fastify', 'hono'].filter((other) => other !== name)
    const { packages } = reach(`dist/adapters/${name}.js`)
    expect(packages.filter((found) => others.includes(found.split('/')[0] ?? ''))).toEqual([])
  })

  it('has a scope entry that reaches for neither jose nor WebCrypto', () => {
    const { packages, text } = reach('dist/scope/index.js')
    expect(packages.filter((name) => !name.startsWith('zod'))).toEqual([])
    expect(text).not.toContain('subtle')
    // Else the lines above prove nothing.
    expect(reach('dist/jwt/index.js').packages.join()).toContain('jose')
    expect(reach('dist/jwt/index.js').text).toContain('subtle')
  })

  it('bundles for a user of scopes without jose and WebCrypto', async () => {
    const scopes = await bundled("export { defineScopes } from 'sallyport/scope'")
    const everything = await bundled("export * from 'sallyport'")
    expect(scopes).toContain('defineScopes')
    expect(scopes).not.toMatch(/subtle|JOSE/)
    expect(everything).toMatch(/subtle/)
    expect(scopes.length).toBeLessThan(everything.length / 2)
  })

  it('awaits nothing while it loads, so that require works', () => {
    for (const path of scripts) expect(read(path), path).not.toMatch(/^(const .*= )?await /m)
  })

  /** What a bundler makes of this file, every package included. */
  async function bundled(text: string): Promise<string> {
    const entry = join(scratch.folder, 'user.js')
    writeFileSync(entry, text)
    await build({
      entry: { bundle: entry },
      outDir: join(scratch.folder, 'out'),
      config: false,
      silent: true,
      format: ['esm'],
      platform: 'neutral',
      noExternal: [/.*/],
      treeshake: false,
    })
    return readFileSync(join(scratch.folder, 'out', 'bundle.js'), 'utf8')
  }
})

function importsIn(text: string): readonly string[] {
  const specifier = /(?:^|[\s;}])(?:import|from)\s*\(?\s*["']([^"'\n]+)["']/g
  return [...text.matchAll(specifier)].flatMap(([, name]) => (name === undefined ? [] : [name]))
}

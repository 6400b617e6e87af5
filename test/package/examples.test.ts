import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import * as z from 'zod/mini'
import { root } from '../house/house.js'
import { scratchCopy } from './scratch.js'

const examples = readdirSync(join(root, 'examples'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)

const MANIFEST = z.object({
  private: z.literal(true),
  type: z.literal('module'),
  scripts: z.object({ typecheck: z.string(), check: z.string() }),
  dependencies: z.record(z.string(), z.string()),
})

describe('the examples', () => {
  it('are there', () => {
    expect(examples).toEqual(
      expect.arrayContaining([
        'express-jwt-api',
        'fastify-api-keys',
        'hono-jwt-api',
        'multi-tenant',
        'reference-api',
        'scopes-and-policy',
      ]),
    )
  })
})

describe.each(examples)('examples/%s, copied out', (name) => {
  const folder = join(root, 'examples', name)

  it('is a project of its own that depends on the published package', () => {
    expect(existsSync(join(folder, 'README.md'))).toBe(true)
    const manifest = MANIFEST.parse(JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')))
    expect(Object.keys(manifest.dependencies)).toContain('sallyport')
    expect(manifest.dependencies['sallyport']).toMatch(/^\^?\d/)
  })

  it('installs, compiles and passes its own check', async () => {
    const scratch = await scratchCopy(folder)
    try {
      for (const script of ['typecheck', 'check']) {
        const { code, output } = await scratch.run('npm', 'run', '--silent', script)
        expect(code, `npm run ${script} in examples/${name}:\n${output}`).toBe(0)
      }
    } finally {
      scratch.remove()
    }
  })
})

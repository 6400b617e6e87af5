/** Packs the package once for all tests of this folder: what they see is what `npm install sallyport` would bring. */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TestProject } from 'vitest/node'
import * as z from 'zod/mini'
import { root } from '../house/house.js'

declare module 'vitest' {
  interface ProvidedContext {
    /** Path of the packed tarball. */
    readonly tarball: string
    /** Path of each packed file, below the package's folder. */
    readonly packedFiles: readonly string[]
  }
}

export function setup(project: TestProject): () => void {
  if (!existsSync(join(root, 'dist', 'index.js'))) {
    throw new Error('There is no build to pack. Run `npm run build` first.')
  }
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-tarball-'))
  const report = execFileSync('npm', ['pack', '--json', '--pack-destination', folder], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const [packed] = REPORT.parse(JSON.parse(report))
  if (packed === undefined) throw new Error('npm pack has packed nothing.')
  project.provide('tarball', join(folder, packed.filename))
  project.provide('packedFiles', packed.files.map(({ path }) => path).sort())
  return () => rmSync(folder, { recursive: true })
}

const REPORT = z.array(
  z.object({ filename: z.string(), files: z.array(z.object({ path: z.string() })) }),
)

import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { build, type Plugin } from 'esbuild'

/** The source, as the model steps it. */
export type Machine = typeof import('./machine.js')

/** One edit of one file of `src`. */
export interface Edit {
  /** Below `src`. */
  readonly file: string
  readonly from: string
  readonly to: string
}

/**
 * Bundles the source, with its randomness replaced and these edits made, and loads it.
 *
 * @throws if the text of an edit does not stand in its file exactly once: the guard has moved, and so must the edit
 */
export async function loadMachine(edits: readonly Edit[] = []): Promise<Machine> {
  const folder = await mkdtemp(join(tmpdir(), 'sallyport-model-'))
  try {
    const found: string[] = []
    const outcome = await build({
      entryPoints: [here('machine.ts')],
      bundle: true,
      write: false,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      logLevel: 'silent',
      plugins: [edited(edits, found)],
    })
    const unused = edits.filter(({ file }) => !found.includes(file))
    if (unused.length > 0) throw new Error(`not in the bundle: ${unused.map(({ file }) => file)}`)
    const path = join(folder, 'machine.mjs')
    await writeFile(path, outcome.outputFiles[0]?.contents ?? '')
    return (await import(/* @vite-ignore */ pathToFileURL(path).href)) as Machine // bundled from machine.ts
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function edited(edits: readonly Edit[], found: string[]): Plugin {
  return {
    name: 'edited',
    setup({ onLoad, onResolve }) {
      onResolve({ filter: /\/random\.js$/ }, () => ({ path: here('random.ts') }))
      for (const file of new Set(edits.map((edit) => edit.file))) {
        const path = here(`../../../src/${file}`)
        onLoad({ filter: new RegExp(`^${path.replace(/[.+]/g, '\\$&')}$`) }, async () => {
          found.push(file)
          let contents = await readFile(path, 'utf8')
          for (const { from, to } of edits.filter((edit) => edit.file === file)) {
            if (contents.split(from).length !== 2) throw new Error(`${file} lacks: ${from}`)
            contents = contents.replace(from, () => to)
          }
          return { contents, loader: 'ts' }
        })
      }
    },
  }
}

function here(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}

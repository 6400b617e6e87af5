import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import { type Ratio, summary } from '../rounds.js'
import { formatRatio, formatTable } from '../table.js'
import { type Bundler, loadPeer } from './packages.js'
import type { Section } from './section.js'

/** How much there is to load: a bundle of what an API with JWTs needs, and the time of the first import. */
export async function measureWeight(): Promise<Section> {
  const bundle = await kilobytes("export { createGate, defineScopes, jwtBearer } from 'sallyport'")
  const jose = await kilobytes("export { createRemoteJWKSet, jwtVerify } from 'jose'")
  const [ours, theirs]: [number[], number[]] = [[], []]
  for (let round = 0; round < IMPORTS; round++) {
    ours.push(importMilliseconds('sallyport'))
    theirs.push(importMilliseconds('jose'))
  }
  const figure = summary(ours.map((time, round) => time / (theirs[round] ?? Number.NaN)))
  const shown = (times: readonly number[]): string => `${summary(times).median.toFixed(1)} ms`
  return {
    title: 'Weight: minified and compressed, and the first import in a new process',
    table: formatTable([
      ['', 'bundle, gzip', 'import', "of jose's import"],
      [
        'sallyport: gate, jwtBearer, scopes',
        `${bundle.toFixed(1)} KB`,
        shown(ours),
        formatRatio(figure),
      ],
      ['jose: jwtVerify, remote JWKS', `${jose.toFixed(1)} KB`, shown(theirs), '1'],
    ]),
    targets: [
      {
        work: 'bundle of gate, jwtBearer, scopes',
        figure: exactly(bundle),
        wanted: 'at most',
        limit: 14,
        unit: 'KB',
      },
      { work: "import: time / import 'jose'", figure, wanted: 'at most', limit: 0.6 },
    ],
  }
}

async function kilobytes(source: string): Promise<number> {
  const { build } = loadPeer<Bundler>('esbuild')
  const { outputFiles } = await build({
    stdin: { contents: source, resolveDir: HERE },
    bundle: true,
    minify: true,
    write: false,
    format: 'esm',
    platform: 'neutral',
    mainFields: ['module', 'main'],
    external: ['node:*'],
  })
  return gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length / 1024
}

function importMilliseconds(name: string): number {
  const script = `const start = performance.now(); await import('${name}'); console.log(performance.now() - start)`
  const args = ['--input-type=module', '--eval', script]
  return Number(execFileSync(process.execPath, args, { cwd: HERE, env: {} }).toString())
}

function exactly(figure: number): Ratio {
  return { median: figure, lower: figure, upper: figure }
}

const HERE = fileURLToPath(new URL('.', import.meta.url))
const IMPORTS = 11

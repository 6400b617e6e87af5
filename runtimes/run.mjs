// Runs the conformance vectors on every runtime that the README names, then the contract of stores with every client of
// SQLite that they have, and prints a table of each. Exits 1 if one answers anything but what is expected. The binaries
// come from npm, so this runs on Linux x64 only.
import { execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))
const root = join(here, '..')
const TIMEOUT_MILLISECONDS = 120_000
const binary = (path) => join(here, 'node_modules', path)

const node = (name) => binary(`${name}/bin/node`)
const bun = binary('@oven/bun-linux-x64/bin/bun')
const deno = binary('@deno/linux-x64-glibc/deno')
const DENO_RUN = ['run', '--quiet', '--no-lock', '--node-modules-dir=manual', '--allow-read']

const RUNTIMES = [
  ...['node-20', 'node-22', 'node-24', 'node-26'].map((name) => ({
    version: () => versionOf(node(name)),
    answers: () => printed(node(name), [join(here, 'print.mjs')]),
  })),
  {
    version: () => `bun ${versionOf(bun)}`,
    answers: () => printed(bun, [join(here, 'print.mjs')]),
  },
  {
    version: () => versionOf(deno),
    answers: () => printed(deno, [...DENO_RUN, join(here, 'print.mjs')]),
  },
  {
    version: () => versionOf(binary('@cloudflare/workerd-linux-64/bin/workerd')),
    answers: servedByWorkerd,
  },
]

const SQLITE = [
  ...['node-22', 'node-24', 'node-26'].flatMap((name) =>
    ['node:sqlite', 'better-sqlite3'].map((client) => ({
      version: () => `${versionOf(node(name))}, ${client}`,
      answers: () => printed(node(name), ['--no-warnings', join(here, 'sqlite.mjs'), client]),
    })),
  ),
  {
    version: () => `bun ${versionOf(bun)}, bun:sqlite`,
    answers: () => printed(bun, [join(here, 'sqlite.mjs'), 'bun:sqlite']),
  },
  {
    version: () => `${versionOf(deno)}, node:sqlite`,
    answers: () =>
      printed(deno, [
        ...DENO_RUN,
        ...['--allow-write', '--allow-env', '--allow-sys'],
        join(here, 'sqlite.mjs'),
        'node:sqlite',
      ]),
  },
]

if (process.platform !== 'linux' || process.arch !== 'x64') {
  console.error('The runtimes of this folder are binaries for Linux x64; this machine is another.')
  process.exit(1)
}
installRuntimes()
buildPackage()
const verdicts = [await runAll(RUNTIMES), await runAll(SQLITE)]
process.exit(verdicts.every(Boolean) ? 0 : 1)

async function runAll(runs) {
  const rows = []
  for (const { version, answers } of runs) {
    const started = performance.now()
    const result = await answers().catch((error) => ({
      answers: {},
      failures: [`no answer: ${error.message}`],
    }))
    const milliseconds = Math.round(performance.now() - started)
    rows.push({ name: version(), milliseconds, ...result })
  }
  const vectors = new Set(rows.flatMap((row) => Object.keys(row.answers)))
  for (const { name, milliseconds, answers, failures } of rows) {
    const given = Object.keys(answers).length
    if (given < vectors.size) failures.push(`${vectors.size - given} vectors have no answer`)
    const verdict = failures.length === 0 ? 'all right' : 'WRONG'
    console.log(
      `${name.padEnd(32)}${given} of ${vectors.size} answered, ${verdict}, in ${milliseconds} ms`,
    )
    for (const failure of failures) console.log(`    ${failure}`)
  }
  return vectors.size > 0 && rows.every(({ failures }) => failures.length === 0)
}

function installRuntimes() {
  const installed = join(here, 'node_modules', '.package-lock.json')
  if (existsSync(installed) && isNewer(installed, join(here, 'package-lock.json'))) return
  console.log('Fetching the runtimes (1.1 GB on disk) ...')
  execFileSync('npm', ['ci', '--no-audit', '--no-fund', '--ignore-scripts'], {
    cwd: here,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
}

function buildPackage() {
  const built = join(root, 'dist', 'index.js')
  const sources = readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
  if (existsSync(built) && sources.every((source) => isNewer(built, source))) return
  console.log('Building the package ...')
  execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: ['ignore', 'ignore', 2] })
}

function isNewer(path, than) {
  return statSync(path).mtimeMs >= statSync(than).mtimeMs
}

function versionOf(program) {
  const [line = ''] = execFileSync(program, ['--version'], { encoding: 'utf8' }).split('\n')
  return line.startsWith('v') ? `node ${line}` : line.split(' (')[0]
}

/** The one line of JSON that a program prints. */
function printed(program, words) {
  const child = spawn(program, words, { stdio: ['ignore', 'pipe', 'inherit'] })
  let text = ''
  child.stdout.on('data', (chunk) => {
    text += chunk
  })
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => child.kill(), TIMEOUT_MILLISECONDS)
    child.once('error', reject)
    child.once('close', (code) => {
      clearTimeout(timer)
      if (code === 0) resolve(JSON.parse(text))
      else reject(new Error(`it has ended with ${code}`))
    })
  })
}

/** workerd has no command line for scripts: it serves a bundle, and we ask it over HTTP. */
async function servedByWorkerd() {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-workerd-'))
  await bundle(join(here, 'worker.mjs'), folder)
  const port = await freePort()
  writeFileSync(join(folder, 'config.capnp'), workerdConfig(port))
  // The binary itself and not a shim of npm: a shim would be killed and leave its child alive.
  const child = spawn(
    binary('@cloudflare/workerd-linux-64/bin/workerd'),
    ['serve', join(folder, 'config.capnp')],
    { stdio: ['ignore', 'inherit', 'inherit'] },
  )
  try {
    return await firstAnswer(`http://127.0.0.1:${port}/`, child)
  } finally {
    child.kill()
    rmSync(folder, { recursive: true })
  }
}

async function bundle(entry, outDir) {
  const { build } = await import('tsup')
  await build({
    entry: { worker: entry },
    outDir,
    config: false,
    silent: true,
    format: ['esm'],
    platform: 'neutral',
    noExternal: [/.*/],
    outExtension: () => ({ js: '.js' }),
  })
}

function workerdConfig(port) {
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .worker)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const worker :Workerd.Worker = (
  modules = [(name = "worker", esModule = embed "worker.js")],
  compatibilityDate = "2026-05-01",
);
`
}

async function firstAnswer(url, child) {
  const deadline = Date.now() + TIMEOUT_MILLISECONDS
  while (Date.now() < deadline && child.exitCode === null) {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MILLISECONDS) })
      if (response.ok) return await response.json()
      throw new Error(`it has answered ${response.status}: ${await response.text()}`)
    } catch (error) {
      if (error.cause?.code !== 'ECONNREFUSED') throw error
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
  }
  throw new Error('workerd does not listen')
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })
}

/** Scratch projects: folders outside this repository that have the packed package installed, and nothing else of it. */
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { inject } from 'vitest'
import * as z from 'zod/mini'
import { root } from '../house/house.js'

export interface Finished {
  /** Null if a signal ended the process. */
  readonly code: number | null
  /** Standard output and standard error. */
  readonly output: string
}

export interface Scratch {
  readonly folder: string
  /** Runs a program in the folder to its end. */
  run(program: string, ...words: readonly string[]): Promise<Finished>
  /** Starts `node <file>` and waits for its first line of output. */
  serve(file: string): Promise<{ readonly firstLine: string; stop(): Promise<void> }>
  remove(): void
}

/** A project of its own with these files, these packages in the versions of our lock file, and others as they say. */
export async function scratchProject(
  files: Readonly<Record<string, string>>,
  packages: readonly string[],
  others: Readonly<Record<string, string>> = {},
): Promise<Scratch> {
  const locked = Object.fromEntries(packages.map((name) => [name, lockedVersion(name)]))
  const dependencies = { ...locked, ...others }
  const scratch = emptyScratch()
  const manifest = { name: 'scratch', private: true, type: 'module', dependencies }
  for (const [name, text] of Object.entries({
    'package.json': JSON.stringify(manifest),
    ...files,
  })) {
    writeFileSync(join(scratch.folder, name), text)
  }
  await install(scratch, inject('tarball'))
  return scratch
}

/** A copy of a folder of this repository, installed with the tarball in the place of the published package. */
export async function scratchCopy(folder: string): Promise<Scratch> {
  const scratch = emptyScratch()
  cpSync(folder, scratch.folder, {
    recursive: true,
    filter: (path) => !path.includes('node_modules'),
  })
  await install(scratch, inject('tarball'))
  return scratch
}

async function install(scratch: Scratch, ...packages: readonly string[]): Promise<void> {
  const quiet = ['--no-audit', '--no-fund', '--prefer-offline', '--no-package-lock']
  const { code, output } = await scratch.run('npm', 'install', ...quiet, ...packages)
  if (code !== 0) throw new Error(`npm install has failed:\n${output}`)
}

function emptyScratch(): Scratch {
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-scratch-'))
  return {
    folder,
    run: (program, ...words) =>
      new Promise((resolve) => {
        const child = execFile(
          program,
          words,
          { cwd: folder, env: environment(), timeout: 200_000, maxBuffer: 16_777_216 },
          (_error, stdout, stderr) => resolve({ code: child.exitCode, output: stdout + stderr }),
        )
      }),
    serve: (file) => serve(folder, file),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  }
}

async function serve(
  folder: string,
  file: string,
): Promise<{ readonly firstLine: string; stop(): Promise<void> }> {
  const child = spawn(process.execPath, [file], { cwd: folder, env: environment(), stdio: 'pipe' })
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += String(chunk)
  })
  for await (const firstLine of createInterface(child.stdout)) {
    return { firstLine, stop: () => stop(child) }
  }
  throw new Error(`${file} has ended without a word:\n${errors}`)
}

function stop(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once('exit', () => resolve())
    child.kill()
  })
}

/** Our environment without what the npm that runs us says about this package. */
function environment(): NodeJS.ProcessEnv {
  return Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !/^npm_(package|lifecycle)_|^npm_config_local_prefix$|^NODE_OPTIONS$/.test(name),
    ),
  )
}

/** The version of a package in our lock file. */
function lockedVersion(name: string): string {
  const { packages } = LOCK.parse(JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')))
  const version = packages[`node_modules/${name}`]?.version
  if (version === undefined) throw new Error(`package-lock.json has no ${name}.`)
  return version
}

const LOCK = z.object({
  packages: z.record(z.string(), z.object({ version: z.optional(z.string()) })),
})

import { execFileSync } from 'node:child_process'
import { existsSync, statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** The peers that are not among the repository's own dependencies. `bench/peers` has a lock file for them alone. */
export interface Peers {
  readonly fastJwt: FastJwt
  readonly jsonwebtoken: JsonWebToken
  readonly awsJwtVerify: AwsJwtVerify
}

/** Whether `installPeers` has run since the lock file was last written. */
export function arePeersInstalled(): boolean {
  const installed = inPeers('node_modules/.package-lock.json')
  return existsSync(installed) && isNewer(installed, inPeers('package-lock.json'))
}

/** Installs the peers into their folder, without running any script of theirs. */
export function installPeers(): void {
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund']
  execFileSync('npm', args, { cwd: inPeers('.'), stdio: ['ignore', 'ignore', 'inherit'] })
}

/** The installed peers. Throws if there are none. */
export function loadPeers(): Peers {
  return {
    fastJwt: loadPeer('fast-jwt'),
    jsonwebtoken: loadPeer('jsonwebtoken'),
    awsJwtVerify: loadPeer('aws-jwt-verify'),
  }
}

/** One installed peer. What is used of it is written down by the caller; each contender checks what it gets. */
export function loadPeer<Module>(name: string): Module {
  return requirePeer(name)
}

/** The same by `import`, for one whose own dependencies cannot be required. */
export async function importPeer<Module>(name: string): Promise<Module> {
  return import(pathToFileURL(requirePeer.resolve(name)).href)
}

/** What is used of fast-jwt 6. */
interface FastJwt {
  createVerifier(options: {
    readonly key: string | Buffer
    readonly algorithms: readonly string[]
    readonly allowedIss: string
    readonly allowedAud: string
    readonly checkTyp: string
    readonly cache: number | false
  }): (token: string) => Claims
}

/** What is used of jsonwebtoken 9. */
interface JsonWebToken {
  verify(
    token: string,
    key: import('node:crypto').KeyObject,
    options: {
      readonly algorithms: readonly string[]
      readonly issuer: string
      readonly audience: string
    },
  ): Claims
}

/** What is used of aws-jwt-verify 5. */
interface AwsJwtVerify {
  readonly JwtVerifier: {
    create(options: {
      readonly issuer: string
      readonly audience: string
      readonly jwksUri: string
    }): {
      cacheJwks(jwks: { readonly keys: readonly object[] }): void
      verifySync(token: string): Claims
    }
  }
}

/** What is used of esbuild. */
export interface Bundler {
  build(options: {
    readonly stdin: { readonly contents: string; readonly resolveDir: string }
    readonly bundle: true
    readonly minify: true
    readonly write: false
    readonly format: 'esm'
    readonly platform: 'neutral'
    readonly mainFields: readonly string[]
    readonly external: readonly string[]
  }): Promise<{ readonly outputFiles: readonly { readonly contents: Uint8Array }[] }>
}

type Claims = Readonly<Record<string, unknown>>

function isNewer(path: string, other: string): boolean {
  return statSync(path).mtimeMs >= statSync(other).mtimeMs
}

function inPeers(path: string): string {
  return fileURLToPath(new URL(path, PEERS))
}

const PEERS = new URL('../peers/', import.meta.url)
const requirePeer = createRequire(PEERS)

import { describe, expect, it } from 'vitest'
import { busyIndexes, importCycles, misdirectedImports } from './direction.js'
import { readHouse } from './house.js'
import { strayGlobals, strayStatusCodes } from './platform.js'

const house = readHouse()
const houseOf = (files: Readonly<Record<string, string>>) => new Map(Object.entries(files))

describe('the house', () => {
  it('has the rooms of the map', () => {
    const landmarks = ['index.ts', 'gate.ts', 'errors.ts', 'http/respond.ts', 'scope/index.ts']
    expect(landmarks.filter((path) => !house.has(path))).toEqual([])
  })

  it('imports only downwards, type-only imports included', () => {
    expect(misdirectedImports(house)).toEqual([])
  })

  it('has no ring of imports', () => {
    expect(importCycles(house)).toEqual([])
  })

  it('has indexes that only list names, one by one', () => {
    expect(busyIndexes(house)).toEqual([])
  })

  it('reaches for time, randomness, timers and the process in runtime/ only', () => {
    expect(strayGlobals(house)).toEqual([])
  })

  it('spells status codes of refusals in one file', () => {
    expect(strayStatusCodes(house)).toEqual([])
  })
})

describe('the check of directions notices', () => {
  it.each([
    ['an import upwards', 'jwt/a.ts', "import { b } from '../verify/b.js'"],
    ['a type-only import upwards', 'jwt/a.ts', "import type { B } from '../gate.js'"],
    ['an inline type import upwards', 'shared/a.ts', "import { type B } from '../runtime/b.js'"],
    ['an import type node upwards', 'jwt/a.ts', "type B = import('../http/b.js').B"],
    ['a dynamic import upwards', 'jwt/a.ts', "const b = await import('../http/b.js')"],
    ['a computed import', 'gate.ts', "const b = await import('./ht' + 'tp/b.js')"],
    ['a re-export upwards', 'scope/a.ts', "export { b } from '../policy/b.js'"],
    ['a require', 'gate.ts', "import a = require('node:fs')"],
    ['siblings', 'jwt/a.ts', "import { b } from '../scope/b.js'"],
    ['the other siblings', 'policy/a.ts', "import { b } from '../lifecycle/b.js'"],
    ['errors that import', 'errors.ts', "import { b } from './shared/b.js'"],
    ['I/O inside the core', 'verify/a.ts', "import { b } from '../remote/b.js'"],
    ['a store inside the core', 'gate/a.ts', "import { b } from '../stores/memory.js'"],
    ['an import of an index', 'gate.ts', "import { b } from './scope/index.js'"],
    ['an import of the root index', 'adapters/hono.ts', "import { b } from '../index.js'"],
    ['an index that lists another', 'index.ts', "export { b } from './scope/index.js'"],
    ['an index that lists another room', 'jwt/index.ts', "export { b } from '../scope/b.js'"],
    ['the test kit in the root entry', 'index.ts', "export { b } from './testing/b.js'"],
    ['a principal made by policy', 'policy/a.ts', "import { b } from '../principal/establish.js'"],
    [
      'a principal made by an adapter',
      'adapters/hono.ts',
      "import { b } from '../principal/establish.js'",
    ],
    ['an adapter that knows a verifier', 'adapters/hono.ts', "import { b } from '../verify/b.js'"],
    ['an adapter of another framework', 'adapters/hono.ts', "import { b } from 'express'"],
    ['a framework in the core', 'http/a.ts', "import type { Context } from 'hono'"],
    ['a development dependency', 'testing/a.ts', "import { it } from 'vitest'"],
    ['a test kit that knows an adapter', 'testing/a.ts', "import { b } from '../adapters/hono.js'"],
    ['a built-in of Node', 'runtime/a.ts', "import { scrypt } from 'node:crypto'"],
    ['a bare built-in of Node', 'runtime/a.ts', "import { scrypt } from 'crypto'"],
    ['a file outside the house', 'gate.ts', "import { b } from '../test/b.js'"],
    ['a room that nobody has placed', 'attic/a.ts', "import { b } from '../errors.js'"],
  ])('%s', (_name, path, text) => {
    expect(misdirectedImports(houseOf({ [path]: text }))).toHaveLength(1)
  })

  it.each([
    ['a room that uses itself', 'jwt/a.ts', "import { b } from './b.js'"],
    ['a room that uses the one below', 'gate.ts', "import type { B } from './gate/b.js'"],
    ['the errors, from anywhere', 'shared/a.ts', "import { B } from '../errors.js'"],
    ['a verifier that establishes', 'verify/a.ts', "import { b } from '../principal/establish.js'"],
    ['an adapter and its framework', 'adapters/hono.ts', "import type { C } from 'hono/types'"],
    ['the root index and a room', 'index.ts', "export { b } from './scope/b.js'"],
    ['jose in the room that is built on it', 'jwt/a.ts', "import { base64url } from 'jose'"],
  ])('nothing wrong with %s', (_name, path, text) => {
    expect(misdirectedImports(houseOf({ [path]: text }))).toEqual([])
  })
})

describe('the check of rings notices', () => {
  it('two files that import each other, even by type', () => {
    const ring = houseOf({
      'jwt/a.ts': "import { b } from './b.js'",
      'jwt/b.ts': "import type { a } from './a.js'",
    })
    expect(importCycles(ring)).toEqual(['jwt/a.ts > jwt/b.ts > jwt/a.ts'])
  })

  it('a longer ring behind a straight piece', () => {
    const ring = houseOf({
      'a.ts': "import './b.js'",
      'b.ts': "import './c.js'",
      'c.ts': "import './d.js'",
      'd.ts': "import './b.js'",
    })
    expect(importCycles(ring)).toEqual(['b.ts > c.ts > d.ts > b.ts'])
  })

  it('nothing wrong with two ways to one file', () => {
    const diamond = houseOf({
      'a.ts': "import './b.js'\nimport './c.js'",
      'b.ts': "import './d.js'",
      'c.ts': "import './d.js'",
      'd.ts': '',
    })
    expect(importCycles(diamond)).toEqual([])
  })
})

describe('the check of indexes notices', () => {
  it.each([
    ['a star', "export * from './a.js'"],
    ['a namespace', "export * as a from './a.js'"],
    ['a value of its own', 'export const a = 1'],
    ['an import', "import './a.js'"],
    ['a list without a source', 'export { a }'],
  ])('%s', (_name, text) => {
    expect(busyIndexes(houseOf({ 'scope/index.ts': text }))).toHaveLength(1)
  })

  it('nothing wrong with a list', () => {
    const list =
      "/** Names. */\nexport { type A, b } from './a.js'\nexport type { C } from './c.js'"
    expect(busyIndexes(houseOf({ 'scope/index.ts': list }))).toEqual([])
  })
})

describe('the check of globals notices', () => {
  it.each([
    ['a reading of the clock', 'const now = Date.now()'],
    ['a date', 'const now = new Date()'],
    ['a random number', 'const dice = Math.random()'],
    ['web crypto', 'const { subtle } = crypto'],
    ['the process', 'const path = process.env.PATH'],
    ['a timer', 'setTimeout(() => {}, 1000)'],
    ['a timer in disguise', 'const signal = AbortSignal.timeout(1000)'],
    ['a timer handed on', 'const options = { setTimeout }'],
    ['the global object', "const host = globalThis['crypto']"],
    ['a global spelt out', 'const { subtle } = globalThis.crypto'],
    ['the network', 'await fetch(url)'],
    ['a default that is a global', 'function get(url: string, ask = fetch) {}'],
    ['a name declared elsewhere', 'function a(crypto: number) {}\nconst b = crypto.subtle'],
    ['printing', "console.log('here')"],
  ])('%s', (_name, text) => {
    expect(strayGlobals(houseOf({ 'verify/a.ts': text }))).toHaveLength(1)
  })

  it.each([
    ['a parameter of that name', 'verify/a.ts', 'const get = (fetch: Fetch) => fetch(url)'],
    ['a destructured parameter', 'verify/a.ts', 'const get = ({ fetch }: Ports) => fetch(url)'],
    ['an import of that name', 'verify/a.ts', "import { crypto } from './b.js'\ncrypto()"],
    ['a member of that name', 'verify/a.ts', 'const time = ports.Date.now()'],
    ['a property of that name', 'verify/a.ts', 'const ports = { fetch: ask }'],
    ['a type', 'verify/a.ts', 'interface Ports { at: Date; fetch: typeof fetch }'],
    ['a comment', 'verify/a.ts', '// Date.now() is in runtime/clock.ts'],
    ['the runtime', 'runtime/a.ts', 'const now = Date.now()'],
    ['a remote that fetches', 'remote/a.ts', 'await fetch(url)'],
    ['a remote that spells it out', 'remote/a.ts', 'await (ask ?? globalThis.fetch)(url)'],
  ])('nothing wrong with %s', (_name, path, text) => {
    expect(strayGlobals(houseOf({ [path]: text }))).toEqual([])
  })

  it('a remote that keeps time by itself', () => {
    expect(strayGlobals(houseOf({ 'remote/a.ts': 'setTimeout(stop, 5000)' }))).toHaveLength(1)
  })
})

describe('the check of status codes notices', () => {
  it.each(['401', '403', '418', '503'])('%s outside respond.ts', (status) => {
    const text = `const answer = { status: ${status} }`
    expect(strayStatusCodes(houseOf({ 'adapters/hono.ts': text }))).toHaveLength(1)
    expect(strayStatusCodes(houseOf({ 'http/respond.ts': text }))).toEqual([])
  })

  it.each(['204', '399', '512', '600'])('nothing wrong with %s', (number) => {
    expect(strayStatusCodes(houseOf({ 'scope/a.ts': `const size = ${number}` }))).toEqual([])
  })
})

/** Who may import whom: the table of the house, and what breaks it. */
import ts from 'typescript'
import { at, type House, parse } from './house.js'
import { type Import, importsOf } from './imports.js'

/** Every import that the table does not allow, one sentence each. */
export function misdirectedImports(house: House): readonly string[] {
  return importsOf(house).flatMap((found) => {
    const complaint = complaintOf(found)
    return complaint === null ? [] : [`${found.place}: ${complaint}`]
  })
}

function complaintOf({ from, to, inside }: Import): string | null {
  const room = roomOf(from)
  const allowed = Object.hasOwn(TABLE, room) ? TABLE[room] : undefined
  if (allowed === undefined) return `the room ${room} is not in the table of direction.ts`
  if (!inside) return packageComplaint(from, room, to)
  if (to.startsWith('..')) return `${to} lies outside the house`
  if (isIndex(to)) return `${to} is for users; import the file that it lists`
  if (to === 'principal/establish.ts' && !MAY_ESTABLISH.has(room)) {
    return `only ${[...MAY_ESTABLISH].join(' and ')} may import ${to}`
  }
  const target = roomOf(to)
  if (isIndex(from)) return indexComplaint(from, target)
  if (target === room) return null
  if (allowed.includes(target) || allowed.includes(to)) return null
  return `${room} may not import ${to}`
}

/** The root index may list any room but those that have an entry of their own; a room's index lists that room. */
function indexComplaint(from: string, target: string): string | null {
  if (from === 'index.ts') {
    return OWN_ENTRY_ONLY.has(target) ? `${target} has an entry of its own` : null
  }
  return target !== roomOf(from) ? `${from} lists another room` : null
}

function packageComplaint(from: string, room: string, name: string): string | null {
  if (name.startsWith('node:')) return `${name}: look it up at run time, in runtime/`
  const allowed =
    room === 'adapters'
      ? [ADAPTED[from] ?? from.replace(/^adapters\/([a-z]+).*$/, '$1')]
      : (PACKAGES[room] ?? PURE_PACKAGES)
  return allowed.some((known) => name === known || name.startsWith(`${known}/`))
    ? null
    : `${room} may not import the package ${name}`
}

/** Every ring of files that import each other, told once. */
export function importCycles(house: House): readonly string[] {
  const targets = new Map<string, string[]>([...house.keys()].map((path) => [path, []]))
  for (const { from, to, inside } of importsOf(house)) {
    if (inside && targets.has(to)) targets.get(from)?.push(to)
  }
  const finished = new Set<string>()
  const rings: string[] = []
  const follow = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path)
    if (start >= 0) rings.push([...trail.slice(start), path].join(' > '))
    if (start >= 0 || finished.has(path)) return
    for (const target of targets.get(path) ?? []) follow(target, [...trail, path])
    finished.add(path)
  }
  for (const path of targets.keys()) follow(path, [])
  return rings
}

/** Every statement of an index that does more than list names of this house. */
export function busyIndexes(house: House): readonly string[] {
  return [...house]
    .filter(([path]) => isIndex(path))
    .flatMap(([path, text]) => {
      const file = parse(path, text)
      return file.statements
        .filter((statement) => !isListing(statement))
        .map((statement) => `${at(file, statement)}: an index lists names one by one, nothing else`)
    })
}

function isListing(statement: ts.Statement): boolean {
  return (
    ts.isExportDeclaration(statement) &&
    statement.moduleSpecifier !== undefined &&
    statement.exportClause !== undefined &&
    ts.isNamedExports(statement.exportClause)
  )
}

function isIndex(path: string): boolean {
  return path === 'index.ts' || path.endsWith('/index.ts')
}

/** `gate.ts` and `gate/` are one room; so is every other top-level name. */
function roomOf(path: string): string {
  return path.replace(/(\/.*|\.ts)$/, '')
}

const FOUNDATIONS = ['errors', 'shared', 'runtime']
const PRESENTED = [...FOUNDATIONS, 'credential', 'jwt', 'scope', 'principal']
const DECIDED = [...PRESENTED, 'policy', 'lifecycle', 'verify', 'outcome', 'http', 'gate']

/** What each room may import besides itself: rooms, or single files. Type-only imports count. */
const TABLE: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  shared: ['errors'],
  runtime: ['errors', 'shared'],
  credential: FOUNDATIONS,
  jwt: FOUNDATIONS,
  scope: FOUNDATIONS,
  principal: PRESENTED,
  policy: PRESENTED,
  lifecycle: PRESENTED,
  verify: [...PRESENTED, 'policy', 'lifecycle'],
  outcome: [...PRESENTED, 'policy', 'lifecycle', 'verify'],
  http: [...PRESENTED, 'policy', 'lifecycle', 'verify', 'outcome'],
  gate: DECIDED,
  oauth: DECIDED,
  client: [...FOUNDATIONS, 'credential', 'jwt', 'scope'],
  remote: [...PRESENTED, 'lifecycle', 'verify'],
  stores: [...PRESENTED, 'lifecycle'],
  adapters: [
    'errors',
    'principal',
    'http',
    'gate',
    'policy/route/rule.ts',
    'policy/definition/policy-definition.ts',
    'outcome/outcome.ts',
    'outcome/event.ts',
    'runtime/clock.ts',
    'credential/request-view.ts',
  ],
  testing: [...DECIDED, 'oauth', 'client', 'remote', 'stores'],
  cli: [...DECIDED, 'oauth', 'client', 'remote', 'stores', 'testing'],
  index: [],
}

/** The packages a room may import. An adapter may import the framework that it is named after. */
const PURE_PACKAGES = ['@noble/hashes', 'zod']
const JOSE_TOO = ['jose', ...PURE_PACKAGES]
const PACKAGES: Readonly<Record<string, readonly string[]>> = {
  errors: [],
  index: [],
  runtime: JOSE_TOO,
  jwt: JOSE_TOO,
  oauth: JOSE_TOO,
  client: JOSE_TOO,
  remote: JOSE_TOO,
  testing: JOSE_TOO,
}

/** The packages of adapters that are not named as their file is. */
const ADAPTED: Readonly<Record<string, string>> = {
  'adapters/opentelemetry.ts': '@opentelemetry/api',
}

const MAY_ESTABLISH: ReadonlySet<string> = new Set(['verify', 'testing'])

/** I/O and test kits are no part of the root entry: whoever wants them names them. */
const OWN_ENTRY_ONLY: ReadonlySet<string> = new Set(['adapters', 'stores', 'testing', 'cli'])

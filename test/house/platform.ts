/** What reaches past the house: globals that make an answer depend on more than its arguments, and status codes. */
import ts from 'typescript'
import { at, type House, parse, walk } from './house.js'

/** Every use of a guarded global outside the rooms that may use it. */
export function strayGlobals(house: House): readonly string[] {
  return findings(house, (path, file, node) => {
    const name = guardedName(node)
    if (name === null || isAllowed(path, name)) return null
    return `${at(file, node)}: ${name} comes in through runtime/`
  })
}

/**
 * Every status code from 400 to 599 that is spelt anywhere but in `http/respond.ts`. Test kits may expect them, and
 * two files of `remote/` read what other servers say.
 */
export function strayStatusCodes(house: House): readonly string[] {
  return findings(house, (path, file, node) => {
    if (MAY_SPELL_STATUS.has(path) || path.startsWith('testing/') || !ts.isNumericLiteral(node)) {
      return null
    }
    return ERROR_STATUS.has(node.text)
      ? `${at(file, node)}: only http/respond.ts knows ${node.text}`
      : null
  })
}

/** Every default export: names are listed, so that one name means one thing everywhere. */
export function defaultExports(house: House): readonly string[] {
  return findings(house, (_path, file, node) => {
    const isDefault =
      ts.isExportAssignment(node) ||
      node.kind === ts.SyntaxKind.DefaultKeyword ||
      (ts.isExportSpecifier(node) && node.name.text === 'default')
    return isDefault && !ts.isDefaultClause(node) ? `${at(file, node)}: exports are named` : null
  })
}

function findings(
  house: House,
  judge: (path: string, file: ts.SourceFile, node: ts.Node) => string | null,
): readonly string[] {
  return [...house].flatMap(([path, text]) => {
    const file = parse(path, text)
    const found: string[] = []
    walk(file, (node) => {
      const finding = judge(path, file, node)
      if (finding !== null) found.push(finding)
    })
    return found
  })
}

function isAllowed(path: string, name: string): boolean {
  const room = path.replace(/\/.*$/, '')
  return room === 'runtime' || room === 'cli' || (ALSO_ALLOWED[room] ?? []).includes(name)
}

/** The global that this node reads as a value, or null. A name that the file declares itself is not the global. */
function guardedName(node: ts.Node): string | null {
  if (ts.isPropertyAccessExpression(node)) {
    // `globalThis.fetch` is `fetch`, spelt out.
    const member = node.getText().replace(/^globalThis\./, '')
    return GUARDED.has(member) ? member : null
  }
  if (!ts.isIdentifier(node) || !GUARDED.has(node.text) || isSpeltOut(node)) return null
  return isValueReference(node) && !isDeclaredAround(node) ? node.text : null
}

/** Whether this is the `globalThis` of a guarded name, which is judged by that name. */
function isSpeltOut({ parent }: ts.Identifier): boolean {
  return ts.isPropertyAccessExpression(parent) && guardedName(parent) !== null
}

/** Whether the identifier stands where an expression may stand, and not where something is named or typed. */
function isValueReference(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) return parent.expression === node
  if (ts.isShorthandPropertyAssignment(parent)) return true
  if ('name' in parent && parent.name === node) return false
  if ('propertyName' in parent && parent.propertyName === node) return false
  if ('label' in parent && parent.label === node) return false
  return !ts.isTypeNode(parent) && !ts.isQualifiedName(parent) && !ts.isTypePredicateNode(parent)
}

function isDeclaredAround(node: ts.Identifier): boolean {
  for (let scope: ts.Node = node.parent; ; scope = scope.parent) {
    if (declaredIn(scope).some((name) => bindsName(name, node.text))) return true
    if (ts.isSourceFile(scope)) return false
  }
}

function declaredIn(scope: ts.Node): readonly ts.BindingName[] {
  if (ts.isFunctionLike(scope)) return scope.parameters.map(({ name }) => name)
  if (ts.isCatchClause(scope) && scope.variableDeclaration) return [scope.variableDeclaration.name]
  if (ts.isForStatement(scope) || ts.isForOfStatement(scope)) {
    const { initializer } = scope
    return initializer !== undefined && ts.isVariableDeclarationList(initializer)
      ? initializer.declarations.map(({ name }) => name)
      : []
  }
  return ts.isBlock(scope) || ts.isSourceFile(scope) ? scope.statements.flatMap(namesOf) : []
}

function namesOf(statement: ts.Statement): readonly ts.BindingName[] {
  if (ts.isVariableStatement(statement)) {
    return statement.declarationList.declarations.map(({ name }) => name)
  }
  if (ts.isFunctionDeclaration(statement) || ts.isClassDeclaration(statement)) {
    return statement.name === undefined ? [] : [statement.name]
  }
  if (!ts.isImportDeclaration(statement)) return []
  const bindings = statement.importClause?.namedBindings
  if (bindings === undefined) return []
  return ts.isNamespaceImport(bindings)
    ? [bindings.name]
    : bindings.elements.map(({ name }) => name)
}

function bindsName(name: ts.BindingName, text: string): boolean {
  if (ts.isIdentifier(name)) return name.text === text
  return name.elements.some(
    (element) => ts.isBindingElement(element) && bindsName(element.name, text),
  )
}

const GUARDED: ReadonlySet<string> = new Set([
  'AbortSignal.timeout',
  'Buffer',
  'Date',
  'Math.random',
  'XMLHttpRequest',
  'clearInterval',
  'clearTimeout',
  'console',
  'crypto',
  'document',
  'eval',
  'fetch',
  'globalThis',
  'localStorage',
  'navigator',
  'performance',
  'process',
  'queueMicrotask',
  'self',
  'sessionStorage',
  'setImmediate',
  'setInterval',
  'setTimeout',
  'window',
])

const ALSO_ALLOWED: Readonly<Record<string, readonly string[]>> = {
  remote: ['fetch'],
  client: ['fetch'],
}

const MAY_SPELL_STATUS: ReadonlySet<string> = new Set([
  'http/respond.ts',
  'remote/exchange.ts',
  'remote/remote-introspection.ts',
])

const ERROR_STATUS: ReadonlySet<string> = new Set(
  [
    [400, 418],
    [421, 431],
    [451, 451],
    [500, 511],
  ].flatMap(([first = 0, last = 0]) =>
    Array.from({ length: last - first + 1 }, (_, index) => String(first + index)),
  ),
)

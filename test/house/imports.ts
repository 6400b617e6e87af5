/** Which file imports which: every form that TypeScript has, type-only ones included. */
import { posix } from 'node:path'
import ts from 'typescript'
import { at, type House, parse, walk } from './house.js'

export interface Import {
  readonly from: string
  /** A path below `src`, or the name of a package. */
  readonly to: string
  readonly inside: boolean
  /** Where it stands, for messages. */
  readonly place: string
}

/** Every import of the house. An import of a file that is not there stays in: the compiler complains about it. */
export function importsOf(house: House): readonly Import[] {
  return [...house].flatMap(([path, text]) => {
    const file = parse(path, text)
    const found: Import[] = []
    walk(file, (node) => {
      const specifier = specifierOf(node)
      if (specifier === null) return
      const inside = specifier.startsWith('.')
      const to = inside
        ? posix.join(posix.dirname(path), specifier).replace(/\.js$/, '.ts')
        : specifier
      found.push({ from: path, to, inside, place: at(file, node) })
    })
    return found
  })
}

function specifierOf(node: ts.Node): string | null {
  if (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) {
    return textOf(node.moduleSpecifier)
  }
  if (ts.isImportTypeNode(node)) {
    return ts.isLiteralTypeNode(node.argument) ? textOf(node.argument.literal) : null
  }
  if (ts.isExternalModuleReference(node)) return textOf(node.expression)
  if (ts.isCallExpression(node) && isImportOrRequire(node.expression)) {
    // A computed name cannot be judged: it is reported under a name that no table allows.
    return textOf(node.arguments[0]) ?? '(computed)'
  }
  return null
}

function isImportOrRequire(callee: ts.Expression): boolean {
  return (
    callee.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(callee) && callee.text === 'require')
  )
}

function textOf(node: ts.Node | undefined): string | null {
  return node !== undefined && ts.isStringLiteralLike(node) ? node.text : null
}

/**
 * Reads the house: each file of `src` as text, by its path below `src`. The checks beside this file are functions of
 * such a map, so that their own tests can plant a violation without touching the disk.
 */
import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'

/** Source text by path below `src`, e.g. `jwt/compact.ts`. */
export type House = ReadonlyMap<string, string>

/** The folder that holds package.json. */
export const root: string = fileURLToPath(new URL('../../', import.meta.url))

export function readHouse(): House {
  return new Map(
    readdirSync(join(root, 'src'), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [
        relative(join(root, 'src'), path).split(sep).join('/'),
        readFileSync(path, 'utf8'),
      ]),
  )
}

export function parse(path: string, text: string): ts.SourceFile {
  const kind = path.endsWith('.tsx') ? ts.ScriptKind.TSX : ts.ScriptKind.TS
  return ts.createSourceFile(path, text, ts.ScriptTarget.ES2022, true, kind)
}

/** `jwt/compact.ts:12`, for a message that an editor can follow. */
export function at(file: ts.SourceFile, node: ts.Node): string {
  const { line } = file.getLineAndCharacterOfPosition(node.getStart(file))
  return `${file.fileName}:${line + 1}`
}

export function walk(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node)
  ts.forEachChild(node, (child) => walk(child, visit))
}

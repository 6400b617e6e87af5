/** Compiles snippets against the source, all in one program: its cost is that of reading the library once. */
import { dirname, join } from 'node:path'
import ts from 'typescript'
import { root } from '../house/house.js'
import type { Snippet } from './snippets.js'

/** What the compiler says about each snippet, one sentence per error; a snippet without errors has none. */
export function complaintsAbout(snippets: readonly Snippet[]): ReadonlyMap<Snippet, string[]> {
  const files = new Map(snippets.map((snippet, index) => [placeOf(snippet, index), snippet]))
  const program = ts.createProgram([...files.keys()], options(), hostOf(files))
  return new Map(
    [...files].map(([path, snippet]) => {
      const file = program.getSourceFile(path)
      const diagnostics = [
        ...program.getSyntacticDiagnostics(file),
        ...program.getSemanticDiagnostics(file),
      ]
      return [snippet, diagnostics.map((diagnostic) => sentenceOf(snippet, diagnostic))]
    }),
  )
}

/** In a folder of the project, so that packages and the type of module are found as a user would find them. */
function placeOf({ page, file }: Snippet, index: number): string {
  const folder = join(root, 'examples', `snippets of ${page.replaceAll('/', ' ')}`)
  return join(folder, file?.replace(/\.(m?)js$/, '.$1ts') ?? `snippet-${index}.ts`)
}

function options(): ts.CompilerOptions {
  const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), ts.sys.readFile)
  return {
    ...ts.parseJsonConfigFileContent(config, ts.sys, root).options,
    // A snippet shows how to get something; it need not show what is done with it.
    noUnusedLocals: false,
    noUnusedParameters: false,
  }
}

function hostOf(files: ReadonlyMap<string, Snippet>): ts.CompilerHost {
  const host = ts.createCompilerHost(options(), true)
  const folders = new Set([...files.keys()].map(dirname))
  return {
    ...host,
    directoryExists: (path) => folders.has(path) || ts.sys.directoryExists(path),
    fileExists: (path) => files.has(path) || host.fileExists(path),
    readFile: (path) => textOf(files.get(path)) ?? host.readFile(path),
    getSourceFile: (path, version, ...rest) => {
      const text = textOf(files.get(path))
      return text === undefined
        ? host.getSourceFile(path, version, ...rest)
        : ts.createSourceFile(path, text, version, true)
    },
  }
}

function textOf(snippet: Snippet | undefined): string | undefined {
  // Without an import or export, two snippets would share their names.
  return snippet && `${snippet.before}${snippet.code}export {}\n`
}

function sentenceOf(snippet: Snippet, { file, start, messageText }: ts.Diagnostic): string {
  const line = file && start !== undefined ? file.getLineAndCharacterOfPosition(start).line : 0
  const offset = snippet.before.split('\n').length - 1
  const message = ts.flattenDiagnosticMessageText(messageText, '\n')
  return `${snippet.page}:${snippet.line + line - offset}: ${message}`
}

import { Buffer } from 'node:buffer'
import { vectors } from '../jwt/tokens.js'

/** One document of JSONTestSuite, and whether a reader of JSON has to take it. */
export interface JsonDocument {
  readonly name: string
  readonly expect: 'accept' | 'reject' | 'either'
  readonly bytes: Uint8Array
}

interface Case extends Omit<JsonDocument, 'bytes'> {
  readonly base64?: string
}

/** The two that are given as a recipe because they are long. */
const RECIPES: ReadonlyMap<string, () => string> = new Map([
  ['n_structure_100000_opening_arrays.json', () => '['.repeat(100_000)],
  ['n_structure_open_array_object.json', () => `${'[{"":'.repeat(50_000)}\n`],
])

/** Good JSON by RFC 8259, which leaves its meaning open; refused here because readers differ (promise 1). */
export const AMBIGUOUS: ReadonlySet<string> = new Set([
  'y_object_duplicated_key.json',
  'y_object_duplicated_key_and_value.json',
])

const JSON_CORPUS: readonly JsonDocument[] = vectors<readonly Case[]>(
  'json-parsing/cases.json',
).map(({ name, expect, base64 }) => ({
  name,
  expect,
  bytes: Buffer.from(
    base64 ?? RECIPES.get(name)?.() ?? '',
    base64 === undefined ? 'utf8' : 'base64',
  ),
}))

/** An object whose last member has the document for its value, byte for byte. */
export function asMember(object: object, document: Uint8Array): Uint8Array {
  const before = `${JSON.stringify(object).slice(0, -1)},"document":`
  return Buffer.concat([Buffer.from(before), document, Buffer.from('}')])
}

/** Which documents were taken, by what they should have been. */
export interface Tally {
  readonly badTaken: readonly string[]
  readonly goodRefused: readonly string[]
  readonly bad: number
  readonly good: number
  readonly either: number
}

/** Asks for each document of the corpus. Rejects if `isTaken` does for any of them, the free ones included. */
export async function tally(
  isTaken: (document: JsonDocument) => boolean | Promise<boolean>,
): Promise<Tally> {
  const taken = new Set<string>()
  for (const document of JSON_CORPUS) if (await isTaken(document)) taken.add(document.name)
  const of = (expect: JsonDocument['expect']) =>
    JSON_CORPUS.filter((each) => each.expect === expect)
  const names = (documents: readonly JsonDocument[]) => documents.map(({ name }) => name)
  return {
    badTaken: names(of('reject')).filter((name) => taken.has(name)),
    goodRefused: names(of('accept')).filter((name) => !taken.has(name)),
    bad: of('reject').length,
    good: of('accept').length,
    either: of('either').length,
  }
}

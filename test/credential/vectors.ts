import { Buffer } from 'node:buffer'
import { readFileSync } from 'node:fs'

/** A file of `test/vectors/`. The caller names the shape that the file's SOURCE.md describes. */
export function vectors<Case>(path: string): readonly Case[] {
  const text = readFileSync(new URL(`../vectors/${path}`, import.meta.url), 'utf8')
  return JSON.parse(text) as readonly Case[] // the files are ours and reviewed; a wrong shape fails the tests
}

/** The big list of naughty strings, decoded. */
export function naughtyStrings(): readonly string[] {
  return vectors<string>('naughty-strings/blns.base64.json').map((text) =>
    Buffer.from(text, 'base64').toString('utf8'),
  )
}

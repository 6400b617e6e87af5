// Node, Bun and Deno: one line of JSON.
import { conformance } from './conformance.mjs'

console.log(JSON.stringify(await conformance()))

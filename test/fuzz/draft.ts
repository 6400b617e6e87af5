import type { Random } from './random.js'

/** One request of the fuzzer, and how it is judged. */
export interface FuzzRequest {
  /** One character for each byte. */
  readonly text: string
  /** The name of what made it. */
  readonly kind: string
  /**
   * - `granted`: whatever else it holds, its credential is good and must be let in, as `who`.
   * - `refused`: nobody may be let in.
   * - `open`: whoever is let in must have brought a good credential, letter for letter.
   */
  readonly verdict: 'granted' | 'refused' | 'open'
  readonly who: string
  /** Its framing may be broken, so it goes over a connection of its own. */
  readonly alone: boolean
}

/** A request in parts, as mutations want it. */
export interface Draft {
  method: string
  target: string
  version: string
  fields: [name: string, value: string][]
  body: string | null
}

/** The bytes of a draft that is well-framed: one Host unless it has one, and the length of its body. */
export function textOf(draft: Draft, host: string): string {
  const { method, target, version, fields, body } = draft
  let text = `${method} ${target} ${version}\r\n`
  if (!fields.some(([name]) => name.toLowerCase() === 'host')) text += `Host: ${host}\r\n`
  for (const [name, value] of fields) text += `${name}: ${value}\r\n`
  if (body !== null) text += `Content-Length: ${body.length}\r\n`
  return `${text}\r\n${body ?? ''}`
}

/** The text with one change in it. Stays within the characters given. */
export function mutated(random: Random, text: string, characters: string): string {
  const at = random.below(text.length + 1)
  const other = characters.charAt(random.below(characters.length))
  switch (random.below(10)) {
    case 0:
      return text.slice(0, at) + text.slice(at + 1)
    case 1:
      return text.slice(0, at) + other + text.slice(at)
    case 2:
      return text.slice(0, at)
    case 3:
      return text.slice(at)
    case 4:
      return text.slice(0, at) + text.slice(at).toUpperCase()
    case 5:
      return text + text.slice(at)
    case 6:
      return text.slice(0, at) + other.repeat(1 + random.below(300)) + text.slice(at)
    case 7: {
      const parts = text.split('.')
      return parts.map(() => random.pick(parts)).join('.')
    }
    case 8:
      return text.slice(at) + text.slice(0, at)
    default:
      return text.slice(0, at) + other + text.slice(at + 1)
  }
}

export const BASE64URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
/** Every byte that a field's value may hold. */
export const FIELD_BYTES: string = Array.from({ length: 256 }, (_, code) =>
  code === 0x09 || (code >= 0x20 && code !== 0x7f) ? String.fromCharCode(code) : '',
).join('')

/**
 * The runs of characters that RFC 9110 builds fields from. Each function starts at `from` and returns the index behind
 * the run, which is `from` itself if there is none. One pass, no backtracking, nothing outside ASCII.
 */

/** Behind a `token`: a scheme or a parameter's name. @see RFC 9110 section 5.6.2 */
export function tokenEnd(text: string, from: number): number {
  let at = from
  // The bound is there for speed: reading behind the end gives NaN, and a table asked for NaN is slow ever after.
  while (at < text.length && TOKEN[text.charCodeAt(at)] === 1) at++
  return at
}

/** Behind a `token68`: characters and then any number of `=`; `from` if no character precedes them. */
export function token68End(text: string, from: number): number {
  // Most of what a request costs at the gate would be a loop over its token; the expression is six times as fast.
  const length = text.slice(from).search(NOT_TOKEN68)
  let at = length < 0 ? text.length : from + length
  if (at === from) return from
  while (text[at] === '=') at++
  return at
}

/** Behind spaces only: a tab does not separate a scheme from what follows. */
export function spacesEnd(text: string, from: number): number {
  let at = from
  while (text[at] === ' ') at++
  return at
}

/** Behind optional whitespace: spaces and tabs, and no other character that Unicode calls a space. */
export function whitespaceEnd(text: string, from: number): number {
  let at = from
  while (text[at] === ' ' || text[at] === '\t') at++
  return at
}

/** Behind a quoted string; `from` if there is none, it does not end, or it holds a control or a character not ASCII. */
export function quotedStringEnd(text: string, from: number): number {
  if (text[from] !== '"') return from
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '"') return at + 1
    if (text[at] === '\\') at++
    if (!isText(text.charCodeAt(at))) return from
  }
  return from
}

/** The text without the spaces and tabs around it, as the transports deliver a field's value. */
export function trimWhitespace(text: string): string {
  const start = whitespaceEnd(text, 0)
  let end = text.length
  while (end > start && (text[end - 1] === ' ' || text[end - 1] === '\t')) end--
  return text.slice(start, end)
}

/** HTAB, SP and visible ASCII. NaN, which stands for the end of the text, is none of them. */
function isText(code: number): boolean {
  return code === 0x09 || (code >= 0x20 && code <= 0x7e)
}

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'
const TOKEN_CHARACTERS = `${ALPHANUMERIC}!#$%&'*+-.^_\`|~`
const TOKEN = Uint8Array.from({ length: 128 }, (_, code) =>
  TOKEN_CHARACTERS.includes(String.fromCharCode(code)) ? 1 : 0,
)
/** One class of characters: there is nothing to go back to. */
const NOT_TOKEN68 = /[^A-Za-z0-9\-._~+/]/

/**
 * A text of a stranger, fit for a terminal: whatever is not printable ASCII is escaped as in JSON, and what is long is cut.
 * Escape sequences, line feeds and text that runs from right to left come out as their code units.
 */
export function printable(text: string, maxCharacters: number = MOST_CHARACTERS): string {
  let escaped = ''
  for (const unit of text.slice(0, maxCharacters).split('')) {
    const isPlain = unit >= ' ' && unit <= '~' && unit !== '\\'
    escaped += isPlain ? unit : `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  }
  return text.length > maxCharacters ? `${escaped}...` : escaped
}

/** The same of a whole message with names that may come from a file. */
export function printableMessage(message: string): string {
  return printable(message, MOST_OF_MESSAGE)
}

const MOST_OF_MESSAGE = 640
const MOST_CHARACTERS = 80

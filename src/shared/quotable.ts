/**
 * Whether a text can stand between the quotes of a challenge as it is: printable ASCII without `"` and `\`, which is
 * what RFC 6750 section 3 allows. What is checked so never needs escaping, and cannot end the string or the line.
 */
export function isQuotable(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x20 || code > 0x7e || code === 0x22 || code === 0x5c) return false
  }
  return text !== ''
}

/** The grammar of names and tokens, by code unit: no locale, no normalisation, no regular expression. */

/** The longest token that is read unless a vocabulary says otherwise, in characters; inclusive. */
export const MAX_TOKEN_CHARACTERS = 256

/** Whether the text is one scope-token: `%x21 / %x23-5B / %x5D-7E`, at least one. Its length is not limited here. */
export function isScopeToken(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index)
    if (code < 0x21 || code > 0x7e || code === 0x22 || code === 0x5c) return false
  }
  return text !== ''
}

/** Whether the text can name a resource or an action: 1 to 64 characters of `A-Z a-z 0-9 _ -`. */
export function isNameSegment(text: string): boolean {
  for (let index = 0; index < text.length; index++) {
    if (!isNameCharacter(text.charCodeAt(index))) return false
  }
  return text !== '' && text.length <= MAX_SEGMENT_CHARACTERS
}

function isNameCharacter(code: number): boolean {
  return (
    (code >= 0x61 && code <= 0x7a) ||
    (code >= 0x41 && code <= 0x5a) ||
    (code >= 0x30 && code <= 0x39) ||
    code === 0x5f ||
    code === 0x2d
  )
}

const MAX_SEGMENT_CHARACTERS = 64

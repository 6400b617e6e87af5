/**
 * The seconds since the epoch of a date as HTTP writes it (`Thu, 01 Jan 2026 00:00:00 GMT`), or null for anything else.
 * The two obsolete spellings are not read.
 *
 * @see RFC 9110 section 5.6.7
 */
export function parseHttpDate(text: string): number | null {
  if (!IMF_FIXDATE.test(text)) return null
  const milliseconds = Date.parse(text)
  return Number.isNaN(milliseconds) ? null : milliseconds / 1_000
}

const IMF_FIXDATE = /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

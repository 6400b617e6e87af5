/** Example paths of Express routes, since Express tells of a path no more than which texts it matches. */

/**
 * Texts that a path such as `/users/:id{/posts}` matches: every parameter stands for a segment that nobody writes,
 * every wildcard for one segment and for several, every optional part is there and is not.
 *
 * @returns none for a regular expression, and for a path of more than {@link MAX_SAMPLES} such texts
 */
export function samplesOf(path: unknown): readonly string[] {
  if (typeof path !== 'string') return []
  let samples: readonly string[] = ['']
  for (const part of partsOf(path)) {
    samples = samples.flatMap((sample) => part.map((text) => sample + text))
    if (samples.length > MAX_SAMPLES) return []
  }
  return samples
}

/** Beyond these a path is treated as one that nobody can read. */
export const MAX_SAMPLES = 256

/** The same texts in another case, which a router that does not look at case matches as well. */
export function inOtherCase(sample: string): string {
  return sample.replace(/[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  )
}

/** How a path below a prefix is written: without a slash that means nothing, and a regular expression as its source. */
export function joinPaths(prefix: string, path: unknown): string {
  if (typeof path !== 'string') return prefix + String(path)
  const joined = withoutSlash(prefix) + (path.startsWith('/') ? path : `/${path}`)
  return withoutSlash(joined) || '/'
}

export function withoutSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path
}

/** For each part of a path, the texts it may stand for. @see path-to-regexp 8, the grammar of Express 5 */
function partsOf(path: string): readonly (readonly string[])[] {
  const parts: (readonly string[])[] = []
  let at = 0
  while (at < path.length) {
    const rest = path.slice(at)
    const name = /^[:*](?:"(?:\\.|[^"\\])*"|[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*)/u.exec(
      rest,
    )
    const group = rest.startsWith('{') ? groupIn(rest) : null
    if (name !== null) {
      parts.push(rest.startsWith(':') ? [SEGMENT] : [SEGMENT, `${SEGMENT}/${SEGMENT}/${SEGMENT}`])
      at += name[0].length
    } else if (group !== null) {
      parts.push(['', ...samplesOf(group)])
      at += group.length + 2
    } else {
      const length = rest.startsWith('\\') ? 2 : 1
      parts.push([rest.slice(length - 1, length)])
      at += length
    }
  }
  return parts
}

/** What stands between a brace and the one that closes it. */
function groupIn(text: string): string | null {
  let depth = 0
  for (let at = 0; at < text.length; at++) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '{') depth += 1
    else if (text[at] === '}' && --depth === 0) return text.slice(1, at)
  }
  return null
}

const SEGMENT = 'sallyport-sample'

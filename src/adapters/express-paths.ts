/** What the texts of Express paths prove: whether each request for a route also leads through a middleware before it. */

/** One segment of a path, `null` where its text does not tell what it matches. */
export interface ExpressSegment {
  readonly text: string | null
  /** Whether the router looks at case here. */
  readonly careful: boolean
}

/**
 * The segments of a path such as `/users/:id`. Plain are a literal and a whole required parameter; all else (wildcards,
 * optional groups, a parameter beside a literal, an empty segment) is `null`.
 *
 * @returns a single `null` for a regular expression, and for a path that does not start with a slash
 */
export function segmentsOf(path: unknown, careful: boolean): readonly ExpressSegment[] {
  if (typeof path !== 'string' || !path.startsWith('/')) return [{ text: null, careful }]
  const texts = withoutSlash(path).split('/').slice(1)
  return texts.map((text) => ({ text: PLAIN.test(text) ? text : null, careful }))
}

/** Whether everything that the route matches begins with what the middleware matches. Never says yes without a proof. */
export function coversSegments(
  middleware: readonly ExpressSegment[],
  route: readonly ExpressSegment[],
): boolean {
  return middleware.every(({ text, careful }, index) => {
    const other = route[index]
    if (text === null || other === undefined || other.text === null) return false
    // A whole parameter stands for each segment that is not empty, and a plain one never is.
    if (text.startsWith(':')) return true
    return text === other.text && (!careful || other.careful)
  })
}

/** How a path below a prefix is written: without a slash that means nothing, and a regular expression as its source. */
export function joinPaths(prefix: string, path: unknown, strict = false): string {
  if (typeof path !== 'string') return prefix + String(path)
  const joined = withoutSlash(prefix) + (path.startsWith('/') ? path : `/${path}`)
  // A strict router tells `/a` from `/a/`, though not below a prefix `/a` what is at `/`.
  return (strict && path !== '/' ? joined : withoutSlash(joined)) || '/'
}

function withoutSlash(path: string): string {
  return path.endsWith('/') ? path.slice(0, -1) : path
}

/** A whole parameter, or a literal with nothing in it that means something. @see path-to-regexp 8, the grammar of Express 5 */
const PLAIN =
  /^(?::(?:"(?:\\.|[^"\\])+"|[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*)|(?:\\.|[^\\{}()[\]+?!:*])+)$/u

/**
 * Whether every request that Hono would hand to one path, it would hand to a middleware at another: `/api/*` covers
 * `/api/users/:id`. Segment by segment; from a regular expression on, only the same path does.
 *
 * Never says yes for a middleware that may be passed by.
 */
export function coversPath(middleware: string, route: string): boolean {
  const wide = variantsOf(middleware)
  return variantsOf(route)
    .flatMap((narrow) => (narrow.at(-1) === '*' ? [narrow, narrow.slice(0, -1)] : [narrow]))
    .every((narrow) => wide.some((each) => coversSegments(each, narrow)))
}

/** The segments of a path; those of two paths, if the last one is optional. */
function variantsOf(path: string): readonly (readonly string[])[] {
  const segments = segmentsOf(path)
  const last = segments.at(-1) ?? ''
  if (!last.startsWith(':') || !last.endsWith('?')) return [segments]
  const rest = segments.slice(0, -1)
  return [rest, [...rest, last.slice(0, -1)]]
}

function coversSegments(wide: readonly string[], narrow: readonly string[]): boolean {
  for (const [index, segment] of wide.entries()) {
    const other = narrow[index] ?? ''
    if (segment === '*' && index === wide.length - 1) {
      // At the end it stands for all that follows; for nothing too, though not behind another one.
      return index < narrow.length || !wide.slice(0, index).includes('*')
    }
    // A regular expression may match slashes: where it ends, and what follows, is the router's business.
    if (segment.includes('{') || other.includes('{')) {
      return wide.slice(index).join('/') === narrow.slice(index).join('/')
    }
    const isAnySegment = segment === '*' || segment.startsWith(':')
    if (other === '' || (segment !== other && !isAnySegment)) return false
    // At the end of the route it stands for more than one segment can.
    if (other === '*' && index === narrow.length - 1) return false
  }
  return wide.length === narrow.length
}

/** Split at the slashes outside of braces. `/` and the empty path have no segments. */
function segmentsOf(path: string): readonly string[] {
  const segments: string[] = ['']
  let depth = 0
  for (const character of path.startsWith('/') ? path.slice(1) : path) {
    if (character === '{') depth += 1
    if (character === '}') depth -= 1
    if (character === '/' && depth <= 0) segments.push('')
    else segments.push((segments.pop() ?? '') + character)
  }
  return segments.length === 1 && segments[0] === '' ? [] : segments
}

import type { Dialect } from './definition.js'

/** How one dialect writes a name. */
export interface Spelling {
  readonly separator: ':' | '.'
  /** Whether `**` at the end of a pattern stands for one or more segments. */
  readonly hasTails: boolean
  /**
   * The segments of a name in their order, or null if this dialect has no way to write it.
   * @param resource its segments, at least one
   */
  readonly segments: (resource: readonly string[], action: string) => readonly string[] | null
}

/** All that is known of a dialect; an entry here and in the type `Dialect` makes another. */
export const DIALECTS: Readonly<Record<Dialect, Spelling>> = {
  'resource:action': {
    separator: ':',
    hasTails: false,
    segments: ([resource, ...more], action) =>
      resource === undefined || more.length > 0 ? null : [resource, action],
  },
  'action:resource': {
    separator: ':',
    hasTails: false,
    segments: ([resource, ...more], action) =>
      resource === undefined || more.length > 0 ? null : [action, resource],
  },
  dotted: {
    separator: '.',
    hasTails: true,
    segments: (resource, action) => [...resource, action],
  },
}

/** Whether the text names a dialect. */
export function isDialect(text: unknown): text is Dialect {
  return typeof text === 'string' && Object.hasOwn(DIALECTS, text)
}

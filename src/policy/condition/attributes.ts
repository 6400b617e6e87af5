/**
 * What an attribute holds, declared so that a rule that compares a number with a text is refused when it is defined.
 *
 * - `'string'`, `'number'` (finite), `'boolean'`
 * - `'strings'`: a list of texts, in no order
 * - a list of texts: one of these
 *
 * With `?` it may be null or missing. That changes the type only: whatever is null, missing or of another kind makes a
 * comparison unknown, declared or not.
 */
export type AttributeKind = ScalarKind | `${ScalarKind}?` | readonly string[]

type ScalarKind = 'string' | 'number' | 'boolean' | 'strings'

/** Attributes by name: `{ id: 'string', state: ['draft', 'live'], salary: 'number?' }`. */
export type Attributes = Readonly<Record<string, AttributeKind>>

/** What one attribute may be, without the null of an optional one. */
export type ValueOf<Kind> = Kind extends readonly (infer Member)[]
  ? Member
  : Kind extends 'string' | 'string?'
    ? string
    : Kind extends 'number' | 'number?'
      ? number
      : Kind extends 'boolean' | 'boolean?'
        ? boolean
        : Kind extends 'strings' | 'strings?'
          ? readonly string[]
          : never

/** An object with these attributes. It may have more. */
export type ObjectOf<Declared extends Attributes> = {
  readonly [Name in keyof Declared as Declared[Name] extends `${string}?` ? never : Name]: ValueOf<
    Declared[Name]
  >
} & {
  readonly [Name in keyof Declared as Declared[Name] extends `${string}?` ? Name : never]?:
    | ValueOf<Declared[Name]>
    | null
    | undefined
}

/** What an attribute holds, once checked: the kind without its `?`, and the members of an enumeration. */
export interface CheckedAttribute {
  readonly kind: ScalarKind
  /** The only texts there are, or null for any. */
  readonly members: ReadonlySet<string> | null
  /** Whether null or missing is ordinary. */
  readonly optional: boolean
}

/** The attributes of one object, checked, by name. */
export type AttributeTable = ReadonlyMap<string, CheckedAttribute>

/** One attribute's value, whatever object it comes from: an own member only, so that no prototype ever speaks. */
export function attributeOf(object: unknown, name: string): unknown {
  if (typeof object !== 'object' || object === null || !Object.hasOwn(object, name))
    return undefined
  // The check is `hasOwn`; the type only says that the object can be indexed.
  return (object as Readonly<Record<string, unknown>>)[name]
}

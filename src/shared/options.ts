import * as z from 'zod/mini'
import { ConfigurationError } from '../errors.js'
import type { Duration } from './duration.js'
import type { StandardSchema } from './standard-schema.js'

/**
 * Checks an options object when a factory runs, and returns a copy of it.
 *
 * An unknown member is refused: a misspelt `audience` must not become an absent one. The message names the factory,
 * the member and what was expected, never the value.
 *
 * @throws ConfigurationError `option_invalid`
 */
export function checkedOptions<Schema extends z.core.$ZodType>(
  factory: string,
  schema: Schema,
  options: unknown,
): z.core.output<Schema> {
  const parsed = z.safeParse(schema, options)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  const path = issue === undefined ? '' : issue.path.map(String).join('.')
  const member = path === '' ? 'its options' : `option '${path}'`
  const problem =
    issue?.code === 'unrecognized_keys'
      ? `${issue.keys.map((key) => `'${key}'`).join(', ')} is not an option`
      : issue?.code === 'invalid_type'
        ? `expected ${issue.expected}`
        : 'not an accepted value'
  throw new ConfigurationError('option_invalid', `${factory}: ${member}: ${problem}.`)
}

/** A text that says something. */
export const TEXT: z.ZodMiniString = /* @__PURE__ */ z
  .string()
  .check(/* @__PURE__ */ z.minLength(1))

/** A span of time, by its kind only: `seconds` checks the rest, once it is known what the bounds are. */
export const DURATION: z.ZodMiniCustom<Duration, Duration> = /* @__PURE__ */ z.custom<Duration>(
  (value) => typeof value === 'number' || typeof value === 'string',
)

/** A whole number within bounds, both inclusive. */
export function wholeNumber(min: number, max: number): z.ZodMiniNumberFormat {
  return z.int().check(z.minimum(min), z.maximum(max))
}

/** A function-valued option. zod cannot see through a function's type, so the shape is given by the caller. */
export function functionOption<Shape extends (...args: never[]) => unknown>(): z.ZodMiniCustom<
  Shape,
  Shape
> {
  return z.custom<Shape>((value) => typeof value === 'function')
}

/** Any Standard Schema. What it makes of a value is the caller's to say. */
export function schemaOption<Output>(): z.ZodMiniCustom<
  StandardSchema<Output>,
  StandardSchema<Output>
> {
  return z.custom<StandardSchema<Output>>(
    (value) =>
      (typeof value === 'object' || typeof value === 'function') &&
      value !== null &&
      '~standard' in value,
  )
}

/** An object with these methods: a store, of which the factory keeps the object and copies nothing. */
export function port<Port extends object>(
  ...methods: (keyof Port & string)[]
): z.ZodMiniCustom<Port> {
  return z.custom<Port>(
    (value) =>
      typeof value === 'object' &&
      value !== null &&
      // The index type follows from `value` being an object; a member that is missing is undefined.
      methods.every((name) => typeof (value as Record<string, unknown>)[name] === 'function'),
  )
}

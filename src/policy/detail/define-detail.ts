import { ConfigurationError } from '../../errors.js'
import { isThenable } from '../../shared/eventual.js'
import { frozenSet } from '../../shared/frozen.js'
import { ownMembers } from '../../shared/own-members.js'
import type { StandardSchema } from '../../shared/standard-schema.js'
import type { Attributes, AttributeTable, ObjectOf } from '../condition/attributes.js'
import { checkAttributes } from '../definition/check-attributes.js'

/** How one type of authorization detail is read and compared. Nothing about it is standard but `type` (RFC 9396 section 2). */
export interface DetailDefinition<Granted, Asked extends Attributes> {
  /** What a detail of this type may have besides its `type`. One with anything else grants nothing. */
  readonly fields: readonly string[]
  /** Reads one, of a member each as JSON holds it. One that does not pass grants nothing. Must answer at once. */
  readonly schema: StandardSchema<Granted>
  /** What is asked of it, as attributes: `{ amount: 'number', currency: 'string' }`. Nothing but this reaches `covers`. */
  readonly asks: Asked
  /**
   * Whether one granted detail covers what is asked, alone. Only `true` does; what it throws means that we cannot tell. Must
   * answer at once.
   */
  readonly covers: (granted: Granted, asked: ObjectOf<Asked>) => boolean
}

/** A type of authorization detail. Made by {@link defineDetail}. */
export interface DetailType<Type extends string = string, Asked extends Attributes = Attributes> {
  readonly type: Type
  readonly fields: ReadonlySet<string>
  readonly asks: AttributeTable
  /** The value, or undefined if it is none of this type. Never throws. */
  read(members: object): { readonly value: unknown } | undefined
  /** Throws what the application's comparison throws. */
  covers(value: unknown, asked: object): boolean
  /** For the compiler only. */
  readonly asked?: ObjectOf<Asked>
}

/**
 * Declares one type of authorization detail of RFC 9396.
 *
 * @throws ConfigurationError `policy_invalid` for a type without a name, or attributes that cannot be
 * @see RFC 9396 sections 2 and 6.1: comparing details is specific to their type
 */
export function defineDetail<const Type extends string, Granted, const Asked extends Attributes>(
  type: Type,
  definition: DetailDefinition<Granted, Asked>,
): DetailType<Type, Asked> {
  const where = `defineDetail: '${type}'`
  if (typeof type !== 'string' || type === '') throw invalid('defineDetail: a detail needs a type.')
  const members = ownMembers(where, definition)
  for (const name of members.keys()) {
    if (!MEMBERS.has(name)) throw invalid(`${where} has a member '${name}'.`)
  }
  const { fields, schema, covers } = definition
  if (!Array.isArray(fields) || fields.some((name) => typeof name !== 'string')) {
    throw invalid(`${where}: fields must be a list of texts.`)
  }
  if (fields.includes('type')) throw invalid(`${where}: every detail has a type; leave it out.`)
  if (typeof schema?.['~standard']?.validate !== 'function') {
    throw invalid(`${where}: schema must be a Standard Schema.`)
  }
  if (typeof covers !== 'function') throw invalid(`${where}: covers must be a function.`)
  return Object.freeze({
    type,
    fields: frozenSet(fields),
    asks: checkAttributes(`${where}.asks`, members.get('asks')),
    read: (one: object) => validated(schema, one),
    // What was read by this type's schema, and what was asked by its attributes.
    covers: (value: unknown, asked: object) =>
      covers(value as Granted, asked as ObjectOf<Asked>) === true,
  })
}

function validated(
  schema: StandardSchema,
  members: object,
): { readonly value: unknown } | undefined {
  try {
    const result = schema['~standard'].validate(members)
    if (isThenable(result)) {
      // Nobody waits for it, so nobody would hear of its failure.
      Promise.resolve(result).catch(() => undefined)
      return undefined
    }
    return result.issues === undefined ? { value: result.value } : undefined
  } catch {
    return undefined
  }
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError('policy_invalid', message)
}

const MEMBERS: ReadonlySet<string> = new Set(['fields', 'schema', 'asks', 'covers'])

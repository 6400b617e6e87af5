import { ConfigurationError } from '../errors.js'
import { printableMessage } from './printable.js'

/**
 * The own members of a plain object, copied into a Map, so that nothing inherited is ever read and a member may have
 * any name.
 *
 * An object with another prototype is refused: in a literal, `{ __proto__: ['read'] }` sets the prototype and
 * declares nothing, which must not pass unnoticed.
 *
 * @throws ConfigurationError `option_invalid`
 */
export function ownMembers(where: string, value: unknown): ReadonlyMap<string, unknown> {
  if (!isPlainObject(value))
    throw new ConfigurationError(
      'option_invalid',
      printableMessage(`${where} must be a plain object.`),
    )
  return new Map(Object.entries(value))
}

/**
 * A member, or what stands for it if it was left out. One that is there and null or undefined is no default: it was meant
 * to be something, so it is the reader's to refuse.
 */
export function memberOr(
  members: ReadonlyMap<string, unknown>,
  name: string,
  otherwise: unknown,
): unknown {
  return members.has(name) ? members.get(name) : otherwise
}

/** One own member, or undefined if there is none: what a polluted prototype holds is not seen. */
export function ownMember(object: object, name: string): unknown {
  // The check is `hasOwn`; the type only says that the object can be indexed.
  return Object.hasOwn(object, name)
    ? (object as Readonly<Record<string, unknown>>)[name]
    : undefined
}

function isPlainObject(value: unknown): value is object {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false
  const prototype: unknown = Object.getPrototypeOf(value)
  // Any realm's Object.prototype will do; it is the one prototype that has none itself.
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

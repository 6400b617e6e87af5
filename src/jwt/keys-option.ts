import * as z from 'zod/mini'
import { ConfigurationError } from '../errors.js'
import type { JwkSet, KeySource, KeysOfIssuer } from './jwk-set.js'

/** What an option `keys` takes: keys, a source of keys, or a function that makes the source for an issuer. */
export type KeysOption = JwkSet | KeySource | KeysOfIssuer

/** The shape of an option `keys`. What the keys are worth is judged once the algorithms are known. */
export const KEYS: z.ZodMiniCustom<KeysOption, KeysOption> = /* @__PURE__ */ z.custom<KeysOption>(
  (value) =>
    typeof value === 'function' ||
    (isObject(value) && ('keys' in value ? Array.isArray(value['keys']) : isKeySource(value))),
)

/**
 * The keys of this issuer, or where they come from.
 *
 * @param factory who is called, for the message
 * @throws ConfigurationError `option_invalid` if a function does not return a key source, and what the function throws
 */
export function keysFor(
  factory: string,
  { keys, issuer }: { readonly keys: KeysOption; readonly issuer: string },
): JwkSet | KeySource {
  if (typeof keys !== 'function') return keys
  const source: unknown = keys({ issuer })
  if (isKeySource(source)) return source
  throw new ConfigurationError(
    'option_invalid',
    `${factory}: option 'keys': the function must return a key source.`,
  )
}

function isKeySource(value: unknown): value is KeySource {
  return (
    isObject(value) &&
    typeof value['current'] === 'function' &&
    typeof value['refreshed'] === 'function'
  )
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

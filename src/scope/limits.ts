import { ConfigurationError } from '../errors.js'
import { ownMembers } from '../shared/own-members.js'
import { printableMessage } from '../shared/printable.js'
import { MAX_TOKEN_CHARACTERS } from './token.js'

/** Bounds of what is read; each is inclusive. Beyond one of the first three a claim is refused as a whole. */
export interface ScopeLimits {
  /** The whole claim, spaces included. Default 8,192; 1 to 1,048,576. */
  readonly characters: number
  /** Its tokens, repeated ones too. Default 512; 1 to 65,536. */
  readonly tokens: number
  /** One token. No name may be longer. Default 256; 1 to 4,096. */
  readonly tokenCharacters: number
  /**
   * The segments of a dotted name. A longer token names nothing: it is unknown and refuses nothing, because tokens of
   * other APIs may well have more (`urn:...`). Default 8; 2 to 16.
   */
  readonly segments: number
}

/**
 * Reads the option `limits`, which may come from untyped code.
 *
 * @throws ConfigurationError `option_invalid` for an unknown member or one that is no integer within its bounds
 */
export function readLimits(value: unknown): ScopeLimits {
  const limits = { ...DEFAULTS }
  for (const [name, limit] of ownMembers('defineScopes: limits', value)) {
    if (!isLimit(name)) throw invalid(`limits.${name} is not an option.`)
    const [least, most] = BOUNDS[name]
    if (typeof limit !== 'number' || !Number.isInteger(limit) || limit < least || limit > most) {
      throw invalid(`limits.${name} must be an integer from ${least} to ${most}.`)
    }
    limits[name] = limit
  }
  return Object.freeze(limits)
}

function isLimit(name: string): name is keyof ScopeLimits {
  return Object.hasOwn(BOUNDS, name)
}

function invalid(message: string): ConfigurationError {
  return new ConfigurationError('option_invalid', printableMessage(`defineScopes: ${message}`))
}

const DEFAULTS: ScopeLimits = Object.freeze({
  characters: 8_192,
  tokens: 512,
  tokenCharacters: MAX_TOKEN_CHARACTERS,
  segments: 8,
})

const BOUNDS: Readonly<Record<keyof ScopeLimits, readonly [least: number, most: number]>> = {
  characters: [1, 1_048_576],
  tokens: [1, 65_536],
  tokenCharacters: [1, 4_096],
  segments: [2, 16],
}

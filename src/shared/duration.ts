import { ConfigurationError } from '../errors.js'

/** A span of time: whole seconds, or a whole number with a unit: `'90s'`, `'15m'`, `'1h'`, `'14d'`. */
export type Duration = number | `${number}${'s' | 'm' | 'h' | 'd'}`

/**
 * The span in whole seconds.
 *
 * @param option the option's name, for the message
 * @param bounds inclusive, in seconds
 * @throws ConfigurationError `option_invalid` if it is not a whole, finite span within the bounds
 */
export function seconds(
  option: string,
  duration: Duration,
  bounds: { readonly min: number; readonly max: number },
): number {
  const value = typeof duration === 'number' ? duration : parseDuration(duration)
  if (!Number.isSafeInteger(value) || value < bounds.min || value > bounds.max) {
    throw new ConfigurationError(
      'option_invalid',
      `${option} must be a whole number of seconds, or like '15m', from ${bounds.min} s to ${bounds.max} s.`,
    )
  }
  return value
}

/**
 * Whether `now` is at `start` or less than `spanSeconds` after it. A clock that was set back makes nothing recent: what
 * seems to have started in the future is of an unknown age.
 */
export function isWithin(spanSeconds: number, start: number, now: number): boolean {
  return now >= start && now < start + spanSeconds
}

function parseDuration(text: string): number {
  const unit = UNIT_SECONDS.get(text.slice(-1))
  const digits = text.slice(0, -1)
  if (unit === undefined || digits === '' || digits.length > 9) return Number.NaN
  for (const digit of digits) if (digit < '0' || digit > '9') return Number.NaN
  return Number(digits) * unit
}

const UNIT_SECONDS = new Map([
  ['s', 1],
  ['m', 60],
  ['h', 3_600],
  ['d', 86_400],
])

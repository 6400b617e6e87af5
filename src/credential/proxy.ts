import * as z from 'zod/mini'
import { ConfigurationError } from '../errors.js'
import { type IpRange, isInRange, parseIpAddress, parseIpRange } from '../shared/ip-address.js'
import { checkedOptions, wholeNumber } from '../shared/options.js'
import { tokenEnd, trimWhitespace } from './field-grammar.js'
import { MAX_FORWARDED_LENGTH, parseForwarded } from './forwarded.js'
import type { RequestView } from './request-view.js'

/**
 * The proxies in front of this process that end TLS, and the field in which they say so. Name `addresses`, `hops` or
 * both.
 *
 * - `addresses`: addresses and ranges (`10.0.0.0/8`, `::1`) that the proxies connect from. What comes from elsewhere is
 *   judged as though there were no proxy. Without them nobody but the proxies may be able to reach this process.
 * - `hops`: how many proxies write the field, 1 to 10; each adds a value on the right. Default 1.
 * - `field`: the one field that is read for it. Default `x-forwarded-proto`.
 * - `clientCertificateField`: the field in which they say the certificate that the client has proved to hold, such as
 *   `client-cert` (RFC 9440). They have to set it, or take it off, on every request. Default: none.
 * - `clientAddressField`: the field in which they say whom they serve, for counting attempts by source. Each of them has to
 *   add to it on every request. Default: none.
 */
export interface ProxyOptions {
  readonly addresses?: readonly string[]
  readonly hops?: number
  readonly field?: 'x-forwarded-proto' | 'forwarded'
  readonly clientCertificateField?: string
  readonly clientAddressField?: 'x-forwarded-for' | 'forwarded'
}

/** Checked proxies. */
export interface TrustedProxy {
  /** Where they connect from; null if every request comes through them. */
  readonly ranges: readonly IpRange[] | null
  readonly hops: number
  readonly field: 'x-forwarded-proto' | 'forwarded'
  /** In lower case; null: they say nothing of certificates. */
  readonly clientCertificateField: string | null
  /** Null: they say nothing of whom they serve. */
  readonly clientAddressField: 'x-forwarded-for' | 'forwarded' | null
}

/**
 * Checks whose word about a client's connection is taken.
 *
 * @throws ConfigurationError `option_invalid`; also for a range that is not spelled by its first address, and for one
 *   that holds every address
 */
export function checkedProxy(options: unknown): TrustedProxy {
  const checked = checkedOptions('proxy', OPTIONS, options)
  const { addresses, hops, field = 'x-forwarded-proto' } = checked
  if (addresses === undefined && hops === undefined) {
    throw new ConfigurationError('option_invalid', 'proxy: name addresses, hops, or both.')
  }
  return {
    ranges: addresses?.map(checkedRange) ?? null,
    hops: hops ?? 1,
    field,
    clientCertificateField: checkedField(checked.clientCertificateField),
    clientAddressField: checked.clientAddressField ?? null,
  }
}

function checkedField(name: string | undefined): string | null {
  if (name === undefined) return null
  const field = name.toLowerCase()
  if (name !== '' && tokenEnd(name, 0) === name.length && !WRITTEN_BY_CLIENTS.has(field)) {
    return field
  }
  throw new ConfigurationError(
    'option_invalid',
    'proxy: clientCertificateField must be the name of a field with no other meaning.',
  )
}

function checkedRange(text: string): IpRange {
  const range = parseIpRange(text)
  if (range !== null) return range
  throw new ConfigurationError(
    'option_invalid',
    'proxy: each of addresses must be an IP address or a range like 10.0.0.0/8, spelled by its first address.',
  )
}

/**
 * Asserts that it can be told whom a proxy serves, for whoever needs to know: all its clients would count as one.
 *
 * @throws ConfigurationError `option_invalid`
 */
export function assertClientAddress(proxy: TrustedProxy | null, asker: string): void {
  if (proxy === null || proxy.clientAddressField !== null) return
  throw new ConfigurationError(
    'option_invalid',
    `${asker} needs the clients' addresses: name the field that the proxy writes them to in proxy.clientAddressField.`,
  )
}

/**
 * Who sent this request to us: a trusted proxy, somebody else, or it cannot be told, because addresses are trusted and
 * the platform does not say who connected.
 */
export function senderOf(
  request: RequestView,
  { ranges }: TrustedProxy,
): 'proxy' | 'other' | 'unknown' {
  if (ranges === null) return 'proxy'
  const { remoteAddress } = request
  const address = remoteAddress === null ? null : parseIpAddress(remoteAddress)
  if (address === null) return 'unknown'
  return ranges.some((range) => isInRange(address, range)) ? 'proxy' : 'other'
}

/**
 * Whether the client reached the outermost of the proxies over TLS, as that proxy says.
 *
 * Counted from the right, where proxies add: what a client has sent stands further left and is never looked at. Fewer
 * values than proxies, a malformed field, and any other protocol than `https` are no TLS.
 *
 * @see RFC 7239 section 7.4
 */
export function isForwardedEncrypted(request: RequestView, { field, hops }: TrustedProxy): boolean {
  const value = request.field(field)
  if (value === null || value.length > MAX_FORWARDED_LENGTH) return false
  const protocols =
    field === 'forwarded'
      ? parseForwarded(value)?.map((element) => element.get('proto'))
      : value.split(',').map(trimWhitespace)
  return protocols?.at(-hops)?.toLowerCase() === 'https'
}

const OPTIONS = z.strictObject({
  addresses: z.optional(z.array(z.string()).check(z.minLength(1), z.maxLength(1_000))),
  hops: z.optional(wholeNumber(1, 10)),
  field: z.optional(z.enum(['x-forwarded-proto', 'forwarded'])),
  clientCertificateField: z.optional(z.string()),
  clientAddressField: z.optional(z.enum(['x-forwarded-for', 'forwarded'])),
})

/** Fields that every client sends with a meaning of their own: no proxy says a certificate there. */
const WRITTEN_BY_CLIENTS: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'dpop',
  'forwarded',
  'host',
  'origin',
  'x-forwarded-for',
  'x-forwarded-proto',
])

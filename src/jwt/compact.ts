import { decodeBase64url } from '../runtime/base64url.js'
import { utf8Bytes, utf8Text } from '../shared/bytes.js'
import { isJsonObject, type JsonObject, type JsonValue, parseStrictJson } from '../shared/json.js'
import { fail, type Result, succeed } from '../shared/result.js'
import type { JwtRefusal } from './refusal.js'

/** The header members that are read. All others (`jwk`, `jku`, `x5u`, `x5c` ...) are neither trusted nor fetched. */
export interface JoseHeader {
  readonly alg: string
  readonly typ: string | null
  /** An opaque value of 1 to 256 characters: compare it, never build a path or a query from it. */
  readonly kid: string | null
}

/** A JWS whose text is canonical: no other text spells the same header, payload and signature. Nothing is verified. */
export interface SignedText {
  readonly header: JoseHeader
  /** Header and payload as they were signed, with the dot between them. */
  readonly signingInput: string
  /** At least one byte. */
  readonly signature: Uint8Array
  readonly text: string
}

export interface Jws extends SignedText {
  readonly payload: Uint8Array
}

/** A canonical JWS whose payload is a set of claims. */
export interface CompactJws extends SignedText {
  /** Without a prototype, so that a claim can be looked up by any name. Not verified yet. */
  readonly payload: Readonly<Record<string, unknown>>
}

/**
 * Reads a token of the compact form, without verifying it.
 *
 * Stands in front of jose, which accepts several spellings of one token; here there is exactly one. Refused: more than
 * 8,192 characters, any character outside `A-Za-z0-9-_.`, not three segments (so every JWE, before any work on it),
 * base64url that is not canonical, a header or payload that is not a strict JSON object, and the extensions that
 * change what is signed or how it is read (`crit`, `b64`, `zip`, `enc`). Never throws; linear in time.
 *
 * @see RFC 7515 sections 3.1 and 4.1.11, RFC 7519 section 7.2, RFC 7797 section 7, RFC 8725 section 3
 */
export function parseCompact(token: string): Result<CompactJws, JwtRefusal> {
  const jws = parseJws(token)
  if (!jws.ok) return jws
  const { header, payload, signingInput, signature, text } = jws.value
  const claims = parseStrictJson(payload)
  if (!claims.ok || !isJsonObject(claims.value)) return fail('token_malformed')
  const members = withoutPrototype(claims.value)
  return succeed({ header, payload: members, signingInput, signature, text })
}

/** As {@link parseCompact}, for a payload of any bytes, even none. */
export function parseJws(token: string): Result<Jws, JwtRefusal> {
  if (typeof token !== 'string') return fail('token_malformed')
  if (token.length > MAX_CHARACTERS) return fail('token_too_large')
  const first = token.indexOf('.')
  const second = token.indexOf('.', first + 1)
  // Two dots and no third. What else is in the text, the decoder judges.
  if (first < 0 || second < 0 || token.includes('.', second + 1)) return fail('token_malformed')
  const header = readHeader(token.slice(0, first))
  if (!header.ok) return header
  const signature = decodeBase64url(token.slice(second + 1))
  if (signature === null || signature.length === 0) return fail('token_malformed')
  const payload = decodeBase64url(token.slice(first + 1, second))
  if (payload === null) return fail('token_malformed')
  const signingInput = token.slice(0, second)
  return succeed({ header: header.value, payload, signingInput, signature, text: token })
}

/** The header of a segment. The tokens of one key share one header, so the latest good ones are remembered. */
function readHeader(segment: string): Result<JoseHeader, JwtRefusal> {
  const known = HEADERS.get(segment)
  if (known !== undefined) return known
  const bytes = decodeBase64url(segment)
  if (bytes === null) return fail('token_malformed')
  const header = parseHeader(bytes)
  if (header.ok && segment.length <= MAX_REMEMBERED_CHARACTERS) remember(segment, header)
  return header
}

/** INVARIANT: bounded, whatever headers clients make up. Each is the whole text, so no other text can meet it. */
function remember(segment: string, header: Result<JoseHeader, JwtRefusal>): void {
  if (HEADERS.size >= MAX_REMEMBERED) HEADERS.clear()
  // A copy: a slice would keep the token alive that it was cut from.
  HEADERS.set(utf8Text(utf8Bytes(segment)) ?? segment, header)
}

function parseHeader(bytes: Uint8Array): Result<JoseHeader, JwtRefusal> {
  const parsed = parseStrictJson(bytes)
  if (!parsed.ok || !isJsonObject(parsed.value)) return fail('token_malformed')
  const header = withoutPrototype(parsed.value)
  // We understand no extension, so naming any as critical, in whatever form, is a refusal; and `b64` must not occur
  // in a JWT with or without `crit`.
  if ('crit' in header || 'b64' in header) return fail('critical_header')
  if ('zip' in header || 'enc' in header) return fail('token_malformed')
  const { alg, typ, kid } = header
  if (typeof alg !== 'string') return fail('token_malformed')
  if (typ !== undefined && typeof typ !== 'string') return fail('token_malformed')
  if (kid !== undefined && !isKeyId(kid)) return fail('token_malformed')
  return succeed(Object.freeze({ alg, typ: typ ?? null, kid: kid ?? null }))
}

/** Whether a value can be a `kid`, of a header or of a key: a string of 1 to 256 characters. */
export function isKeyId(value: unknown): value is string {
  return typeof value === 'string' && value.length >= 1 && value.length <= MAX_KEY_ID_CHARACTERS
}

/**
 * Takes the prototype from what was just parsed and nobody else holds.
 *
 * INVARIANT: to `JSON.parse`, `__proto__` is a member like any other; it stays one, and nothing is inherited.
 */
function withoutPrototype(members: JsonObject): Readonly<Record<string, JsonValue>> {
  return Object.setPrototypeOf(members, null)
}

const HEADERS = new Map<string, Result<JoseHeader, JwtRefusal>>()

const MAX_REMEMBERED = 64
const MAX_REMEMBERED_CHARACTERS = 512
const MAX_CHARACTERS = 8_192
const MAX_KEY_ID_CHARACTERS = 256

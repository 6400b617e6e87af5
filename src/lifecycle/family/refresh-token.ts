import { hmacBase64url } from '../../runtime/hmac.js'
import { timingSafeEqualTexts } from '../../runtime/timing-safe.js'
import { fail, type Result, succeed } from '../../shared/result.js'

/** What a refresh token says: `rt_<family>.<generation>.<secret>.<tag>`. */
export interface RefreshToken {
  /** 22 characters of base64url. */
  readonly family: string
  /** 0 for the first token of its family; each rotation makes the next. */
  readonly generation: number
  /** 43 characters of base64url. */
  readonly secret: string
  /** Proves that this family has issued the token, however long ago: 22 characters of base64url. */
  readonly tag: string
}

/** What tags and successors of one family are made with. Neither alone lets anybody refresh. */
export interface FamilyKeys {
  /** Of the record: 43 characters of base64url. */
  readonly familyKey: string
  /** Of the configuration, never in the store; null if there is none. */
  readonly pepper: string | null
}

/**
 * Reads a refresh token. Only the one spelling that {@link formatRefreshToken} writes. Returns the problem; never throws.
 *
 * Says nothing of who issued it.
 */
export function parseRefreshToken(text: string): Result<RefreshToken, 'refresh_token_malformed'> {
  // A body's field that was not sent is undefined, whatever the types say.
  if (typeof text !== 'string' || text.length > MAX_LENGTH) return fail('refresh_token_malformed')
  const match = PATTERN.exec(text)
  if (match === null) return fail('refresh_token_malformed')
  const [, family = '', digits = '', secret = '', tag = ''] = match
  return succeed({ family, generation: Number(digits), secret, tag })
}

export function formatRefreshToken({ family, generation, secret, tag }: RefreshToken): string {
  return `${REFRESH_TOKEN_PREFIX}${family}.${generation}.${secret}.${tag}`
}

/** A token of this family and generation, with the tag that its secret gets. */
export function refreshTokenOf(
  family: string,
  generation: number,
  secret: string,
  keys: FamilyKeys,
): RefreshToken {
  return { family, generation, secret, tag: tagOf(family, generation, secret, keys) }
}

/** Whether this family has issued the token. A guessed or foreign token has no right tag, and must change nothing. */
export function isAuthentic(
  { family, generation, secret, tag }: RefreshToken,
  keys: FamilyKeys,
): boolean {
  return timingSafeEqualTexts(tag, tagOf(family, generation, secret, keys))
}

/**
 * The secret that follows another. INVARIANT: the same for the same salt: whoever presents the token again after the
 * answer was lost gets the very successor that was lost, and it is stored nowhere.
 */
export function successorSecret(
  { family, generation, secret }: RefreshToken,
  salt: string,
  { pepper }: FamilyKeys,
): string {
  const key = pepper === null ? secret : hmacBase64url(pepper, `successor key\n${secret}`)
  return hmacBase64url(key, `sallyport refresh successor\n${family}\n${generation + 1}\n${salt}`)
}

/** What refresh tokens begin with, for whoever looks for leaked ones. */
const REFRESH_TOKEN_PREFIX = 'rt_'

function tagOf(
  family: string,
  generation: number,
  secret: string,
  { familyKey, pepper }: FamilyKeys,
): string {
  const key = pepper === null ? familyKey : hmacBase64url(pepper, `tag key\n${familyKey}`)
  const mac = hmacBase64url(key, `sallyport refresh tag\n${family}\n${generation}\n${secret}`)
  return mac.slice(0, TAG_LENGTH)
}

/** 132 bits. */
const TAG_LENGTH = 22
const PATTERN =
  /^rt_([A-Za-z0-9_-]{22})\.(0|[1-9][0-9]{0,8})\.([A-Za-z0-9_-]{43})\.([A-Za-z0-9_-]{22})$/
/** Longer than any that is well-formed. */
const MAX_LENGTH = 128

import * as z from 'zod/mini'
import { ConfigurationError } from '../errors.js'
import { type Clock, systemClock } from '../runtime/clock.js'
import { type Duration, seconds } from '../shared/duration.js'
import type { Eventual } from '../shared/eventual.js'
import type { JsonObject } from '../shared/json.js'
import {
  checkedOptions,
  DURATION,
  functionOption,
  port,
  schemaOption,
  TEXT,
  wholeNumber,
} from '../shared/options.js'
import { RecentMap } from '../shared/recent-map.js'
import type { Redacted } from '../shared/redacted.js'
import { parseSecureUrl } from '../shared/secure-url.js'
import type { StandardSchema } from '../shared/standard-schema.js'
import { tell } from '../shared/tell.js'
import {
  type AccessTokenIssuer,
  jwtAccessTokens,
  opaqueAccessTokens,
} from './access-token/access-token-issuer.js'
import { STORE_TIMEOUT_MILLISECONDS } from './ask-store.js'
import type { Authorization } from './family/authorization.js'
import type { FamilySettings } from './family/family-steps.js'
import type { LifecycleEvent } from './lifecycle-event.js'
import type { SigningKeySource } from './signing-keys/signing-key-source.js'
import { announcingStore } from './store/announcing-store.js'
import type { FeedEntry, Store } from './store/store.js'

export interface LifecycleOptions<Claims extends JsonObject = JsonObject> {
  /** Where families, codes, counters and opaque tokens are. */
  readonly store: Store
  /** Who issues the tokens: the `iss` of each, https (http only for localhost). */
  readonly issuer: string
  /** Whom access tokens are for, unless `issue` says otherwise. */
  readonly audience: string | readonly string[]
  readonly accessTokens: AccessTokenOptions
  readonly refreshTokens?: RefreshTokenOptions
  /**
   * The shape of the further claims that each grant gives: any Standard Schema that answers at once. What it does not take
   * is the application's mistake. Default: any JSON, or none.
   */
  readonly claims?: StandardSchema<Claims>
  /** How long an authorization code can be exchanged; 60 s by default, 1 s to 10 min. */
  readonly codeLifetime?: Duration
  /**
   * Secrets that are not in the store, mixed into every refresh token: with one, whoever has all of the store and an old
   * token can still make nothing of them, and a store that was rolled back is healed by the tokens it has forgotten. The
   * first is for new families; keep the others for as long as families made with them live.
   */
  readonly peppers?: readonly TokenPepper[]
  /** Asked at each issue and refresh; what it says goes into the access token. Default: nothing changes. */
  readonly review?: (authorization: Authorization) => Eventual<Review>
  /** The mirrors of this process: what is revoked here is known to them at once. */
  readonly mirrors?: readonly AnnouncedTo[]
  /** Told of what is issued, refreshed and revoked. What it throws is dropped. */
  readonly onEvent?: (event: LifecycleEvent) => void
  /** How long the store, or `review`, may take for one answer; 2,000 by default, 1 to 60,000. */
  readonly timeoutMilliseconds?: number
  /** Default: the machine's clock. */
  readonly clock?: Clock
}

export type AccessTokenOptions =
  | {
      /** RFC 9068: verified in memory, revoked through the mirror. */
      readonly kind: 'jwt'
      readonly keys: SigningKeySource
      /** 15 min by default, 30 s to 1 h. */
      readonly lifetime?: Duration
    }
  | {
      /** Looked up at each use. */
      readonly kind: 'opaque'
      readonly lifetime?: Duration
    }

export interface RefreshTokenOptions {
  /** How long a family lives unused; 14 d by default, 1 min to `absolute`. */
  readonly idle?: Duration
  /** How long a family lives at most; 90 d by default, to 366 d. */
  readonly absolute?: Duration
  /** For how long a spent token still brings its successor, after a lost answer; 30 s by default, 0 to 300 s. */
  readonly grace?: Duration
  /**
   * Whose tokens change at each refresh. `public-unbound` by default: those of clients that neither keep a secret nor
   * prove a key (RFC 9700 section 4.14); for others rotation adds nothing but ways to lose a login.
   */
  readonly rotation?: 'public-unbound' | 'always' | 'never'
  /** How much ends when a spent token comes back; the family by default. */
  readonly onReuse?: 'family' | 'session' | 'subject'
}

export interface TokenPepper {
  /** Stored with each family: 1 to 32 characters. */
  readonly id: string
  /** At least 32 characters of randomness. */
  readonly secret: Redacted
}

/** What the application says of an authorization when it is used again. */
export type Review =
  /** What is left out stays as it was; scopes can only become fewer. */
  | {
      readonly kind: 'continue'
      readonly scopes?: readonly string[]
      readonly claims?: JsonObject
    }
  /** The user or what was allowed is no more: the family ends. */
  | { readonly kind: 'end' }

/** Where a notice goes in this process, such as a mirror. */
export interface AnnouncedTo {
  apply(entry: FeedEntry): void
}

/** The options checked, with their defaults filled in: what `lifecycle.ts` runs on. */
export interface LifecycleSetup {
  readonly store: Store
  readonly issuer: string
  readonly audiences: readonly string[]
  readonly accessTokens: AccessTokenIssuer
  readonly accessTokenSeconds: number
  readonly claims: StandardSchema<JsonObject> | null
  readonly families: FamilySettings
  readonly codeSeconds: number
  readonly review: ((authorization: Authorization) => Eventual<Review>) | null
  readonly onEvent: (event: LifecycleEvent) => void
  readonly timeoutMilliseconds: number
  readonly clock: Clock
}

/**
 * How long after its `exp` an access token may still be taken, with the widest leeway, and how far the clocks of two
 * machines may differ: a notice stays for as long.
 */
export const NOTICE_MARGIN_SECONDS = 120

/** @throws ConfigurationError `option_invalid`, `url_invalid` */
export function checkedLifecycleOptions(options: LifecycleOptions): LifecycleSetup {
  const checked = checkedOptions(FACTORY, OPTIONS, options)
  if (parseSecureUrl(checked.issuer) === null) {
    throw new ConfigurationError(
      'url_invalid',
      'createLifecycle: issuer must be an https URL (http only for localhost).',
    )
  }
  const { accessTokens, refreshTokens = {} } = checked
  const span = (option: string, given: Duration | undefined, usual: Duration, bounds: Bounds) =>
    seconds(`${FACTORY}: ${option}`, given ?? usual, bounds)
  const accessTokenSeconds = span('accessTokens.lifetime', accessTokens.lifetime, '15m', {
    min: 30,
    max: 3_600,
  })
  const { longestTokenSeconds = accessTokenSeconds } =
    accessTokens.kind === 'jwt' ? accessTokens.keys : {}
  // Its key would be taken back before it, and so would the notice of a key that leaked.
  if (accessTokenSeconds > longestTokenSeconds) {
    throw new ConfigurationError(
      'option_invalid',
      `${FACTORY}: accessTokens.lifetime must be at most the longestTokenLifetime of the signing keys.`,
    )
  }
  const absoluteSeconds = span('refreshTokens.absolute', refreshTokens.absolute, '90d', {
    min: 60,
    max: 366 * 86_400,
  })
  const usualIdle = Math.min(14 * 86_400, absoluteSeconds)
  const idle = { min: 60, max: absoluteSeconds }
  const { rotation = 'public-unbound' } = refreshTokens
  const timeoutMilliseconds = checked.timeoutMilliseconds ?? STORE_TIMEOUT_MILLISECONDS
  const { mirrors = [], onEvent } = checked
  const store = announcingStore(checked.store, (entry) => {
    for (const mirror of mirrors) mirror.apply(entry)
  })
  return {
    store,
    issuer: checked.issuer,
    audiences: typeof checked.audience === 'string' ? [checked.audience] : checked.audience,
    accessTokens:
      accessTokens.kind === 'jwt'
        ? jwtAccessTokens(accessTokens.keys, timeoutMilliseconds)
        : opaqueAccessTokens(store, timeoutMilliseconds),
    accessTokenSeconds,
    claims: checked.claims ?? null,
    families: {
      idleSeconds: span('refreshTokens.idle', refreshTokens.idle, usualIdle, idle),
      absoluteSeconds,
      graceSeconds: span('refreshTokens.grace', refreshTokens.grace, 30, { min: 0, max: 300 }),
      accessTokenSeconds: accessTokenSeconds + NOTICE_MARGIN_SECONDS,
      rotates: ({ client, confirmation }) =>
        rotation === 'public-unbound'
          ? client.type === 'public' && confirmation === null
          : rotation === 'always',
      peppers: peppersOf(checked.peppers ?? []),
      onReuse: refreshTokens.onReuse ?? 'family',
      owners: new RecentMap(MAX_KNOWN_FAMILIES),
    },
    codeSeconds: span('codeLifetime', checked.codeLifetime, 60, { min: 1, max: 600 }),
    review: checked.review ?? null,
    onEvent: (event) => tell(onEvent, event),
    timeoutMilliseconds,
    clock: checked.clock ?? systemClock,
  }
}

function peppersOf(peppers: readonly TokenPepper[]): ReadonlyMap<string, string> {
  const byId = new Map(peppers.map(({ id, secret }) => [id, secret.reveal()]))
  const areLong = [...byId.values()].every((secret) => secret.length >= MIN_PEPPER_LENGTH)
  if (byId.size === peppers.length && areLong) return byId
  throw new ConfigurationError(
    'option_invalid',
    `${FACTORY}: option 'peppers': each needs an id of its own and a secret of ${MIN_PEPPER_LENGTH} characters or more.`,
  )
}

interface Bounds {
  readonly min: number
  readonly max: number
}

const FACTORY = 'createLifecycle'
/** Some 200 bytes each. */
const MAX_KNOWN_FAMILIES = 10_000
const MIN_PEPPER_LENGTH = 32

const LIFETIME = z.optional(DURATION)

const OPTIONS = /* @__PURE__ */ z.strictObject({
  store: port<Store>('get', 'insert', 'cas', 'incr', 'list', 'feed', 'sweep'),
  issuer: TEXT,
  audience: z.union([TEXT, z.array(TEXT).check(z.minLength(1))]),
  accessTokens: z.discriminatedUnion('kind', [
    z.strictObject({
      kind: z.literal('jwt'),
      keys: port<SigningKeySource>('current'),
      lifetime: LIFETIME,
    }),
    z.strictObject({ kind: z.literal('opaque'), lifetime: LIFETIME }),
  ]),
  refreshTokens: z.optional(
    z.strictObject({
      idle: LIFETIME,
      absolute: LIFETIME,
      grace: LIFETIME,
      rotation: z.optional(z.enum(['public-unbound', 'always', 'never'])),
      onReuse: z.optional(z.enum(['family', 'session', 'subject'])),
    }),
  ),
  claims: z.exactOptional(schemaOption<JsonObject>()),
  codeLifetime: LIFETIME,
  peppers: z.optional(
    z.array(
      z.strictObject({
        id: z.string().check(z.regex(/^[A-Za-z0-9._-]{1,32}$/)),
        secret: port<Redacted>('reveal'),
      }),
    ),
  ),
  review: z.exactOptional(functionOption<NonNullable<LifecycleOptions['review']>>()),
  mirrors: z.optional(z.array(port<AnnouncedTo>('apply'))),
  onEvent: z.optional(functionOption<NonNullable<LifecycleOptions['onEvent']>>()),
  timeoutMilliseconds: z.optional(wholeNumber(1, 60_000)),
  clock: z.optional(port<Clock>('now')),
})

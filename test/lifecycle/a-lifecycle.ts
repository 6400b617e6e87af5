/** A lifecycle on a store, with all that a test may want to look at. */

import type { GrantOptions } from '../../src/lifecycle/grant.js'
import { createLifecycle, type Lifecycle } from '../../src/lifecycle/lifecycle.js'
import type { LifecycleEvent } from '../../src/lifecycle/lifecycle-event.js'
import type { LifecycleOptions } from '../../src/lifecycle/lifecycle-options.js'
import type { Store } from '../../src/lifecycle/store/store.js'
import type { TokenSet } from '../../src/lifecycle/token-set.js'
import { memoryStore } from '../../src/stores/memory.js'
import { createTestClock, type TestClock } from '../../src/testing/test-clock.js'

export interface World {
  readonly lifecycle: Lifecycle
  readonly store: Store
  readonly clock: TestClock
  readonly events: LifecycleEvent[]
}

export const ISSUER = 'https://id.example.com'
export const AUDIENCE = 'https://api.example.com'

/** Opaque access tokens by default: they need no key. */
export function aWorld(options: Partial<LifecycleOptions> = {}): World {
  const { store = memoryStore() } = options
  const clock = createTestClock()
  const events: LifecycleEvent[] = []
  const lifecycle = createLifecycle({
    issuer: ISSUER,
    audience: AUDIENCE,
    accessTokens: { kind: 'opaque' },
    clock,
    onEvent: (event) => events.push(event),
    ...options,
    store,
  })
  return { lifecycle, store, clock, events }
}

type LoginOptions = Partial<Omit<GrantOptions, 'login'>> & {
  readonly subject?: string
  readonly clientId?: string
  readonly tenant?: string
  readonly session?: string
}

/** Logs somebody in: `alice` through `app`, a public client, by default. */
export async function loggedIn(
  { lifecycle }: Pick<World, 'lifecycle'>,
  { subject = 'alice', clientId = 'app', tenant, session, ...grant }: LoginOptions = {},
): Promise<TokenSet> {
  const started = await lifecycle.startLogin({
    subject,
    clientId,
    ...(tenant === undefined ? {} : { tenant }),
    ...(session === undefined ? {} : { session }),
  })
  if (started.kind !== 'started') throw new Error(started.kind)
  const issued = await lifecycle.issue({
    login: started.login,
    clientType: 'public',
    scopes: ['posts:read', 'posts:write'],
    ...grant,
  })
  if (issued.kind !== 'issued') throw new Error(issued.kind)
  return issued.tokens
}

/** The refresh token's text. */
export function refreshTextOf({ refreshToken }: TokenSet): string {
  if (refreshToken === null) throw new Error('there is no refresh token')
  return refreshToken.reveal()
}

/** Refreshes and expects tokens. */
export async function refreshed(
  { lifecycle }: Pick<World, 'lifecycle'>,
  text: string,
  clientId = 'app',
): Promise<TokenSet> {
  const result = await lifecycle.refresh(text, { clientId })
  if (result.kind !== 'refreshed') throw new Error(JSON.stringify(result))
  return result.tokens
}

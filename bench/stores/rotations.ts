import { randomBytes } from 'node:crypto'
import { createLifecycle, type RecordKey, type Store, staticSigningKey } from 'sallyport'
import { generateSigningKey, type PrivateJwk, type SecretJwk } from 'sallyport/jwt'
import type { Contender } from '../rounds.js'
import type { Place } from './places.js'

/** What is compared on one store. Each call does one of it, on a record that no other call works on. */
export interface StoreContenders {
  /** The database's own compare-and-swap. */
  readonly bare: Contender
  /** The store's. */
  readonly swap: Contender
  readonly getAndSwap: Contender
  /** What a rotation asks of the store: the family, its counters, the swap. */
  readonly trips: Contender
  /** A whole refresh, with an access token that costs little to sign, and with one of the usual kind. */
  readonly rotation: Contender
  readonly rotationES256: Contender
}

/** Makes them, with `count` records each: at least as many as calls are under way at once. */
export async function storeContenders(place: Place, count: number): Promise<StoreContenders> {
  const { store } = place
  const options = { now: NOW, expiresAt: NOW + 86_400 }
  const bare: Versioned[] = []
  for (let index = 0; index < count; index++) {
    await place.put(`bare-${index}`, VALUE)
    bare.push({ key: { kind: 'family', id: `bare-${index}` }, version: 1 })
  }
  const versioned = async (name: string): Promise<Versioned[]> => {
    const made: Versioned[] = []
    for (let index = 0; index < count; index++) {
      const key = { kind: 'family', id: `${name}-${index}` } as const
      await store.insert(key, VALUE, options)
      made.push({ key, version: 1 })
    }
    return made
  }
  const swap = ({ key, version }: Versioned): unknown => store.cas(key, version, VALUE, options)
  return {
    bare: onEach(
      bare,
      ({ key, version }) => place.bareSwap(key.id, version, VALUE),
      (one, answer) => (place.swapped(answer) ? next(one) : null),
    ),
    swap: onEach(await versioned('swap'), swap, (one, answer) =>
      isSwapped(answer) ? next(one) : null,
    ),
    getAndSwap: onEach(
      await versioned('get'),
      async (one) => {
        await store.get([one.key])
        return swap(one)
      },
      (one, answer) => (isSwapped(answer) ? next(one) : null),
    ),
    trips: onEach(
      await versioned('trips'),
      async (one) => {
        await store.get([one.key])
        await store.get(COUNTERS)
        return swap(one)
      },
      (one, answer) => (isSwapped(answer) ? next(one) : null),
    ),
    rotation: await rotations(store, 'HS256', count),
    rotationES256: await rotations(store, 'ES256', count),
  }
}

async function rotations(
  store: Store,
  algorithm: 'HS256' | 'ES256',
  count: number,
): Promise<Contender> {
  const lifecycle = createLifecycle({
    store,
    issuer: 'https://id.example.com',
    audience: 'https://api.example.com',
    accessTokens: { kind: 'jwt', keys: staticSigningKey(await keyFor(algorithm)) },
  })
  const tokens: string[] = []
  for (let index = 0; index < count; index++) {
    const started = await lifecycle.startLogin({ subject: `subject-${index}`, clientId: 'app' })
    if (started.kind !== 'started') throw new Error(started.kind)
    const { login } = started
    const issued = await lifecycle.issue({ login, clientType: 'public', scopes: ['things:read'] })
    if (issued.kind !== 'issued') throw new Error(issued.kind)
    tokens.push(issued.tokens.refreshToken?.reveal() ?? '')
  }
  return onEach(
    tokens,
    (token) => lifecycle.refresh(token, { clientId: 'app' }),
    (_, result) =>
      result.kind === 'refreshed' && result.how === 'rotated'
        ? (result.tokens.refreshToken?.reveal() ?? null)
        : null,
  )
}

async function keyFor(algorithm: 'HS256' | 'ES256'): Promise<PrivateJwk | SecretJwk> {
  if (algorithm === 'ES256') return (await generateSigningKey('ES256')).privateJwk
  return { kty: 'oct', alg: 'HS256', kid: 'bench', k: randomBytes(32).toString('base64url') }
}

/** Takes one, works on it, and puts back what has become of it; null means that it went wrong. Waits only if it must. */
function onEach<One, Answer>(
  ones: One[],
  work: (one: One) => Answer | Promise<Answer>,
  judge: (one: One, answer: Answer) => One | null,
): Contender {
  const back = (one: One, answer: Answer): undefined => {
    const result = judge(one, answer)
    if (result === null) throw new Error('the store answered otherwise than expected')
    ones.push(result)
  }
  return () => {
    const one = ones.shift()
    if (one === undefined) throw new Error('more calls than records')
    const answer = work(one)
    return answer instanceof Promise ? answer.then((value) => back(one, value)) : back(one, answer)
  }
}

interface Versioned {
  readonly key: RecordKey
  readonly version: number
}

function next({ key, version }: Versioned): Versioned {
  return { key, version: version + 1 }
}

function isSwapped(answer: unknown): boolean {
  return typeof answer === 'object' && answer !== null && Reflect.get(answer, 'kind') === 'swapped'
}

const NOW = Math.floor(Date.now() / 1_000)

/** As long as the record of a family. */
const VALUE = 'v'.repeat(700)

/** None of which is there, as for most. */
const COUNTERS: readonly RecordKey[] = ['everything', 'client:app', 'subject:s', 'session:t'].map(
  (id) => ({ kind: 'epoch', id }),
)

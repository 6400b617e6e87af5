/** What runs at once: each a generator from the source, told apart by what it is and by who asks. */
import type { PresentedCode } from '../../../src/lifecycle/code/code-steps.js'
import type { Authorization } from '../../../src/lifecycle/family/authorization.js'
import type { RefreshToken } from '../../../src/lifecycle/family/refresh-token.js'
import { getAll, type Steps } from '../../../src/lifecycle/store/steps.js'
import type { EpochName, Epochs } from '../../../src/principal/lineage.js'
import { accessTokenFacts, OWN_KEY, RING, RING_TIMES, type Situation } from './situation.js'

export type Outcome =
  | {
      readonly kind: 'refreshed'
      readonly how: 'rotated' | 'replayed' | 'kept'
      readonly token: RefreshToken
      readonly access: string
    }
  | {
      readonly kind: 'issued'
      readonly authorization: Authorization
      readonly token: RefreshToken
      readonly access: string
      /** What the counters were at the moment in which the user was proven, as the records say. */
      readonly proven: Epochs
    }
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'revoked' }
  | { readonly kind: 'ring'; readonly version: number; readonly text: string }

export interface Operation {
  readonly name: OperationName
  /** The refresh token that it presents. */
  readonly presents?: RefreshToken
  /** It has no right to change anything. */
  readonly isHarmless?: boolean
  /** Once it is done, nothing that was proven before and is this brings anything. */
  readonly revokes?: (authorization: Authorization) => boolean
  readonly steps: (now: number) => Steps<Outcome>
}

export const OPERATIONS = [
  'refresh',
  'replay',
  'reuse',
  'refresh by another client',
  'refresh with a forged tag',
  'refresh with a guessed secret',
  'refresh without the key',
  'refresh for more',
  'revoke family',
  'revoke token',
  'revoke token by another client',
  'revoke token with a forged tag',
  'revoke session',
  'revoke subject',
  'revoke subject but this session',
  'revoke client',
  'revoke everything',
  'exchange',
  'exchange with a wrong verifier',
  'exchange by another client',
  'exchange for another redirect URI',
  'exchange without the key',
  'login',
  'turn keys',
  'compromise key',
] as const

export type OperationName = (typeof OPERATIONS)[number]

/** The operation, or null where it has nothing to do. */
export function operationOf(situation: Situation, name: OperationName): Operation | null {
  const { machine, settings, tokens, familyId, authorization } = situation
  const [current, previous, older] = tokens
  const refreshing = (
    token: RefreshToken | undefined,
    change: Partial<Parameters<typeof presentedOf>[2]> = {},
    isHarmless = false,
  ): Operation | null =>
    token === undefined
      ? null
      : {
          name,
          presents: token,
          isHarmless,
          steps: (now) => refresh(situation, presentedOf(situation, token, change), now),
        }
  const raising = (
    of: EpochName,
    id: string,
    revokes: (authorization: Authorization) => boolean,
    keep: readonly string[] = [],
  ): Operation => ({
    name,
    revokes,
    *steps(now) {
      yield* machine.raiseEpoch(of, id, { keep, now, until: now + settings.accessTokenSeconds })
      return { kind: 'revoked' }
    },
  })
  const exchanging = (change: Partial<PresentedCode>, isHarmless = false): Operation => ({
    name,
    isHarmless,
    steps: (now) => exchange(situation, change, now),
  })
  const revokingBy = (
    token: RefreshToken,
    change: Parameters<typeof presentedOf>[2],
  ): Operation => ({
    name,
    isHarmless: true,
    *steps(now) {
      const isRevocable = yield* machine.isRevocable(
        presentedOf(situation, token, change),
        settings,
      )
      if (!isRevocable) return { kind: 'refused', reason: 'not revocable' }
      yield* machine.endFamily(familyId, 'revoked', settings, now)
      return { kind: 'revoked' }
    },
  })
  const isFamily = ({ session }: Authorization) => session === authorization.session

  switch (name) {
    case 'refresh':
      return refreshing(current)
    case 'replay':
      return refreshing(previous)
    case 'reuse':
      return refreshing(situation.stray ?? older)
    case 'refresh by another client':
      return refreshing(current, { clientId: 'other' }, true)
    case 'refresh with a forged tag':
      return refreshing(previous && { ...previous, tag: current.tag }, {}, true)
    case 'refresh with a guessed secret':
      return refreshing({ ...current, secret: 'g'.repeat(43) }, {}, true)
    case 'refresh without the key':
      return authorization.confirmation === null
        ? null
        : refreshing(current, { confirmation: { jkt: 'thief' } }, true)
    case 'refresh for more':
      return refreshing(current, { scopes: ['read', 'admin'] })
    case 'revoke family':
      return {
        name,
        revokes: isFamily,
        *steps(now) {
          yield* machine.endFamily(familyId, 'revoked', settings, now)
          return { kind: 'revoked' }
        },
      }
    case 'revoke token':
      return {
        name,
        revokes: isFamily,
        *steps(now) {
          const presented = presentedOf(situation, previous ?? current)
          if (yield* machine.isRevocable(presented, settings)) {
            yield* machine.endFamily(familyId, 'revoked', settings, now)
          }
          return { kind: 'revoked' }
        },
      }
    case 'revoke token by another client':
      return revokingBy(current, { clientId: 'other' })
    case 'revoke token with a forged tag':
      return revokingBy({ ...current, tag: 'f'.repeat(22) }, {})
    case 'revoke session':
      return raising('session', 's1', isFamily)
    case 'revoke subject':
      return raising('subject', 'alice', () => true)
    case 'revoke subject but this session':
      return raising('subject', 'alice', (granted) => !isFamily(granted), ['s1'])
    case 'revoke client':
      return raising('client', 'app', () => true)
    case 'revoke everything':
      return raising('everything', '', () => true)
    case 'exchange':
      return exchanging({})
    case 'exchange with a wrong verifier':
      return exchanging({ verifier: WRONG_VERIFIER })
    case 'exchange by another client':
      return exchanging({ clientId: 'other' }, true)
    case 'exchange for another redirect URI':
      return exchanging({ redirectUri: 'https://thief.example.com/cb' }, true)
    case 'exchange without the key':
      return authorization.confirmation === null
        ? null
        : exchanging({ confirmation: { jkt: 'thief' } }, true)
    case 'login':
      return { name, steps: (now) => login(situation, now) }
    case 'turn keys':
      return {
        name,
        *steps(now) {
          const { version, text } = yield* machine.turnRing(RING, now, RING_TIMES, situation.spares)
          return { kind: 'ring', version, text }
        },
      }
    case 'compromise key': {
      const kid = compromisedKid(situation)
      return {
        name,
        *steps(now) {
          const [one, other] = situation.spares
          yield* machine.compromiseKey(kid, RING, now, RING_TIMES, [other, one])
          return { kind: 'revoked' }
        },
      }
    }
  }
}

export const WRONG_VERIFIER: string = 'w'.repeat(43)

/** The key that signs at first. */
export function compromisedKid({ snapshot }: Situation): string {
  const ring = JSON.parse(snapshot.records.get(`signing_key ${RING}`)?.value ?? '{}')
  return String(ring.active.publicKey.kid)
}

export function presentedOf(
  { authorization }: Situation,
  token: RefreshToken,
  change: {
    readonly clientId?: string
    readonly confirmation?: { readonly jkt: string }
    readonly scopes?: readonly string[]
  } = {},
) {
  return {
    token,
    clientId: 'app',
    confirmation: authorization.confirmation === null ? null : OWN_KEY,
    scopes: null,
    audiences: null,
    ...change,
  }
}

export function* refresh(
  { machine, settings }: Situation,
  presented: ReturnType<typeof presentedOf>,
  now: number,
): Steps<Outcome> {
  const result = yield* machine.refreshFamily(presented, settings, now)
  if (result.kind === 'refused') return { kind: 'refused', reason: result.reason }
  const { family, token, how } = result
  const { authorization, absoluteUntil } = family
  const facts = accessTokenFacts(authorization, token.family, absoluteUntil, now)
  const access = yield* machine.insertOpaqueToken(facts)
  return { kind: 'refreshed', how, token, access: machine.hashOpaqueToken(access.reveal()) }
}

export function* exchange(
  { machine, settings, code, verifier, codeAuthorization }: Situation,
  change: Partial<PresentedCode>,
  now: number,
): Steps<Outcome> {
  const redirectUri = 'https://app.example.com/cb'
  const proven = codeAuthorization.confirmation ?? {}
  const common = { code, clientId: 'app', redirectUri, verifier, confirmation: proven }
  const presented = { ...common, ...change }
  const result = yield* machine.exchangeCode(presented, settings, now)
  if (result.kind === 'refused') return { kind: 'refused', reason: result.reason }
  const { family, familyId, token } = result
  const { authorization, absoluteUntil } = family
  const access = yield* machine.insertOpaqueToken(
    accessTokenFacts(authorization, familyId, absoluteUntil, now),
  )
  return {
    kind: 'issued',
    authorization,
    token,
    access: machine.hashOpaqueToken(access.reveal()),
    proven: codeAuthorization.epochs,
  }
}

/** A new session of the same user; between its two halves the user is proven. */
function* login({ machine, settings, authorization }: Situation, now: number): Steps<Outcome> {
  const owners = { subject: 'alice', client: 'app', tenant: 'acme', session: 's3' }
  const { counts } = yield* machine.readEpochs(owners)
  const proven = yield* trueCounts(authorization)
  const current = yield* machine.readEpochs(owners)
  if (machine.isOutdated(counts, 's3', current)) return { kind: 'refused', reason: 'outdated' }
  const granted: Authorization = {
    ...authorization,
    session: 's3',
    epochs: counts,
    confirmation: null,
  }
  const familyId = machine.randomId()
  const begun = yield* machine.beginFamily(familyId, granted, settings, now)
  if (begun === null) return { kind: 'refused', reason: 'taken' }
  const { token, family } = begun
  const access = yield* machine.insertOpaqueToken(
    accessTokenFacts(granted, familyId, family.absoluteUntil, now),
  )
  return {
    kind: 'issued',
    authorization: granted,
    token,
    access: machine.hashOpaqueToken(access.reveal()),
    proven,
  }
}

/** The counters as the records have them: not by way of the code that is judged. */
function* trueCounts(authorization: Authorization): Steps<Epochs> {
  const names = ['everything', 'tenant', 'client', 'subject', 'session'] as const
  const records = yield* getAll(
    names.map((name) => ({ kind: 'epoch', id: epochId(name, authorization, 's3') })),
  )
  const counts = names.map((name, index) => [name, records[index]?.version ?? 0] as const)
  return Object.fromEntries(counts) as unknown as Epochs // one for each name
}

export function epochId(name: EpochName, { client }: Authorization, session: string): string {
  const ids = { tenant: 'acme', client: client.id, subject: 'alice', session }
  return name === 'everything' ? name : `${name}:${ids[name]}`
}

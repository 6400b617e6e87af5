import * as z from 'zod/mini'
import { parseBasic } from '../credential/basic.js'
import { type HashingGate, sharedHashingGate } from '../lifecycle/password/hashing-gate.js'
import { type PasswordHashing, passwordHasher } from '../lifecycle/password/password.js'
import type { PasswordHasher } from '../lifecycle/password/password-hasher.js'
import type { Throttle } from '../lifecycle/throttle/throttle.js'
import { establishUser } from '../principal/establish.js'
import type { UserPrincipal } from '../principal/principal.js'
import { within } from '../runtime/within.js'
import { checkedOptions, port, TEXT } from '../shared/options.js'
import { askStore, STORE_TIMEOUT_MILLISECONDS, unusableRecord } from './ask-store.js'
import { REALM, TIMEOUT_MILLISECONDS } from './factory-options.js'
import { refused } from './refused.js'
import { THROTTLE, throttled } from './throttled.js'
import type { Verification, VerificationContext, Verifier } from './verifier.js'

/** What a store keeps of a user who logs in with a password. */
export interface PasswordRecord {
  /** Exactly as it was asked for, letter for letter. */
  readonly username: string
  /** A PHC string from `hashPassword`. */
  readonly passwordHash: string
  /** The user's stable id; the username by default. Give one if usernames can change or be reused. */
  readonly subject?: string
  /** Single scope tokens; none by default. */
  readonly scopes?: readonly string[]
}

/** Where users are looked up. It never sees a password. */
export interface PasswordStore {
  /**
   * The record of this very username, or null if there is none. A rejection, a late answer, a record of another
   * spelling and anything else that is not a record count as an outage, answered 503.
   */
  find(username: string): PasswordRecord | null | Promise<PasswordRecord | null>
  /**
   * Replaces a hash that was made with other costs than today's. Write only if the record still has `replaced`: the
   * password may have been changed meanwhile, and must not be changed back. What it throws is dropped.
   */
  rehash?(username: string, passwordHash: string, replaced: string): void | Promise<void>
}

export interface BasicOptions {
  /** Shown to the user by browsers: 1 to 128 printable ASCII characters without double quotes and backslashes. */
  readonly realm: string
  readonly store: PasswordStore
  /** How new hashes are made, or a hasher of your own; argon2id by default. */
  readonly passwords?: PasswordHashing | PasswordHasher
  /** How many hashes may run and wait; by default one gate for all of this process that checks passwords. */
  readonly hashingGate?: HashingGate
  /** How long the store may take; 2,000 by default, 1 to 60,000. */
  readonly timeoutMilliseconds?: number
  /**
   * Limits how many passwords are tried, by source and by username. Clients send theirs with each request, and one counts
   * while it is being checked: give `accountAndSource` more than one client has under way at once. Default: none.
   */
  readonly throttle?: Throttle
}

/** Basic credentials carry no claims. */
export type NoClaims = Readonly<Record<string, never>>

/**
 * Verifies `Authorization: Basic`. The principal is a user, of the issuer `basic:<realm>`.
 *
 * An unknown user costs the same work as a wrong password and is refused for the same reason. Every request costs a
 * password hash; when too many wait, the answer is 503. The time of login is unknown, since browsers repeat the
 * password by themselves. Does not count failed attempts, unless you give it a `throttle`. Hashes of other costs than today's give themselves away by
 * their time until they are replaced, which happens at the next login if the store has `rehash`.
 *
 * @throws ConfigurationError `option_invalid`
 * @see RFC 7617
 */
export function basic(options: BasicOptions): Verifier<UserPrincipal<NoClaims>> {
  const checked = checkedOptions('basic', OPTIONS, options)
  const setup: Setup = {
    realm: checked.realm,
    store: checked.store,
    hasher: hasherFrom(checked.passwords),
    gate: checked.hashingGate ?? sharedHashingGate(),
    timeout: checked.timeoutMilliseconds ?? STORE_TIMEOUT_MILLISECONDS,
  }
  // Made when first needed: some edge runtimes give out no random bytes at start-up.
  let decoy: string | null = null
  return {
    recognises: { kind: 'basic' },
    needsClientNetwork: checked.throttle !== undefined,
    offer: { scheme: 'Basic', parameters: { realm: setup.realm, charset: 'UTF-8' } },
    verify(credential, context) {
      if (credential.kind !== 'basic') return refused('basic_malformed')
      const parsed = parseBasic(credential.token68.reveal())
      if (!parsed.ok) return refused(parsed.reason)
      const { username, password } = parsed.value
      return throttled(checked.throttle, { account: username }, context, async () => {
        const answer = await askStore(
          () => setup.store.find(username),
          RECORD,
          setup.timeout,
          context,
          NOBODY,
        )
        if (answer.kind === 'unavailable') return answer
        const record = answer.kind === 'found' ? answer.record : null
        if (record !== null && record.username !== username) return unusableRecord('username')
        try {
          decoy ??= setup.hasher.decoyHash()
          return await judgePassword(setup, record, password.reveal(), decoy, context)
        } catch (cause) {
          return { kind: 'unavailable', reason: 'verifier_failed', cause }
        }
      })
    },
  }
}

interface Setup {
  readonly realm: string
  readonly store: PasswordStore
  readonly hasher: PasswordHasher
  readonly gate: HashingGate
  readonly timeout: number
}

async function judgePassword(
  setup: Setup,
  record: CheckedRecord | null,
  password: string,
  decoy: string,
  { scopes }: VerificationContext,
): Promise<Verification<UserPrincipal<NoClaims>>> {
  const stored = record?.passwordHash ?? decoy
  const job = await setup.gate.run(() => setup.hasher.verify(password, stored))
  if (job.kind === 'busy') {
    return { kind: 'unavailable', reason: 'hashing_busy', retryAfterSeconds: 1 }
  }
  // INVARIANT: asked after the work is done, and whatever its result: nobody has the decoy's password.
  if (record === null) return refused('password_wrong')
  if (job.value.kind === 'unusable') return unusableRecord('passwordHash')
  if (job.value.kind !== 'match') return refused('password_wrong')
  const grant = scopes.grant(record.scopes ?? [])
  if (grant.problem !== null) return refused(grant.problem)
  if (job.value.rehash) await replaceHash(setup, record, password)
  const issuer = `basic:${setup.realm}`
  return {
    kind: 'verified',
    principal: establishUser<NoClaims>({
      issuer,
      subject: record.subject ?? record.username,
      clientId: null,
      grant,
      claims: NO_CLAIMS,
      authentication: AUTHENTICATION,
      // A username has no colon, so no two of these are equal.
      credentialId: `${issuer}:${record.username}`,
      expiresAt: null,
    }),
  }
}

/** Best effort: the password was right, whatever becomes of this. */
async function replaceHash(
  { store, hasher, gate, timeout }: Setup,
  { username, passwordHash: replaced }: CheckedRecord,
  password: string,
): Promise<void> {
  if (store.rehash === undefined) return
  try {
    const job = await gate.run(() => hasher.hash(password))
    if (job.kind === 'busy') return
    await within(timeout, Promise.resolve(store.rehash(username, job.value, replaced)))
  } catch {
    // The old hash stays, and the next login tries again.
  }
}

function hasherFrom(passwords: PasswordHashing | PasswordHasher | undefined): PasswordHasher {
  return passwords !== undefined && 'verify' in passwords ? passwords : passwordHasher(passwords)
}

type CheckedRecord = z.infer<typeof RECORD>

const NO_CLAIMS: NoClaims = /* @__PURE__ */ Object.freeze({})
const AUTHENTICATION = /* @__PURE__ */ Object.freeze({
  time: null,
  acr: null,
  amr: /* @__PURE__ */ Object.freeze(['pwd']), // RFC 8176
})

const OPTIONS = /* @__PURE__ */ z.strictObject({
  realm: REALM,
  store: port<PasswordStore>('find'),
  passwords: z.optional(
    z.union([
      port<PasswordHasher>('hash', 'verify', 'decoyHash'),
      z.custom<PasswordHashing>(namesAlgorithm), // which `passwordHasher` checks
    ]),
  ),
  hashingGate: z.optional(port<HashingGate>('run')),
  timeoutMilliseconds: TIMEOUT_MILLISECONDS,
  throttle: THROTTLE,
})

function namesAlgorithm(value: unknown): boolean {
  return typeof value === 'object' && value !== null && 'algorithm' in value
}

const RECORD = /* @__PURE__ */ z.object({
  username: z.string(),
  passwordHash: z.string(),
  subject: z.optional(TEXT),
  scopes: z.optional(z.array(z.string())),
})

/** Checked where there is no record, so that time does not tell; its password is never judged. */
const NOBODY: CheckedRecord = { username: '', passwordHash: '' }

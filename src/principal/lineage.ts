/** What a credential descends from: all that it can be revoked by besides its own id. Members are null where it is silent. */
export interface Lineage {
  /** The `kid` of the key that signed it. */
  readonly keyId: string | null
  /** The token family whose refresh token it came of. */
  readonly family: string | null
  /** The session, one login on one device: the `sid` of OpenID Connect. */
  readonly session: string | null
  readonly tenant: string | null
  /** What the counters said when the user logged in. */
  readonly epochs: Epochs
}

/** What is revoked as a whole, by a counter of its own. */
export type EpochName = 'everything' | 'tenant' | 'client' | 'subject' | 'session'

/**
 * Revocation counters as they were at one moment. Who raises one revokes all that has captured less: no clock is asked, so
 * that two events in one second are not mistaken for each other.
 */
export type Epochs = Readonly<Record<EpochName, number>>

export const EPOCH_NAMES: readonly EpochName[] = [
  'everything',
  'tenant',
  'client',
  'subject',
  'session',
]

export const NO_EPOCHS: Epochs = /* @__PURE__ */ Object.freeze({
  everything: 0,
  tenant: 0,
  client: 0,
  subject: 0,
  session: 0,
})

/** Of a credential that says nothing of the kind. */
export const NO_LINEAGE: Lineage = /* @__PURE__ */ Object.freeze({
  keyId: null,
  family: null,
  session: null,
  tenant: null,
  epochs: NO_EPOCHS,
})

/** The claims that tell a lineage, as {@link lineageOfClaims} reads them. Counters that are 0 are left out. */
export function claimsOfLineage({
  family,
  session,
  tenant,
  epochs,
}: Omit<Lineage, 'keyId'>): Readonly<Record<string, unknown>> {
  const raised = Object.entries(epochs).filter(([, count]) => count > 0)
  return {
    ...(session === null ? {} : { sid: session }),
    ...(family === null ? {} : { family }),
    ...(tenant === null ? {} : { tenant }),
    ...(raised.length === 0 ? {} : { epochs: Object.fromEntries(raised) }),
  }
}

/**
 * The lineage that verified claims tell. What is not of the right kind is as good as absent: other issuers may use these
 * names for something else.
 */
export function lineageOfClaims(
  { sid, family, tenant, epochs }: Readonly<Record<string, unknown>>,
  keyId: string | null,
): Lineage {
  return Object.freeze({
    keyId,
    family: textOrNull(family),
    session: textOrNull(sid),
    tenant: textOrNull(tenant),
    epochs: typeof epochs === 'object' && epochs !== null ? epochsOf(epochs) : NO_EPOCHS,
  })
}

function epochsOf(claim: object): Epochs {
  const count = (name: EpochName): number => {
    const value: unknown = Object.getOwnPropertyDescriptor(claim, name)?.value
    return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : 0
  }
  return Object.freeze({
    everything: count('everything'),
    tenant: count('tenant'),
    client: count('client'),
    subject: count('subject'),
    session: count('session'),
  })
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null
}

import * as z from 'zod/mini'
import { lineageOfClaims } from '../../principal/lineage.js'
import { JSON_OBJECT } from '../../shared/json-object.js'
import type { Redacted } from '../../shared/redacted.js'
import { CONFIRMATION } from '../family/authorization.js'
import { type FamilyRecord, familyKeyOf, readFamily } from '../family/family-record.js'
import { createOpaqueToken, type OpaqueTokenRecord } from '../opaque-token.js'
import { epochKeys, epochsIn, isOutdated } from '../revocation/epochs.js'
import { revokedTokenKey } from '../revocation/revoked-token.js'
import { getAll, insert, type Steps } from '../store/steps.js'
import type { RecordKey } from '../store/store.js'
import { type AccessTokenFacts, claimsOfAccessToken } from './access-token-claims.js'

/** Makes an opaque access token. The store gets its hash, and what it says. */
export function* insertOpaqueToken(facts: AccessTokenFacts): Steps<Redacted> {
  const { token, hash } = createOpaqueToken()
  const common = {
    hash,
    issuer: facts.issuer,
    scopes: facts.scopes,
    expiresAt: facts.expiresAt,
    ...(facts.confirmation === null ? {} : { cnf: facts.confirmation }),
    claims: claimsOfAccessToken(facts),
  }
  const record =
    facts.authentication === null
      ? { kind: 'application', applicationId: facts.clientId, ...common }
      : {
          kind: 'user',
          subject: facts.subject,
          clientId: facts.clientId,
          authTime: facts.authentication.time,
          ...common,
        }
  const options = { now: facts.issuedAt, expiresAt: facts.expiresAt }
  yield* insert(accessTokenKey(hash), JSON.stringify(record), options)
  return token
}

/**
 * Finds an opaque access token by its hash, if it stands: neither it nor anything that it descends from is revoked, as the
 * store knows at this moment.
 *
 * Does not judge its expiry: the verifier does.
 */
export function* findOpaqueToken(hash: string): Steps<OpaqueTokenRecord | null> {
  const [found = null, revoked = null] = yield* getAll([
    accessTokenKey(hash),
    revokedTokenKey(`opaque-token:${hash}`),
  ])
  if (found === null || revoked !== null) return null
  const record = z.parse(RECORD, JSON.parse(found.value))
  const { family, session, tenant, epochs } = lineageOfClaims(record.claims, null)
  const isUser = record.kind === 'user'
  const owners = {
    tenant,
    session,
    client: isUser ? record.clientId : record.applicationId,
    subject: isUser ? record.subject : null,
  }
  // One question for all that it descends from; a token without a family asks for its counters only.
  const keys = epochKeys(owners)
  const answers = yield* getAll(family === null ? keys : [...keys, familyKeyOf(family)])
  const current = epochsIn(answers.slice(0, keys.length), owners)
  if (isOutdated(epochs, session, current)) return null
  if (family !== null) {
    const kept = answers[keys.length] ?? null
    const state: FamilyRecord | null = kept === null ? null : readFamily(kept.value)
    if (state?.status !== 'live') return null
  }
  return record
}

function accessTokenKey(hash: string): RecordKey {
  return { kind: 'access_token', id: hash }
}

const FIELDS = {
  hash: z.string(),
  issuer: z.string(),
  scopes: z.array(z.string()),
  expiresAt: z.int(),
  cnf: z.exactOptional(CONFIRMATION),
  claims: JSON_OBJECT,
}

const RECORD = /* @__PURE__ */ z.discriminatedUnion('kind', [
  z.object({
    ...FIELDS,
    kind: z.literal('user'),
    subject: z.string(),
    clientId: z.string(),
    authTime: z.int(),
  }),
  z.object({ ...FIELDS, kind: z.literal('application'), applicationId: z.string() }),
])

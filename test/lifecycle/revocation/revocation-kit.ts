import { noticeText, type RevocationNotice } from '../../../src/lifecycle/revocation/notice.js'
import type { FeedEntry } from '../../../src/lifecycle/store/store.js'
import { establishApplication, establishUser } from '../../../src/principal/establish.js'
import {
  type EpochName,
  type Lineage,
  NO_EPOCHS,
  NO_LINEAGE,
} from '../../../src/principal/lineage.js'
import type { ApplicationPrincipal, UserPrincipal } from '../../../src/principal/principal.js'
import { defineScopes } from '../../../src/scope/define-scopes.js'

export const ISSUER = 'https://id.example.com'
export const NOW = 1_800_000_000

const grant = defineScopes({ resources: {} }).grant('')

/** Alice on her phone, by a token of the family f1. */
export function aUser(
  told: Partial<Pick<UserPrincipal, 'issuer' | 'subject' | 'clientId' | 'credentialId'>> = {},
  lineage: Partial<Lineage> = {},
): UserPrincipal {
  return establishUser({
    issuer: ISSUER,
    subject: 'alice',
    clientId: 'web',
    credentialId: 't1',
    ...told,
    grant,
    claims: {},
    authentication: { time: null, acr: null, amr: [] },
    lineage: {
      ...NO_LINEAGE,
      keyId: 'k1',
      family: 'f1',
      session: 'phone',
      tenant: 'north',
      ...lineage,
    },
    expiresAt: null,
  })
}

export function anApplication(lineage: Partial<Lineage> = {}): ApplicationPrincipal {
  return establishApplication({
    issuer: ISSUER,
    applicationId: 'web',
    grant,
    credentialId: 'a1',
    lineage: { ...NO_LINEAGE, ...lineage },
    expiresAt: null,
  })
}

/** Counters that a credential has captured. */
export function captured(counts: Partial<Record<EpochName, number>>): Pick<Lineage, 'epochs'> {
  return { epochs: { ...NO_EPOCHS, ...counts } }
}

export function anEntry(
  notice: RevocationNotice,
  { version = 1, until = NOW + 900 }: Partial<FeedEntry> = {},
): FeedEntry {
  return { text: noticeText(notice), version, until }
}

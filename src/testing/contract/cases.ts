import { browsers } from './browsers.js'
import type { CaseDefinition } from './case.js'
import { metadata } from './metadata.js'
import { mounting } from './mounting.js'
import { outages } from './outages.js'
import { permission } from './permission.js'
import { policy } from './policy.js'
import { presentation } from './presentation.js'
import { resources } from './resources.js'
import { verification } from './verification.js'
import { withoutCredential } from './without-credential.js'

/** The cases of the contract: the answers of RFC 6750, 7617, 9110, 9470 and 9728, and faults found in real servers. */
export function contractCases(): readonly CaseDefinition[] {
  return [
    ...withoutCredential(),
    ...presentation(),
    ...verification(),
    ...permission(),
    ...resources(),
    ...policy(),
    ...outages(),
    ...browsers(),
    ...mounting(),
    ...metadata(),
  ]
}

import { createApiKeys } from '../../../src/lifecycle/api-key/api-keys.js'
import type { ApiKeysOptions } from '../../../src/lifecycle/api-key/api-keys-options.js'
import type { Store } from '../../../src/lifecycle/store/store.js'
import { memoryStore } from '../../../src/stores/memory.js'
import { createTestClock } from '../../../src/testing/test-clock.js'
import { apiKey } from '../../../src/verify/api-key.js'
import { aContext, apiKeyCredential } from '../../verify/verifier-kit.js'

export const NOW = 1_800_000_000
export const DAY = 86_400

/** Keys of `acme` on a store of their own, at a time that the test sets, and the verifier that takes them. */
export function someKeys(options: Partial<ApiKeysOptions> = {}) {
  const clock = createTestClock(NOW)
  const store: Store = options.store ?? memoryStore()
  const keys = createApiKeys({ prefix: 'acme', clock, ...options, store })
  const verifier = apiKey({ prefix: options.prefix ?? 'acme', store: keys })
  /** `verified`, or why not. */
  const verdict = async (text: string): Promise<string> => {
    const context = aContext({ now: clock.now() })
    const verification = await verifier.verify(apiKeyCredential(text), context)
    return 'reason' in verification ? verification.reason : verification.kind
  }
  return { clock, store, keys, verifier, verdict, create: creator(keys), rotate: rotator(keys) }
}

/** Creates a key that must be possible to create. */
function creator(keys: ReturnType<typeof createApiKeys>) {
  return async (options: Partial<Parameters<typeof keys.create>[0]> = {}) => {
    const given = { applicationId: 'reports', scopes: ['jobs:run'], ...options }
    const created = await keys.create(given as Parameters<typeof keys.create>[0]) // one of both lifetimes
    if (created.kind !== 'created') throw new Error(`not created: ${created.kind}`)
    return { text: created.key.reveal(), record: created.record }
  }
}

/** Rotates a key that must be possible to rotate. */
function rotator(keys: ReturnType<typeof createApiKeys>) {
  return async (id: string, options: Parameters<typeof keys.rotate>[1] = {}) => {
    const rotated = await keys.rotate(id, options)
    if (rotated.kind !== 'rotated') throw new Error(`not rotated: ${rotated.kind}`)
    return { text: rotated.key.reveal(), record: rotated.record }
  }
}

/** What an administrator may be asked to make up: another key with this id. */
export { formatApiKey } from '../../../src/credential/api-key.js'

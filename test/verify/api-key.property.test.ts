import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createApiKey } from '../../src/lifecycle/api-key/api-key.js'
import { type ApiKeyStore, apiKey } from '../../src/verify/api-key.js'
import { aContext, apiKeyCredential, aSpyStore, NOW } from './verifier-kit.js'

const OPTIONS = { prefix: 'acme', applicationId: 'reports', scopes: [], now: NOW }

/** A key from real randomness: fast-check's own would not make one that `createApiKey` could have made. */
const keys = fc.constant(null).map(() => {
  const { key, record } = createApiKey(OPTIONS)
  return { text: key.reveal(), record }
})

test('no text verifies that was not created, and none throws', async () => {
  const { record } = createApiKey(OPTIONS)
  const store = aSpyStore(() => record)
  const verifier = apiKey({ prefix: 'acme', store })
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.stringMatching(/^acme_[0-9A-Za-z]{16}_[0-9A-Za-z]{49}$/),
  )
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      expect((await verifier.verify(apiKeyCredential(text), aContext())).kind).toBe('refused')
    }),
    { numRuns: 500 },
  )
})

test('every created key verifies, and the store is never shown its secret', async () => {
  await fc.assert(
    fc.asyncProperty(keys, async ({ text, record }) => {
      const store = aSpyStore(() => record)
      const verifier = apiKey({ prefix: 'acme', store })
      expect((await verifier.verify(apiKeyCredential(text), aContext())).kind).toBe('verified')
      expect(store.calls).toEqual([[record.id]])
      expect(store.seen()).not.toContain(text.slice(-49, -6))
    }),
  )
})

test('a key with one changed character is refused without asking the store', async () => {
  const change = fc.record({
    key: keys,
    at: fc.nat(),
    by: fc.oneof(fc.stringMatching(/^[0-9A-Za-z_]$/), fc.string({ minLength: 1, maxLength: 1 })),
  })
  await fc.assert(
    fc.asyncProperty(change, async ({ key: { text, record }, at, by }) => {
      const index = at % text.length
      fc.pre(text[index] !== by)
      const store = aSpyStore(() => record)
      const verifier = apiKey({ prefix: 'acme', store })
      const changed = text.slice(0, index) + by + text.slice(index + 1)
      expect((await verifier.verify(apiKeyCredential(changed), aContext())).kind).toBe('refused')
      expect(store.calls).toEqual([])
    }),
    { numRuns: 500 },
  )
})

test('whatever a store answers, a key is never verified by it and nothing is thrown', async () => {
  const { key } = createApiKey(OPTIONS)
  const answers = fc.oneof(fc.anything(), fc.record({ id: fc.string(), scopes: fc.anything() }))
  await fc.assert(
    fc.asyncProperty(answers, fc.boolean(), async (answer, later) => {
      fc.pre(answer !== null)
      const find = () => (later ? Promise.resolve(answer) : answer)
      const store = { find } as unknown as ApiKeyStore // any store at all
      const verifier = apiKey({ prefix: 'acme', store })
      expect(await verifier.verify(apiKeyCredential(key.reveal()), aContext())).toMatchObject({
        kind: 'unavailable',
        reason: 'store_unavailable',
      })
    }),
    { numRuns: 500 },
  )
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createOpaqueToken, hashOpaqueToken } from '../../src/lifecycle/opaque-token.js'
import { type OpaqueTokenStore, opaqueBearer } from '../../src/verify/opaque-bearer.js'
import { aContext, aSpyStore, bearerCredential, NOW } from './verifier-kit.js'

const { token, hash } = createOpaqueToken()
const RECORD = { kind: 'user', hash, subject: 'alice', scopes: [], expiresAt: NOW + 60 } as const
const find = (key: string) => (key === hash ? RECORD : null)

test('no text verifies that was not created, none throws, and the store sees only hashes', async () => {
  const near = fc
    .tuple(fc.nat({ max: 42 }), fc.stringMatching(/^[\w-]{0,2}$/))
    .map(([at, by]) => token.reveal().slice(0, at) + by + token.reveal().slice(at + 1))
  await fc.assert(
    fc.asyncProperty(fc.oneof(fc.string({ unit: 'binary' }), near), async (text) => {
      fc.pre(text !== token.reveal())
      const store = aSpyStore(find)
      const verification = await opaqueBearer({ store }).verify(bearerCredential(text), aContext())
      expect(verification).toEqual({ kind: 'refused', reason: 'token_unknown' })
      expect(store.calls).toEqual([[hashOpaqueToken(text)]])
    }),
    { numRuns: 500 },
  )
})

test('JSON claims arrive as they are', async () => {
  const claims = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }))
  await fc.assert(
    fc.asyncProperty(claims, async (given) => {
      fc.pre(!JSON.stringify(given).includes('__proto__'))
      // JSON has no negative zero.
      const stored = JSON.parse(JSON.stringify(given))
      const store = { find: () => ({ ...RECORD, claims: stored }) }
      const verification = await opaqueBearer({ store }).verify(
        bearerCredential(token.reveal()),
        aContext(),
      )
      expect(verification).toMatchObject({ kind: 'verified' })
      if (verification.kind === 'verified') expect(verification.principal.claims).toEqual(stored)
    }),
    { numRuns: 300 },
  )
})

test('whatever a store answers, it verifies nothing and nothing is thrown', async () => {
  const answers = fc.oneof(
    fc.anything(),
    fc.record({ kind: fc.constant('user'), hash: fc.constant(hash), subject: fc.anything() }),
  )
  await fc.assert(
    fc.asyncProperty(answers, fc.boolean(), async (answer, later) => {
      fc.pre(answer !== null)
      const find = () => (later ? Promise.resolve(answer) : answer)
      const store = { find } as unknown as OpaqueTokenStore // any store at all
      const verifier = opaqueBearer({ store })
      expect(await verifier.verify(bearerCredential(token.reveal()), aContext())).toMatchObject({
        kind: 'unavailable',
        reason: 'store_unavailable',
      })
    }),
    { numRuns: 500 },
  )
})

import { describe, expect, test } from 'vitest'
import { createGate } from '../../src/gate.js'
import type { Outcome } from '../../src/outcome/outcome.js'
import { authenticated } from '../../src/scope/requirement.js'
import { stubApiKey, stubBearer } from '../support/stub-verifiers.js'
import { aView } from '../support/views.js'

function aGuard() {
  const gate = createGate({
    resource: 'https://api.example.com',
    verifiers: {
      user: { ...stubBearer(), metadata: { issuers: ['https://id.example.com'] } },
      machine: stubApiKey('acme'),
    },
  })
  const guard = gate.guard({ scopes: authenticated() })
  const challenges = async (fields: Readonly<Record<string, string>>) => {
    const outcome: Outcome = await guard.decide(aView({ fields }), undefined)
    return 'challenges' in outcome ? outcome.challenges : expect.fail(outcome.kind)
  }
  return { gate, challenges, junk: { authorization: 'Bearer junk' } }
}

describe('the challenges of a rule', () => {
  test('are composed once for what is refused in the same words, so that refusing is cheap', async () => {
    const { challenges, junk } = aGuard()
    expect(await challenges(junk)).toBe(await challenges({ authorization: 'Bearer other' }))
    expect(await challenges({})).toBe(await challenges({}))
    expect(await challenges({})).not.toBe(await challenges(junk))
  })

  test('name the metadata from the moment that it is served, also where they were composed before', async () => {
    const { gate, challenges, junk } = aGuard()
    const named = async (fields: Readonly<Record<string, string>>) =>
      JSON.stringify(await challenges(fields)).includes('resource_metadata')
    expect([await named({}), await named(junk)]).toEqual([false, false])
    gate.serveMetadata({})
    expect([await named({}), await named(junk)]).toEqual([true, true])
  })
})

test('what is shared between requests cannot be written to: challenges and the steps of a trace', async () => {
  const { gate, challenges, junk } = aGuard()
  const [bearer] = await challenges(junk)
  expect(() => Object.assign(bearer ?? {}, { scheme: 'Evil' })).toThrow(TypeError)
  const parameters = (bearer?.parameters ?? []) as unknown[]
  expect(() => parameters.pop()).toThrow(TypeError)
  const granted = await gate
    .guard({ scopes: authenticated() })
    .decide(aView({ fields: { authorization: 'Bearer user~alice' } }), undefined)
  expect(() => Object.assign(granted.trace[0] ?? {}, { code: 'evil' })).toThrow(TypeError)
})

test.each(['a\r\nSet-Cookie: b', '', 'ä', 1, null])(
  'a verifier of your own that hands out the nonce %j has not judged: it would not fit a field',
  async (dpopNonce) => {
    const refusing = {
      ...stubBearer(),
      verify: async () => ({ kind: 'refused', reason: 'token_unknown', dpopNonce }) as never,
    }
    const gate = createGate({
      resource: 'https://api.example.com',
      verifiers: { user: refusing },
    })
    const request = aView({ fields: { authorization: 'Bearer x' } })
    const outcome = await gate.guard({ scopes: authenticated() }).decide(request, undefined)
    expect(outcome).toMatchObject({ kind: 'unavailable', reason: 'verifier_failed' })
  },
)

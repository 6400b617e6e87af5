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

import { expect, test } from 'vitest'
import { acceptsLag, REVOCATION_LAG_POLICIES } from '../../../src/policy/route/revocation-lag.js'

test('each policy lets in what its name says, and no more', () => {
  const table = REVOCATION_LAG_POLICIES.map((policy) => [
    policy,
    acceptsLag(policy, 'lagging', true),
    acceptsLag(policy, 'lagging', false),
    acceptsLag(policy, 'empty', true),
    acceptsLag(policy, 'empty', false),
  ])
  expect(table).toEqual([
    ['refuse', false, false, false, false],
    ['refuse-unsafe', true, false, false, false],
    ['accept', true, true, false, false],
    ['dangerously-accept-empty', true, true, true, true],
  ])
})

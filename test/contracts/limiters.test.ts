import { afterAll, beforeAll, describe, test } from 'vitest'
import { createLimiterContract } from '../../src/testing/limiter-contract.js'
import { LIMITER_CLIENTS, type LimiterClients } from '../support/limiters.js'

describe.each(LIMITER_CLIENTS)('the contract of limiters: $name', ({ open }) => {
  let clients: LimiterClients
  beforeAll(async () => {
    clients = await open()
  })
  afterAll(() => clients.close())

  for (const [index, { name, run }] of createLimiterContract().entries()) {
    test(name, () => {
      const both = clients.limiters(`contract_${index}`, 10)
      let opened = 0
      return run(() => both[opened++ % 2 === 0 ? 0 : 1])
    })
  }
})

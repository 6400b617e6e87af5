import { describe, expect, test } from 'vitest'
import { ADAPTERS } from '../attacks/support/serve.js'
import { fuzz } from './fuzz.js'

describe.each(ADAPTERS)('whatever comes over the wire to %s', (adapter) => {
  test('neither crashes nor hangs nor fails it, nor is let in', { timeout: 120_000 }, async () => {
    const report = await fuzz({ adapter, requests: 2_000, seed: 20_260_112, connections: 4 })
    expect(report.failures).toEqual([])
    expect(report.sent).toBe(2_000)
    expect(report.controls).toBeGreaterThan(19)
  })
})

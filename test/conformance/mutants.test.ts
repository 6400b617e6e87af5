import { beforeAll, describe, expect, it } from 'vitest'
import type { Party } from './mutants/party.js'
import { allParties, runMutants } from './mutants/run.js'

const RUN = { seed: 20_260_101, count: 4_000, sampleOneIn: 4 }

// The long run is `npm run mutants -- --count 1000000`.
describe('the verifier, on mutants of good tokens of every algorithm', () => {
  let parties: readonly Party[]
  beforeAll(async () => {
    parties = await allParties()
  })

  it('never takes what jose refuses, nor reads other claims, nor lets in what looks like a token it remembers', async () => {
    const tally = await runMutants(RUN, parties)
    expect(tally.looser).toBeNull()
    expect(tally.mutants).toBe(RUN.count)
    // The mutants are worth their name: some are still good, and some jose takes and we do not.
    expect(tally.acceptedByBoth).toBeGreaterThan(100)
    expect(tally.refusedByBoth).toBeGreaterThan(100)
    expect(tally.acceptedByJoseOnly).toBeGreaterThan(20)
  })

  it('would be caught if it took what jose refuses', async () => {
    const ours: Party['ours'] = async (token) => {
      const [original = ''] = parties[0]?.originals ?? []
      const good = await parties[0]?.ours(original)
      return good ?? expect.fail(token)
    }
    const loose = parties.map((party): Party => ({ ...party, ours }))
    expect((await runMutants(RUN, loose)).looser).not.toBeNull()
  })

  it('would be caught if a gate let in what the verifier refuses', async () => {
    const loose = parties.map((party): Party => ({ ...party, isLetIn: async () => true }))
    const { looser, mutants } = await runMutants(RUN, loose)
    expect(looser?.because).toBe('a warmed gate lets it in')
    expect(mutants).toBeLessThan(20)
  })

  it('gets a mutant again by its number', async () => {
    const loose = parties.map((party): Party => ({ ...party, isLetIn: async () => true }))
    const { looser } = await runMutants(RUN, loose)
    const again = await runMutants({ ...RUN, first: looser?.number ?? 0, count: 1 }, loose)
    expect(again.looser?.mutations).toEqual(looser?.mutations)
    expect(again.looser?.algorithm).toEqual(looser?.algorithm)
  })
})

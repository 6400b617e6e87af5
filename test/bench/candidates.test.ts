import { describe, expect, it } from 'vitest'
import { others, ours } from '../../bench/compare/candidates.js'
import { arePeersInstalled, loadPeers } from '../../bench/compare/packages.js'
import { refusedValues } from '../../bench/compare/refusing.js'
import { signTokens } from '../../bench/compare/tokens.js'
import { PEER_ALGORITHMS } from '../../bench/names.js'

// The peers need the network once; without them, those are judged that the repository has anyway.
const peers = arePeersInstalled() ? loadPeers() : null

describe('whoever the benchmark compares', () => {
  it.each(PEER_ALGORITHMS)('%s: takes a good token and refuses each bad one', async (algorithm) => {
    const signed = await signTokens(algorithm, 2)
    const { verify, decide } = ours(signed)
    const candidates = [verify, decide, ...others(signed, peers)]
    const refused = Object.entries(await refusedValues(signed))
    for (const { name, accepts } of candidates) {
      for (const value of signed.values) {
        expect(await accepts(value.toString('latin1')), name).toBe(true)
      }
      for (const [kind, values] of refused) {
        expect(values).toHaveLength(2)
        for (const value of values) {
          expect(await accepts(value.toString('latin1')), `${name}, ${kind}`).toBe(false)
        }
      }
    }
  })
})

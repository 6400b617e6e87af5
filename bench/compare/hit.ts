import { jwtBearer } from 'sallyport'
import { ISSUER } from '../jwt-scheme.js'
import { measure, microseconds, ratio } from '../rounds.js'
import { RESOURCE } from '../scheme.js'
import { formatRatio, formatTable, formatTime } from '../table.js'
import { type Candidate, decisionOf, fastOptions } from './candidates.js'
import { judging } from './judging.js'
import type { Peers } from './packages.js'
import type { Section } from './section.js'
import { type Signed, signTokens, TOKENS, tokenIn } from './tokens.js'

/** The decision about a token that was verified before, with a scope check, beside fast-jwt's cache and a Set. */
export async function measureHit(peers: Peers, seconds: number): Promise<Section> {
  const signed = await signTokens('RS256')
  const { algorithm, jwks, values } = signed
  const options = { issuer: ISSUER, audience: RESOURCE, algorithms: [algorithm], keys: jwks }
  const decide = judging(decisionOf('sallyport decide', jwtBearer(options)), values, true)
  const fast = judging(cachedByFastJwt(signed, peers), values, true)
  const times = await measure([decide, fast], { seconds, inFlight: 1 })
  const figure = ratio(times, decide, fast)
  return {
    title: `A token that is in the cache, RS256, ${TOKENS} of them in turn, with a scope check`,
    table: formatTable([
      ['', 'time', 'of fast-jwt'],
      ['sallyport decide', formatTime(microseconds(times, decide)), formatRatio(figure)],
      ['fast-jwt, cached', formatTime(microseconds(times, fast)), '1'],
    ]),
    targets: [
      { work: 'cached decision: time / fast-jwt cached', figure, wanted: 'at most', limit: 0.3 },
    ],
  }
}

/** fast-jwt with a cache that holds all the tokens, and the scopes of each looked up in a Set that is made once. */
function cachedByFastJwt({ algorithm, encoded }: Signed, { fastJwt }: Peers): Candidate {
  const options = { ...fastOptions(algorithm), key: encoded, cache: 2 * TOKENS }
  const verify = fastJwt.createVerifier(options)
  const scopes = new WeakMap<object, ReadonlySet<string>>()
  return {
    name: 'fast-jwt, cached',
    accepts(value) {
      const claims = verify(tokenIn(value))
      let granted = scopes.get(claims)
      if (granted === undefined) {
        granted = new Set(String(claims['scope']).split(' '))
        scopes.set(claims, granted)
      }
      return granted.has('things:read')
    },
  }
}

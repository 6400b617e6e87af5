import { Buffer } from 'node:buffer'
import { type Contender, measure, microseconds, ratio, type Times } from '../rounds.js'
import { formatRatio, formatTable, formatTime } from '../table.js'
import { others, ours } from './candidates.js'
import { judging } from './judging.js'
import type { Peers } from './packages.js'
import type { Section, Target } from './section.js'
import { bearerValue, type Signed, signTokens, tokenIn } from './tokens.js'

/** What it costs to say no. */
export async function measureRefusing(peers: Peers | null, seconds: number): Promise<Section> {
  const signed = await signTokens('RS256')
  const { verify, decide } = ours(signed)
  const candidates = [verify, decide, ...others(signed, peers)]
  const rows: Row[] = []
  for (const [name, values] of Object.entries(await refusedValues(signed))) {
    rows.push({
      name,
      contenders: candidates.map((candidate) => judging(candidate, values, false)),
    })
  }
  const all = rows.flatMap(({ contenders }) => contenders)
  const times = await measure(all, { seconds, inFlight: 1 })
  return {
    title: 'Refusals, RS256: time of each / sallyport verify',
    table: formatTable([
      ['', ...candidates.map(({ name }) => name)],
      ...rows.map(({ name, contenders }) => [name, ...cellsOf(contenders, times)]),
    ]),
    targets: rows.flatMap((row) => targetsOf(row, times)),
  }
}

/** Values of `Authorization` that must be refused, of each kind as many as there are good ones. */
export async function refusedValues(
  signed: Signed,
): Promise<
  Readonly<
    Record<'junk' | 'alg-none' | 'wrong-alg' | 'expired' | 'bad-signature', readonly Buffer[]>
  >
> {
  const now = Math.floor(Date.now() / 1000)
  const texts = signed.values.map((value) => tokenIn(value.toString('latin1')))
  const bytes = (changed: readonly string[]): readonly Buffer[] => changed.map(bearerValue)
  const other = await signTokens(signed.algorithm === 'ES256' ? 'RS256' : 'ES256', texts.length)
  const expired: string[] = []
  for (const _ of texts) expired.push(await signed.sign({ iat: now - 960, exp: now - 60 }))
  return {
    junk: bytes(texts.map((text) => text.slice(-40))),
    'alg-none': bytes(texts.map((text) => `${NONE}.${text.split('.')[1]}.`)),
    'wrong-alg': other.values,
    expired: bytes(expired),
    'bad-signature': bytes(
      texts.map((text, index) => {
        // Another token's signature is well-formed: only the whole verification can refuse it.
        const another = texts[(index + 1) % texts.length] ?? ''
        return text.slice(0, text.lastIndexOf('.')) + another.slice(another.lastIndexOf('.'))
      }),
    ),
  }
}

/** One kind of refusal: our verification, our decision, then the others. */
interface Row {
  readonly name: string
  readonly contenders: readonly Contender[]
}

function cellsOf([verify, ...rest]: readonly Contender[], times: Times): readonly string[] {
  if (verify === undefined) return []
  return [
    formatTime(microseconds(times, verify)),
    ...rest.map((contender) => formatRatio(ratio(times, contender, verify))),
  ]
}

function targetsOf({ name, contenders }: Row, times: Times): readonly Target[] {
  const [verify, decide, ...peers] = contenders
  if (verify === undefined || decide === undefined || name === 'bad-signature') return []
  const work = `refusing ${name}`
  const limit = name === 'junk' ? 1 : 5
  const targets: Target[] = [verify, decide].map((ours, index) => ({
    work: `${work}: ${index === 0 ? 'verify' : 'decide'}`,
    figure: microseconds(times, ours),
    wanted: 'at most',
    limit,
    unit: 'us',
  }))
  const cheapest = peers
    .map((peer) => ({ peer, time: microseconds(times, peer).median }))
    .reduce((least, each) => (each.time < least.time ? each : least), {
      peer: verify,
      time: Infinity,
    })
  if (name !== 'junk' || cheapest.time === Infinity) return targets
  const figure = ratio(times, decide, cheapest.peer)
  const compared: Target = {
    work: `${work}: decide, time / cheapest peer`,
    figure,
    wanted: 'at most',
    limit: 0.1,
  }
  return [...targets, compared]
}

const NONE = Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')

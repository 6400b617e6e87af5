import { FRAMEWORKS, PEER_ALGORITHMS, type PeerPart } from '../names.js'
import { measureBesideHashing } from './hashing.js'
import { measureHit } from './hit.js'
import { measureHttp } from './http.js'
import { measureMiss } from './miss.js'
import { arePeersInstalled, installPeers, loadPeers } from './packages.js'
import { measureRefusing } from './refusing.js'
import type { Section } from './section.js'
import { measureSmall } from './small.js'
import { formatTargets } from './targets.js'
import { measureWeight } from './weight.js'

/** Compares us with the peers, which are installed when they are not there, and says what came out of each part. */
export async function measurePeers(
  parts: readonly PeerPart[],
  seconds: number,
  say: (text: string) => void,
): Promise<void> {
  if (!arePeersInstalled()) {
    say('Installing the peers (50 MB, once) ...\n')
    installPeers()
  }
  const peers = loadPeers()
  const algorithms = PEER_ALGORITHMS.filter((name) => parts.includes(name))
  const shares = parts.reduce((sum, part) => sum + SHARES[part], 0)
  const secondsOf = (part: PeerPart): number => (seconds * SHARES[part]) / shares
  const sections: Section[] = []
  const add = (section: Section): void => {
    sections.push(section)
    say(`${section.title}\n\n${section.table}\n`)
  }
  const [first] = algorithms
  if (first !== undefined) {
    const time = secondsOf(first) * algorithms.length
    for (const section of await measureMiss(algorithms, peers, time)) add(section)
  }
  if (parts.includes('cached')) add(await measureHit(peers, secondsOf('cached')))
  if (parts.includes('hashing')) add(await measureBesideHashing(secondsOf('hashing')))
  if (parts.includes('refusing')) add(await measureRefusing(peers, secondsOf('refusing')))
  if (parts.includes('small')) add(await measureSmall(secondsOf('small')))
  if (parts.includes('weight')) add(await measureWeight())
  for (const framework of FRAMEWORKS) {
    if (parts.includes(framework)) add(await measureHttp(framework, secondsOf(framework)))
  }
  say(formatTargets(sections.flatMap(({ targets }) => targets)))
}

/** How the time is shared out. */
const SHARES: Readonly<Record<PeerPart, number>> = {
  HS256: 4,
  RS256: 4,
  PS256: 4,
  ES256: 4,
  EdDSA: 4,
  cached: 2,
  hashing: 8,
  refusing: 4,
  small: 2,
  weight: 0,
  express: 12,
  fastify: 12,
  hono: 12,
}

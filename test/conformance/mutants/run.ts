import { isDeepStrictEqual } from 'node:util'
import type { Algorithm } from '../../../src/jwt/algorithms.js'
import { type Party, partyOf } from './party.js'
import { type Random, randomOf } from './random.js'
import { signedMutant } from './signed-mutations.js'
import { TEXT_MUTATIONS, type TextMutation } from './text-mutations.js'

export interface MutantRun {
  readonly seed: number
  /** The number of the first mutant; 0 if not given. With it a single mutant can be made again. */
  readonly first?: number
  readonly count: number
  /** One in so many of the mutants that we refuse is shown to jose as well. */
  readonly sampleOneIn: number
}

export interface MutantTally {
  readonly mutants: number
  /** By us and by jose, with the same claims. */
  readonly acceptedByBoth: number
  readonly refusedByUs: number
  /** How many of those that we refuse were shown to jose, and how many of these it accepts or refuses as well. */
  readonly sampled: number
  readonly acceptedByJoseOnly: number
  readonly refusedByBoth: number
  /** What must not be. Null: there was none, or the run ended at it. */
  readonly looser: LooserMutant | null
}

/** A mutant that we take and should not. */
export interface LooserMutant {
  readonly number: number
  readonly algorithm: Algorithm
  readonly mutations: readonly string[]
  readonly token: string
  readonly because: 'jose refuses it' | 'jose reads other claims' | 'a warmed gate lets it in'
}

/**
 * Changes good tokens and asks whether we ever accept what jose refuses, given the same settings. The seed determines
 * the changes; signatures of ECDSA and RSA-PSS are made with randomness of their own.
 *
 * A gate that has accepted the originals moments ago is asked as well: a mutant must not be let in because it looks
 * like what is remembered. Stops at the first mutant that is taken and should not be.
 */
export async function runMutants(run: MutantRun, parties: readonly Party[]): Promise<MutantTally> {
  const tally = {
    acceptedByBoth: 0,
    refusedByUs: 0,
    sampled: 0,
    acceptedByJoseOnly: 0,
    refusedByBoth: 0,
  }
  const first = run.first ?? 0
  for (let number = first; number < first + run.count; number++) {
    if ((number - first) % WARM_EVERY === 0) await warm(parties)
    const random = randomOf(run.seed, number)
    const party = pickWeighted(parties, random)
    const { token, mutations } = mutantOf(party, parties, random)
    const found = (because: LooserMutant['because']): MutantTally => ({
      ...tally,
      mutants: number - first + 1,
      looser: { number, algorithm: party.algorithm, mutations, token, because },
    })
    const ours = await party.ours(token)
    if (ours.kind === 'verified') {
      const theirs = await party.jose(token)
      if (theirs === null) return found('jose refuses it')
      if (!isDeepStrictEqual({ ...ours.claims }, { ...theirs }))
        return found('jose reads other claims')
      tally.acceptedByBoth += 1
      continue
    }
    tally.refusedByUs += 1
    if (await party.isLetIn(token)) return found('a warmed gate lets it in')
    if (!random.oneIn(run.sampleOneIn)) continue
    tally.sampled += 1
    if ((await party.jose(token)) === null) tally.refusedByBoth += 1
    else tally.acceptedByJoseOnly += 1
  }
  return { ...tally, mutants: run.count, looser: null }
}

/** One party for each algorithm. */
export function allParties(): Promise<readonly Party[]> {
  return Promise.all(NAMES.map(partyOf))
}

async function warm(parties: readonly Party[]): Promise<void> {
  for (const party of parties) {
    for (const original of party.originals) {
      const isTaken = (await party.ours(original)).kind === 'verified'
      if (!isTaken || !(await party.isLetIn(original)) || (await party.jose(original)) === null) {
        throw new Error(`a good token of ${party.algorithm} is refused`)
      }
    }
  }
}

function pickWeighted(parties: readonly Party[], random: Random): Party {
  const [some] = parties
  const name = random.pick(WEIGHTED)
  const party = parties.find(({ algorithm }) => algorithm === name) ?? some
  if (party === undefined) throw new Error('no parties')
  return party
}

function mutantOf(
  party: Party,
  parties: readonly Party[],
  random: Random,
): { readonly token: string; readonly mutations: readonly string[] } {
  const original = () => {
    const { originals } = random.oneIn(3) ? pickWeighted(parties, random) : party
    return random.pick(originals)
  }
  const isSigned = random.oneIn(party.signsFast ? 2 : 8)
  const mutations = isSigned ? ['members, then signed'] : []
  let token = isSigned ? signedMutant(party, random) : random.pick(party.originals)
  // One change most of the time: what is changed often is refused for the first of the changes.
  for (let changes = isSigned ? random.below(4) - 2 : 1 + random.below(2); changes > 0; changes--) {
    const [name, mutate] = random.pick(TEXTS)
    token = mutate(token, random, original())
    mutations.push(name)
  }
  return { token, mutations }
}

// Object.entries of a table that is not empty.
const TEXTS = Object.entries(TEXT_MUTATIONS) as [
  [string, TextMutation],
  ...[string, TextMutation][],
]

/** Each algorithm as often as its signatures are cheap. */
const WEIGHTED: readonly [Algorithm, ...Algorithm[]] = [
  ...(['HS256', 'HS256', 'HS256', 'HS256', 'HS384', 'HS384', 'HS512', 'HS512'] as const),
  ...(['RS256', 'RS256', 'RS384', 'RS512', 'PS256', 'PS256', 'PS384', 'PS512'] as const),
  ...(['ES256', 'ES256', 'ES256', 'ES384', 'ES512', 'Ed25519', 'Ed25519', 'EdDSA'] as const),
]
const NAMES: readonly Algorithm[] = [...new Set(WEIGHTED)]

/** So that what the gate remembers does not go out of its memory. */
const WARM_EVERY = 5_000

/** Two processes that refresh one token, or exchange one code, fifty times each and all at once. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { generateSigningKey } from '../../../src/jwt/sign-jwt.js'
import type { Answered } from './messages.js'
import { aPlace, type StoreName } from './places.js'
import { buildServer, type Server } from './servers.js'

export interface RacesOptions {
  readonly store: StoreName
  readonly races: number
  /** By each of the two processes. */
  readonly callers?: number
  readonly onProgress?: (races: number) => void
}

export interface RacesReport {
  races: number
  /** Rotations, one for each race. */
  rotations: number
  /** Callers that got the successor, of a token. */
  successes: number
  /** Codes that one caller has won; where a second use was faster than the first, nobody does. */
  winners: number
  readonly failures: string[]
}

/** Null where there is no such store. */
export async function races(options: RacesOptions): Promise<RacesReport | null> {
  const { store, races: count, callers = 50, onProgress = () => undefined } = options
  const place = await aPlace(store)
  if (place === null) return null
  const program = await buildServer()
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-races-'))
  const { privateJwk } = await generateSigningKey('ES256')
  const setup = {
    address: place.address,
    eventsFile: join(folder, 'events'),
    graceSeconds: 120,
    key: privateJwk,
  }
  const report: RacesReport = { races: 0, rotations: 0, successes: 0, winners: 0, failures: [] }
  const servers: Server[] = []
  try {
    servers.push(await program.start(setup), await program.start(setup))
    const [first] = servers
    if (first === undefined) throw new Error('there is no server')
    const both = async (asked: Parameters<Server['ask']>[0]): Promise<Answered> => {
      const answers = await Promise.all(servers.map((server) => server.ask(asked)))
      return answers.flatMap((answer) => answer ?? [{ kind: 'unavailable' } as const])
    }
    for (let race = 0; race < count; race++) {
      const subject = `user ${race}`
      const [issued] = (await first.ask({ ask: 'log in', subject })) ?? []
      if (issued?.kind !== 'tokens') throw new Error('a login has brought no tokens')
      const answers = await both({ ask: 'refresh', token: issued.token, times: callers })
      judgeRefreshes(race, answers, report)

      const [created] = (await first.ask({ ask: 'code', subject })) ?? []
      if (created?.kind !== 'code') throw new Error('there is no code')
      const exchanged = await both({ ask: 'exchange', code: created.code, times: callers })
      const won = exchanged.filter((answer) => answer.kind === 'tokens')
      const [winner] = won
      if (won.length > 1) report.failures.push(`race ${race}: ${won.length} have won a code`)
      const odd = exchanged.find(({ kind }) => kind === 'unavailable')
      if (odd !== undefined) report.failures.push(`race ${race}: a code was unavailable`)
      report.winners += won.length
      if (winner?.kind === 'tokens') {
        // Ninety-nine others have used the code as rightly: it was stolen, for all that anybody knows.
        const [after] = (await first.ask({ ask: 'refresh', token: winner.token, times: 1 })) ?? []
        if (after?.kind !== 'refused') {
          report.failures.push(`race ${race}: what a replayed code brought goes on`)
        }
      }
      report.races += 1
      onProgress(report.races)
    }
    return report
  } finally {
    for (const server of servers) await server.kill()
    await place.remove()
    program.remove()
    rmSync(folder, { recursive: true, force: true })
  }
}

function judgeRefreshes(race: number, answers: Answered, report: RacesReport): void {
  const got = answers.flatMap((answer) => (answer.kind === 'tokens' ? [answer] : []))
  const rotations = got.filter(({ how }) => how === 'rotated').length
  const successors = new Set(got.map(({ token }) => token))
  const [failed] = answers.filter(({ kind }) => kind !== 'tokens')
  if (rotations !== 1) report.failures.push(`race ${race}: ${rotations} rotations`)
  if (successors.size !== 1) report.failures.push(`race ${race}: ${successors.size} successors`)
  if (failed !== undefined) report.failures.push(`race ${race}: ${JSON.stringify(failed)}`)
  report.rotations += rotations
  report.successes += got.length
}

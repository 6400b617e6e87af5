/**
 * A server that is killed again and again, and clients that refresh meanwhile: whoever gets no answer asks again with the
 * same token. None of them may lose its family.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Choose, seededChoice } from '../../support/schedules.js'
import type { Answered, Asked } from './messages.js'
import { aPlace, type StoreName } from './places.js'
import { buildServer, type Server } from './servers.js'

export interface CrashOptions {
  readonly store: StoreName
  readonly kills: number
  readonly seed: number
  readonly clients?: number
  /** For how long a client may ask again; 120 by default. */
  readonly graceSeconds?: number
  readonly onProgress?: (kills: number) => void
}

export interface CrashReport {
  kills: number
  /** Refreshes that were answered for with tokens. */
  refreshes: number
  /** Of these, such as brought what had been made before, and its answer lost. */
  replays: number
  lostAnswers: number
  /** Revocations that were said to be done; each was tried afterwards. */
  revocations: number
  /** What must not be, each in a sentence. */
  readonly failures: string[]
}

/** Null where there is no such store. */
export async function crash(options: CrashOptions): Promise<CrashReport | null> {
  const {
    store,
    kills,
    seed,
    clients = 16,
    graceSeconds = 120,
    onProgress = () => undefined,
  } = options
  const place = await aPlace(store)
  if (place === null) return null
  const program = await buildServer()
  const folder = mkdtempSync(join(tmpdir(), 'sallyport-crash-'))
  const eventsFile = join(folder, 'events')
  writeFileSync(eventsFile, '')
  const setup = { address: place.address, eventsFile, graceSeconds, key: null }
  const choose = seededChoice(seed)
  const report: CrashReport = {
    kills: 0,
    refreshes: 0,
    replays: 0,
    lostAnswers: 0,
    revocations: 0,
    failures: [],
  }
  let server: Promise<Server> = program.start(setup)
  let isOver = false

  /** Asks whatever server there is until one has answered. */
  const answered = async (asked: Asked): Promise<Answered> => {
    for (;;) {
      const answer = await (await server).ask(asked)
      if (answer === null) {
        report.lostAnswers += 1
        await pause(10)
        continue
      }
      if (answer.every(({ kind }) => kind !== 'unavailable')) return answer
      await pause(10)
    }
  }

  const client = async (number: number): Promise<void> => {
    const [issued] = await answered({ ask: 'log in', subject: `user ${number}` })
    if (issued?.kind !== 'tokens') throw new Error('a login has brought no tokens')
    const { family } = issued
    let { token } = issued
    const refresh = async (times: number): Promise<boolean> => {
      const results = await answered({ ask: 'refresh', token, times })
      const successors = new Set<string>()
      for (const result of results) {
        if (result.kind !== 'tokens') {
          report.failures.push(`client ${number} lost its family: ${JSON.stringify(result)}`)
          return false
        }
        successors.add(result.token)
        report.refreshes += 1
        if (result.how === 'replayed') report.replays += 1
      }
      if (successors.size !== 1) {
        report.failures.push(`client ${number} has ${successors.size} live leaves`)
        return false
      }
      const [successor = ''] = successors
      if (generationOf(successor) !== generationOf(token) + 1) {
        report.failures.push(`client ${number}: a generation was left out`)
      }
      token = successor
      return true
    }
    // Two tabs of one browser ask at once, now and then.
    while (!isOver) {
      if (!(await refresh(choose(4) === 0 ? 2 : 1))) return
      await pause(choose(20))
    }
    await refresh(1)
    await revoked(number, family, token)
  }

  const revoked = async (number: number, family: string, token: string): Promise<void> => {
    await answered({ ask: 'revoke', family })
    report.revocations += 1
    const [after] = await answered({ ask: 'refresh', token, times: 1 })
    if (after?.kind === 'refused' && after.reason === 'family_ended') return
    report.failures.push(`client ${number} was revoked, and then: ${JSON.stringify(after)}`)
  }

  /** Logs in and out again, so that revocations are cut short as well. */
  const visitor = async (number: number): Promise<void> => {
    while (!isOver) {
      const [issued] = await answered({ ask: 'log in', subject: `visitor ${number}` })
      if (issued?.kind !== 'tokens') throw new Error('a login has brought no tokens')
      await revoked(number, issued.family, issued.token)
      await pause(choose(50))
    }
  }

  const killer = async (chooseDelay: Choose): Promise<void> => {
    while (report.kills < kills) {
      const current = await server
      await pause(50 + chooseDelay(451))
      server = current.kill().then(() => program.start(setup))
      report.kills += 1
      onProgress(report.kills)
    }
    await server
    isOver = true
  }

  try {
    const everybody = [
      ...Array.from({ length: clients }, (_, number) => client(number)),
      ...[100, 101].map(visitor),
      killer(seededChoice(seed + 1)),
    ]
    await Promise.all(everybody)
    report.failures.push(...alarms(readFileSync(eventsFile, 'utf8')))
    return report
  } finally {
    isOver = true
    await server.then(
      (last) => last.kill(),
      () => undefined,
    )
    await place.remove()
    program.remove()
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What the servers told their operator, and what nobody has given a reason for. */
function alarms(text: string): readonly string[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .filter((line) => {
      const { kind, reason, why } = JSON.parse(line)
      const isRevocation = kind === 'family_ended' && why === 'revoked'
      return !isRevocation && !(kind === 'refresh_refused' && reason === 'family_ended')
    })
    .map((line) => `an alarm: ${line}`)
}

function generationOf(token: string): number {
  return Number(token.split('.')[1])
}

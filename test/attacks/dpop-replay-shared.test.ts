/** A proof that one process has taken, sent to another one of the same API. */
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createTestIssuer } from '../../src/testing/test-issuer.js'
import { createTestProver } from '../../src/testing/test-prover.js'
import { aPrefix, deleteKeys, findRedis, REDIS_CLIENTS } from '../support/redis.js'
import type { DpopProcessSetup } from './support/dpop-process.js'

const at = await findRedis()

describe.runIf(at !== null)('two processes that share a Redis', () => {
  const prefix = aPrefix()
  const processes: ChildProcess[] = []
  const origins: string[] = []
  const made = Promise.all([createTestIssuer(), createTestProver()])

  beforeAll(async () => {
    if (at === null) return
    const [{ trust }] = await made
    const setup: DpopProcessSetup = { at, prefix, trust }
    const path = fileURLToPath(new URL('./support/dpop-process.ts', import.meta.url))
    for (let count = 0; count < 2; count++) {
      const child = fork(path, { execArgv: ['--import', 'tsx', '--no-warnings'] })
      processes.push(child)
      child.send(setup)
      const [port] = await once(child, 'message')
      origins.push(`http://127.0.0.1:${port}`)
    }
  }, 60_000)

  afterAll(async () => {
    for (const child of processes) child.kill('SIGKILL')
    if (at === null) return
    const connection = await REDIS_CLIENTS.ioredis(at)
    await deleteKeys(connection.command, prefix)
    await connection.close()
  })

  /** Sends one request with a fresh proof so many times, to both processes by turns, and counts the answers. */
  const send = async (times: number): Promise<Readonly<Record<number, number>>> => {
    const [issuer, owner] = await made
    const token = await issuer.token({ claims: { cnf: { jkt: owner.thumbprint } } })
    const proof = await owner.proof({ url: `${issuer.audience}/strict`, token })
    const headers = { authorization: `DPoP ${token}`, dpop: proof, 'x-forwarded-proto': 'https' }
    const answers = Array.from({ length: times }, async (_, index) => {
      const { status } = await fetch(`${origins[index % 2]}/strict`, { headers })
      return status
    })
    const counts: Record<number, number> = {}
    for (const status of await Promise.all(answers)) counts[status] = (counts[status] ?? 0) + 1
    return counts
  }

  test('dpop-replay: a proof is taken by one of them, once, however often both get it at once', async () => {
    expect(await send(1)).toEqual({ 200: 1 })
    expect(await send(2)).toEqual({ 200: 1, 401: 1 })
    expect(await send(60)).toEqual({ 200: 1, 401: 59 })
  })
})

import { type Agent, request } from 'node:http'
import { performance } from 'node:perf_hooks'

/** Requests of one kind to one server on this machine. */
export interface Load {
  readonly agent: Agent
  readonly port: number
  readonly path: string
  /** The field that carries the credential, and the values to send in turn; without values it is not sent. */
  readonly field: string
  readonly values: readonly string[]
  /** The only right answer. */
  readonly status: number
}

/**
 * Sends as many requests as it can for this long, one after another on each connection.
 *
 * @returns how many were answered; rejects at the first answer that is not the right one
 */
export async function send(load: Load, milliseconds: number): Promise<number> {
  const end = performance.now() + milliseconds
  let sent = 0
  const connection = async (): Promise<void> => {
    do {
      await sendOne(load, sent++)
    } while (performance.now() < end)
  }
  await Promise.all(Array.from({ length: load.agent.maxSockets }, connection))
  return sent
}

function sendOne({ agent, port, path, field, values, status }: Load, turn: number): Promise<void> {
  const value = values[turn % values.length]
  const headers = { accept: 'application/json', ...(value === undefined ? {} : { [field]: value }) }
  return new Promise((resolve, reject) => {
    request({ agent, host: '127.0.0.1', port, path, headers }, (response) => {
      const right = response.statusCode === status
      response.on('end', () =>
        right ? resolve() : reject(new Error(`${path} answered ${response.statusCode}.`)),
      )
      response.on('error', reject)
      response.resume()
    })
      .on('error', reject)
      .end()
  })
}

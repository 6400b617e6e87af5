import { Buffer } from 'node:buffer'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { performance } from 'node:perf_hooks'

/** Requests of one kind to one server on this machine. */
export interface Load {
  readonly port: number
  readonly path: string
  /** The field that carries the credential, and the values to send in turn; without values it is not sent. */
  readonly field: string
  readonly values: readonly string[]
  /** The only right answer. */
  readonly status: number
}

/** Connections that stay open between the slices of time. */
export interface Client {
  /**
   * Sends as many requests as it can for this long, one after another on each connection.
   *
   * @returns how many were answered; rejects at the first answer that is not the right one
   */
  send(milliseconds: number): Promise<number>
  close(): void
}

/**
 * Connects to a server. The client knows just enough of HTTP for a server that behaves: it must cost far less than the
 * server, or the server would wait for it.
 */
export async function connectTo(load: Load): Promise<Client> {
  const connections: Socket[] = []
  while (connections.length < CONNECTIONS) {
    const connection = connect({ port: load.port, host: '127.0.0.1', noDelay: true })
    await once(connection, 'connect')
    connections.push(connection)
  }
  const requests = requestsOf(load)
  let turn = 0
  const next = (): Buffer => requests[turn++ % requests.length] ?? Buffer.alloc(0)
  return {
    async send(milliseconds) {
      const end = performance.now() + milliseconds
      const sent = await Promise.all(connections.map((each) => sendOver(each, next, load, end)))
      return sent.reduce((sum, each) => sum + each, 0)
    },
    close() {
      for (const connection of connections) connection.destroy()
    },
  }
}

function requestsOf({ path, field, values }: Load): readonly Buffer[] {
  const start = `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAccept: application/json\r\n`
  if (values.length === 0) return [Buffer.from(`${start}\r\n`, 'latin1')]
  return values.map((value) => Buffer.from(`${start}${field}: ${value}\r\n\r\n`, 'latin1'))
}

/** Requests on one connection until `end`; at least one. */
function sendOver(
  connection: Socket,
  next: () => Buffer,
  { path, status }: Load,
  end: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let answered = 0
    let received = ''
    const finish = (conclude: () => void): void => {
      connection.off('data', read).off('error', reject).off('close', lost)
      conclude()
    }
    const lost = (): void => finish(() => reject(new Error(`${path}: the server hung up.`)))
    const wrong = (): Error => new Error(`${path} answered ${received.slice(9, 12)}.`)
    const read = (chunk: Buffer): void => {
      received += chunk.toString('latin1')
      if (!isWhole(received)) return
      if (!received.startsWith(`HTTP/1.1 ${status} `)) {
        finish(() => reject(wrong()))
        return
      }
      received = ''
      answered++
      if (performance.now() < end) connection.write(next())
      else finish(() => resolve(answered))
    }
    connection.on('data', read).on('error', reject).on('close', lost)
    connection.write(next())
  })
}

/** Whether this is all of one answer: with a length, or in chunks of which the last is empty. */
function isWhole(answer: string): boolean {
  const end = answer.indexOf('\r\n\r\n')
  if (end < 0) return false
  const length = /\r\ncontent-length: *(\d+)/i.exec(answer.slice(0, end))?.[1]
  if (length === undefined) return answer.endsWith('0\r\n\r\n')
  return answer.length === end + 4 + Number(length)
}

const CONNECTIONS = 32

import { createServer, type RequestListener, type Server } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { type Client, connectTo } from '../../bench/load.js'
import { portOf } from '../../bench/server-process.js'

const servers: Server[] = []
const clients: Client[] = []

async function clientOf(listener: RequestListener, status = 200): Promise<Client> {
  const server = createServer(listener)
  servers.push(server)
  const load = { path: '/things', field: 'Authorization', values: ['Bearer a', 'Bearer b'], status }
  const client = await connectTo({ port: await portOf(server), ...load })
  clients.push(client)
  return client
}

afterEach(() => {
  for (const client of clients.splice(0)) client.close()
  for (const server of servers.splice(0)) server.close()
})

describe('the client of the benchmark', () => {
  it('counts what was answered, and sends the values in turn over connections that stay open', async () => {
    const seen: unknown[] = []
    const ports = new Set<number | undefined>()
    const client = await clientOf((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers.authorization}`)
      ports.add(request.socket.remotePort)
      response.end('{"an":"answer"}')
    })
    const sent = (await client.send(1)) + (await client.send(1))
    expect(seen).toHaveLength(sent)
    expect(seen.slice(0, 2)).toEqual(['GET /things Bearer a', 'GET /things Bearer b'])
    expect(ports.size).toBe(32)
  })

  it('reads answers in chunks, and such that come in pieces', async () => {
    let answers = 0
    const client = await clientOf((_request, response) => {
      answers++
      response.write('half of ')
      setImmediate(() => response.end('an answer'))
    })
    expect(await client.send(1)).toBe(answers)
  })

  it('rejects at a wrong answer, and when the server hangs up', async () => {
    const refusing = await clientOf((_request, response) => response.writeHead(401).end())
    await expect(refusing.send(1)).rejects.toThrow('/things answered 401.')
    const leaving = await clientOf((request) => request.socket.destroy(), 401)
    await expect(leaving.send(1)).rejects.toThrow('/things: the server hung up.')
  })
})

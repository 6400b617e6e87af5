import { createServer } from 'node:http'
import { denyByDefault, protect } from 'sallyport/fetch'
import { announce, canDelete, canRead, gate } from './gate.mjs'

const routes = new Map([
  [
    'GET /users',
    protect(gate, canRead, (_request, { principal }) =>
      Response.json({ subject: principal.subject }),
    ),
  ],
  ['DELETE /users', protect(gate, canDelete, () => Response.json({}))],
  ['GET /forgotten', async () => Response.json({})],
])
const handle = denyByDefault(gate, (request) =>
  routes.get(`${request.method} ${new URL(request.url).pathname}`),
)
const server = createServer(async (incoming, outgoing) => {
  const url = `http://${incoming.headers.host}${incoming.url}`
  const headers = Object.entries(incoming.headersDistinct).flatMap(([name, lines]) =>
    lines.map((line) => [name, line]),
  )
  const response = await handle(new Request(url, { method: incoming.method, headers }))
  outgoing.writeHead(response.status, Object.fromEntries(response.headers))
  outgoing.end(await response.text())
})
server.listen(0, '127.0.0.1', () => announce(server.address().port))

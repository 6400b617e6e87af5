import fastify from 'fastify'
import { denyByDefault, protect } from 'sallyport/fastify'
import { announce, canDelete, canRead, gate } from './gate.mjs'

const app = fastify()
await app.register(denyByDefault, { gate })
app.get('/users', {
  ...protect(gate, canRead, (_request, _reply, { principal }) => ({ subject: principal.subject })),
})
app.delete('/users', { ...protect(gate, canDelete, () => ({})) })
app.get('/forgotten', () => ({}))
await app.listen({ port: 0, host: '127.0.0.1' })
await announce(app.server.address().port)

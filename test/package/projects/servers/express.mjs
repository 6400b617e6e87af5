import express from 'express'
import { denyByDefault, protect } from 'sallyport/express'
import { announce, canDelete, canRead, gate } from './gate.mjs'

const app = express()
app.use(denyByDefault(gate))
app.get(
  '/users',
  protect(gate, canRead, (_request, response, { principal }) => {
    response.json({ subject: principal.subject })
  }),
)
app.delete(
  '/users',
  protect(gate, canDelete, (_request, response) => response.json({})),
)
app.get('/forgotten', (_request, response) => response.json({}))
const server = app.listen(0, '127.0.0.1', () => announce(server.address().port))

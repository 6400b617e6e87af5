import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { denyByDefault, protect } from 'sallyport/hono'
import { announce, canDelete, canRead, gate } from './gate.mjs'

const app = new Hono()
app.use(denyByDefault(gate))
app.get('/users', protect(gate, canRead), (c) => c.json({ subject: c.var.principal.subject }))
app.delete('/users', protect(gate, canDelete), (c) => c.json({}))
app.get('/forgotten', (c) => c.json({}))
serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) => announce(port))

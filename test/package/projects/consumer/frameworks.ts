// A user's code against the three frameworks.
import express from 'express'
import fastify from 'fastify'
import { Hono } from 'hono'
import { protect as protectExpress } from 'sallyport/express'
import { protect as protectFastify } from 'sallyport/fastify'
import { protect as protectHono } from 'sallyport/hono'
import { gate } from './core.js'

const rule = { accept: 'user', scopes: 'users:read' } as const

export const expressApp = express()
expressApp.get(
  '/me',
  protectExpress(gate, rule, (_request, response, { principal }) => {
    const tenant: string = principal.claims.tenant
    response.json({ tenant })
  }),
)

export const fastifyApp = fastify()
fastifyApp.get('/me', {
  ...protectFastify(gate, rule, (_request, _reply, { principal }) => {
    const tenant: string = principal.claims.tenant
    return { tenant }
  }),
})

export const honoApp = new Hono()
honoApp.get('/me', protectHono(gate, rule), (c) => {
  const tenant: string = c.var.principal.claims.tenant
  return c.json({ tenant })
})

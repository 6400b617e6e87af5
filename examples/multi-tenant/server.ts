/** `npm start`: reads the configuration from the environment and listens. Without it, it does not start. */
import { serve } from '@hono/node-server'
import { createApp } from './app.js'

const hops = Number(process.env['PROXY_HOPS'] ?? 0)
const app = createApp({
  issuer: required('ISSUER'),
  audience: required('AUDIENCE'),
  jwksUrl: required('JWKS_URL'),
  apiUrl: required('API_URL'),
  proxy: hops === 0 ? null : { hops },
})

serve({ fetch: app.fetch, port: Number(process.env['PORT'] ?? 3000) }, ({ port }) => {
  console.log(`Listening on http://localhost:${port}`)
})

function required(name: string): string {
  const value = process.env[name]
  if (value === undefined || value === '') throw new Error(`Set ${name}; README.md says to what.`)
  return value
}

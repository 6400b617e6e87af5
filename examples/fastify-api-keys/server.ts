/** `npm start`: makes a first key, since the store is empty at every start, and listens. */
import { createApp, issueKey } from './app.js'
import { createMemoryKeyStore } from './key-store.js'

const apiUrl = process.env['API_URL']
if (apiUrl === undefined) throw new Error('Set API_URL to the public URL of this API.')

const hops = Number(process.env['PROXY_HOPS'] ?? 0)
const store = createMemoryKeyStore()
const app = await createApp({ apiUrl, proxy: hops === 0 ? null : { hops } }, store)
const url = await app.listen({ port: Number(process.env['PORT'] ?? 3000) })

// With a database, make the first key by a script, once.
const { key } = await issueKey(store, 'first-application', [
  'keys:read',
  'keys:write',
  'reports:read',
])
console.log(`Listening on ${url}\nThe first key, shown only now: ${key}`)

/** `npm start`: makes a first key, since the store is empty at every start, and listens. */
import { memoryStore } from 'sallyport/stores/memory'
import { createApp, createKeys } from './app.js'

const apiUrl = process.env['API_URL']
if (apiUrl === undefined) throw new Error('Set API_URL to the public URL of this API.')

const hops = Number(process.env['PROXY_HOPS'] ?? 0)
// The place for your database: sallyport/stores/postgres, redis or sqlite.
const keys = createKeys(memoryStore())
const app = await createApp({ apiUrl, proxy: hops === 0 ? null : { hops } }, keys)
const url = await app.listen({ port: Number(process.env['PORT'] ?? 3000) })

// With a database, make the first key by a script, once.
const first = await keys.create({
  applicationId: 'first-application',
  scopes: ['keys:read', 'keys:write', 'reports:read'],
})
if (first.kind !== 'created') throw new Error(first.kind)
console.log(`Listening on ${url}\nThe first key, shown only now: ${first.key.reveal()}`)

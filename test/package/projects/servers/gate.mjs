// What every server of this folder protects its routes with, from public names only.
import { createGate, defineScopes, jwtBearer } from 'sallyport'
import { createTestIssuer } from 'sallyport/testing'

const clock = { now: () => Math.floor(Date.now() / 1000) }
const issuer = await createTestIssuer({ clock })
const scopes = defineScopes({ resources: { users: ['read', 'delete'] } })

export const gate = createGate({
  resource: issuer.audience,
  scopes,
  verifiers: { user: jwtBearer(issuer.trust) },
})
export const canRead = { scopes: 'users:read' }
export const canDelete = { scopes: 'users:delete' }

/** Tells the test where the server is, and hands it a token that may read. */
export async function announce(port) {
  const token = await issuer.token({ subject: 'alice', scope: 'users:read' })
  console.log(JSON.stringify({ origin: `http://127.0.0.1:${port}`, token }))
}

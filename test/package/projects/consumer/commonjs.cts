// A user's CommonJS: `require` of an ES module works on every Node that package.json names.
import { createGate, defineScopes } from 'sallyport'
import { createTestIssuer } from 'sallyport/testing'

export const scopes = defineScopes({ resources: { users: ['read'] } })
export const make: typeof createGate = createGate
export const issuer = createTestIssuer

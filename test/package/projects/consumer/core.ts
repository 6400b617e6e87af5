// A user's code against the entries that need no framework. Compiled with the declarations of every library checked.
import {
  type AnonymousPrincipal,
  type ApplicationPrincipal,
  apiKey,
  authenticated,
  ConfigurationError,
  createApiKey,
  createGate,
  defineScopes,
  type Gate,
  jwtBearer,
  type Outcome,
  type UserPrincipal,
} from 'sallyport'
import { protect } from 'sallyport/fetch'
import { generateSigningKey, signJwt } from 'sallyport/jwt'
import { remoteJwkSet } from 'sallyport/remote'
import { createTestIssuer } from 'sallyport/testing'
import * as z from 'zod'

const scopes = defineScopes({ resources: { users: ['read', 'delete'] } })
const issuer = await createTestIssuer()
const { key, record } = createApiKey({ prefix: 'acme', applicationId: 'a', scopes: [], now: 0 })
export const gate = createGate({
  resource: 'https://api.example.com',
  scopes,
  verifiers: {
    user: jwtBearer({ ...issuer.trust, claims: z.object({ tenant: z.string() }) }),
    partner: jwtBearer({
      issuer: 'https://partner.example.com',
      audience: 'https://api.example.com',
      algorithms: ['ES256'],
      cookie: 'partner',
      keys: remoteJwkSet({ url: 'https://partner.example.com/jwks' }),
    }),
    machine: apiKey({
      prefix: 'acme',
      store: { find: (id) => (id === record.id ? record : null) },
    }),
  },
})

export const whoami = protect(
  gate,
  { accept: 'user', scopes: 'users:read' },
  (_request, granted) => {
    const who: UserPrincipal<{ tenant: string }> = granted.principal
    return new Response(who.claims.tenant)
  },
)
export const job = protect(
  gate,
  { accept: 'machine', scopes: authenticated() },
  (_request, granted) => {
    const who: ApplicationPrincipal = granted.principal
    // @ts-expect-error an application has no user
    const subject = granted.principal.subject
    return new Response(`${who.applicationId}${subject}`)
  },
)
export const open = protect(gate, { accept: 'anyone' }, (_request, granted) => {
  const who: AnonymousPrincipal = granted.principal
  return new Response(who.kind)
})
const misspelt = { accept: 'user', scopes: 'users:raed' } as const
// @ts-expect-error no such scope
export const unscoped = protect(gate, misspelt, () => new Response())
const misnamed = { accept: 'admin', scopes: 'users:read' } as const
// @ts-expect-error no such verifier
export const unnamed = protect(gate, misnamed, () => new Response())

export const statusOf = (outcome: Outcome): string => outcome.kind
export const secret: string = key.reveal()
export const codeOf = (error: unknown): string =>
  error instanceof ConfigurationError ? error.code : 'other'
export const token = async (): Promise<string> =>
  signJwt({ exp: 1 }, { key: (await generateSigningKey('ES256')).privateJwk, type: 'at+jwt' })
export type AnyGate = Gate

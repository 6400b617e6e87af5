/** An API for the members of many tenants: each has projects, and nobody learns of another tenant's. */
import { Hono } from 'hono'
import {
  createGate,
  defineScopes,
  jwtBearer,
  type ProxyOptions,
  remoteJwkSet,
  type UserPrincipal,
} from 'sallyport'
import { denyByDefault, protect } from 'sallyport/hono'
import { definePolicy, toPredicate } from 'sallyport/policy'

export interface Config {
  readonly issuer: string
  readonly audience: string
  readonly jwksUrl: string
  /** This API's own public URL. */
  readonly apiUrl: string
  /** The proxies that end TLS for us, if all requests come through them; else null. */
  readonly proxy: ProxyOptions | null
}

interface Membership {
  readonly tenant: string
  readonly roles: readonly ('viewer' | 'editor' | 'owner')[]
}

const scopes = defineScopes({
  resources: { projects: ['read', 'write', 'delete'] },
  actionImplies: { write: ['read'] },
})

/** Who may do what inside a tenant. That nobody may anything outside of it stands on the type, not in a rule. */
const policy = definePolicy(scopes, {
  principal: { id: 'string' },
  roles: {
    viewer: ['projects:read'],
    editor: { extends: ['viewer'], grants: ['projects:write'] },
    owner: { extends: ['editor'], grants: ['projects:delete'] },
  },
  types: {
    project: {
      attributes: { tenant: 'string', lead: 'string', open: 'boolean' },
      tenant: 'tenant',
      conceal: 'projects:read', // what one may not read does not exist, also when one tries to delete it
    },
  },
  rules: ({ on, principal, role }) => [
    on('project').allow('open to the tenant', 'projects:read', ({ open }) => open.eq(true)),
    on('project').allow(
      "the lead's",
      ['projects:read', 'projects:write', 'projects:delete'],
      ({ lead }) => lead.eq(principal.id),
    ),
    on('project').allow('owners', ['projects:read', 'projects:delete'], role('owner')),
  ],
})

export function createApp({ issuer, audience, jwksUrl, apiUrl, proxy }: Config) {
  // The place for your database.
  const projects = new Map(
    [
      { id: '1', tenant: 'acme', lead: 'alice', open: true },
      { id: '2', tenant: 'acme', lead: 'alice', open: false },
      { id: '3', tenant: 'acme', lead: 'bob', open: false },
      { id: '4', tenant: 'beta', lead: 'carol', open: true },
    ].map((project) => [project.id, project]),
  )
  const members = new Map<string, Membership>([
    ['alice', { tenant: 'acme', roles: ['owner'] }],
    ['bob', { tenant: 'acme', roles: ['viewer'] }],
    ['carol', { tenant: 'beta', roles: ['owner'] }],
  ])
  // By the subject of a verified token, never by what the request says: a tenant in a path or field is only a wish.
  const factsOf = ({ subject }: UserPrincipal) => ({ id: subject, ...members.get(subject) })

  const gate = createGate({
    resource: apiUrl,
    proxy,
    scopes,
    verifiers: {
      user: jwtBearer({
        issuer,
        audience,
        algorithms: ['RS256'],
        keys: remoteJwkSet({ url: jwksUrl }),
      }),
    },
    policy: { policy, principal: factsOf },
  })
  const about = { accept: 'user', type: 'project' } as const
  const load = (id: string | undefined) => projects.get(id ?? '')

  const app = new Hono()
  app.use(denyByDefault(gate))

  app.get('/health', protect(gate, { accept: 'anyone' }), (c) => c.json({ status: 'ok' }))

  app.get(
    '/projects',
    protect(gate, { ...about, action: 'projects:read', list: true }),
    async (c) => {
      const filter = await c.var.permissions.filter({ action: 'projects:read', type: 'project' })
      if (filter.kind === 'unavailable' || filter.kind === 'scope') return c.body(null, 503)
      // In a database: `toSql(filter, ...)`, before the page is cut.
      return c.json([...projects.values()].filter(toPredicate(filter)))
    },
  )

  app.get(
    '/projects/:id',
    protect(gate, { ...about, action: 'projects:read', load: (c) => load(c.req.param('id')) }),
    (c) => c.json(c.var.resource),
  )

  app.delete(
    '/projects/:id',
    protect(gate, { ...about, action: 'projects:delete', load: (c) => load(c.req.param('id')) }),
    (c) => {
      projects.delete(c.var.resource.id)
      return c.body(null, 204)
    },
  )

  return app
}

/** A magazine. Scopes say what a token may do, roles what a person may, rules to which article, fields how much of it. */
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { createGate, jwtBearer, type ProxyOptions, remoteJwkSet } from 'sallyport'
import { denyByDefault, protect } from 'sallyport/hono'
import { toPredicate } from 'sallyport/policy'
import { policy, scopes } from './policy.js'

export interface Config {
  readonly issuer: string
  readonly audience: string
  readonly jwksUrl: string
  /** This API's own public URL. */
  readonly apiUrl: string
  /** The proxies that end TLS for us, if all requests come through them; else null. */
  readonly proxy: ProxyOptions | null
}

interface Article {
  readonly id: string
  readonly title: string
  readonly author: string
  readonly section: string
  readonly state: 'draft' | 'live'
  readonly embargo: number
  readonly fee: number
}

interface Employee {
  readonly roles: readonly ('reader' | 'writer' | 'editor')[]
  readonly sections: readonly string[]
}

export function createApp({ issuer, audience, jwksUrl, apiUrl, proxy }: Config) {
  // The place for your database.
  const articles = new Map<string, Article>()
  const add = (article: Article) => articles.set(article.id, article)
  /**
   * Writes only if the article is still the one that was judged: what was read of the body meanwhile took its time. In a
   * database: a version in the row, and `update ... where id = $1 and version = $2`.
   */
  const replace = (judged: Article, next: Article): boolean => {
    if (articles.get(judged.id) !== judged) return false
    articles.set(judged.id, next)
    return true
  }
  const base = { author: 'alice', section: 'news', embargo: 0, fee: 120 } as const
  add({ ...base, id: '1', title: 'Two doors', state: 'live' })
  add({ ...base, id: '2', title: 'Unfinished', state: 'draft' })
  add({ ...base, id: '3', title: 'Next century', state: 'live', embargo: 4_102_444_800 })
  add({ ...base, id: '4', title: 'Goal', author: 'dave', section: 'sport', state: 'draft' })
  const staff = new Map<string, Employee>([
    ['alice', { roles: ['writer'], sections: ['news'] }],
    ['bob', { roles: ['editor'], sections: ['news'] }],
  ])
  const reader: Employee = { roles: ['reader'], sections: [] }

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
    policy: {
      policy,
      // Looked up for each request, so that a role that is taken away is gone at once, whatever token is about.
      principal: ({ subject }) => ({ id: subject, ...(staff.get(subject) ?? reader) }),
    },
  })
  const about = { accept: 'user', type: 'article' } as const
  const load = (id: string | undefined) => articles.get(id ?? '')

  const app = new Hono()
  app.use(denyByDefault(gate))

  app.get('/health', protect(gate, { accept: 'anyone' }), (c) => c.json({ status: 'ok' }))

  app.get(
    '/articles',
    protect(gate, { ...about, action: 'articles:read', list: true }),
    async (c) => {
      const filter = await c.var.permissions.filter({ action: 'articles:read', type: 'article' })
      if (filter.kind === 'unavailable' || filter.kind === 'scope') return c.body(null, 503)
      // In a database: `toSql(filter, ...)`, before the page is cut.
      const rows = [...articles.values()].filter(toPredicate(filter))
      return c.json(rows.map(({ id, title }) => ({ id, title })))
    },
  )

  app.get(
    '/articles/:id',
    protect(gate, { ...about, action: 'articles:read', load: (c) => load(c.req.param('id')) }),
    async (c) => {
      const { permissions, resource } = c.var
      const shown = await permissions.fields({ action: 'articles:read', type: 'article', resource })
      return shown.kind === 'permitted' ? c.json(shown.pick(resource)) : c.body(null, 503)
    },
  )

  app.patch(
    '/articles/:id',
    protect(gate, { ...about, action: 'articles:write', load: (c) => load(c.req.param('id')) }),
    bodyLimit({ maxSize: 10_240 }),
    async (c) => {
      const { permissions, resource } = c.var
      const patch: unknown = await c.req.json().catch(() => null)
      if (!isPatch(patch)) return c.json({ error: 'not_a_patch' }, 400)
      const writable = await permissions.fields({
        action: 'articles:write',
        type: 'article',
        resource,
      })
      if (writable.kind !== 'permitted') return c.body(null, 503)
      const excess = writable.excess(patch)
      if (excess.length > 0) return c.json({ error: 'fields_not_writable', fields: excess }, 403)
      const isWritten = replace(resource, { ...resource, ...patch })
      return isWritten ? c.body(null, 204) : c.json({ error: 'changed_meanwhile' }, 409)
    },
  )

  return app
}

/** Whether each member is of the kind that an article has there. Which of them may be written is the policy's to say. */
function isPatch(value: unknown): value is Partial<Article> {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.entries(value).every(([name, member]) => {
      if (name === 'state') return member === 'draft' || member === 'live'
      // JSON has numbers that become infinite here, such as 1e400.
      if (name === 'embargo' || name === 'fee') return Number.isFinite(member)
      return typeof member === 'string'
    })
  )
}

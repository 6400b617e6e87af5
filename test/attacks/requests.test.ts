/** Requests that carry a credential in the wrong place, or fields that another server believes. */
import { Buffer } from 'node:buffer'
import { expect, test } from 'vitest'
import { INVALID_REQUEST, INVALID_TOKEN, onEveryAdapter } from './support/attack.js'
import { SUBJECT } from './support/signer.js'
import { createTarget, type Door, type Fields, PASSWORD } from './support/target.js'

const target = await createTarget()
const { es, key, basic, cookie, session, opaque } = target.doors

const FORM = ['Content-Type', 'application/x-www-form-urlencoded'] as const

onEveryAdapter(target, (attack) => {
  const refusedSomehow = async (fields: Fields, path = es.path, method = 'GET', body?: string) => {
    const before = target.seen.handlers
    const request = { method, path, fields, ...(body === undefined ? {} : { body }) }
    const answer = await attack.send(request)
    expect(target.seen.handlers, JSON.stringify(request)).toBe(before)
    expect([400, 401, 403, 404]).toContain(answer.status)
    return answer
  }

  test('two-credentials: any two places at once, though each alone is good', async () => {
    const places: Fields[] = [
      es.present(es.signer.token()),
      es.present(es.signer.token()),
      opaque.present(opaque.control().credential),
      basic.present(basic.control().credential),
      key.present(key.control().credential),
      key.present(key.control().credential),
      [['Authorization', `ApiKey ${key.control().credential}`]],
      cookie.present(cookie.signer.token()),
      session.present(session.control().credential),
    ]
    for (const [one, first] of places.entries()) {
      for (const second of places.slice(one + 1)) {
        const answer = await refusedSomehow([...first, ...second], target.everything)
        expect([answer.status, JSON.parse(answer.body)]).toMatchObject([
          400,
          { error: 'invalid_request' },
        ])
      }
    }
  })

  test('two-credentials: a token in the query, beside a good one or alone', async () => {
    const token = es.signer.token()
    const leaks = () => target.events.filter(({ kind }) => kind === 'leaked').length
    const before = leaks()
    const queries = [
      `access_token=${token}`,
      `ACCESS_TOKEN=${token}`,
      `access%5Ftoken=${token}`,
      `access_token[]=${token}`,
      `x=1&anything=${token}`,
      `x=1;access_token=${token}`,
      `${token}`,
      `api_key=${key.control().credential}`,
      `k=${key.control().credential}`,
      `access_token=x&access_token=y`,
    ]
    for (const query of queries) {
      for (const fields of [[], es.present(token)]) {
        await attack.isRefused(es, fields, INVALID_REQUEST, { path: `${es.path}?${query}` })
      }
    }
    expect(leaks() - before).toBe(2 * queries.length)
    const more = ['&access_token=', '?#access_token=x'].map((tail) => `${es.path}?a=b${tail}`)
    for (const path of more) {
      const answer = await attack.send({ method: 'GET', path, fields: es.present(token) })
      expect([200, 400]).toContain(answer.status)
    }
  })

  test('two-credentials: a token in a form is never one, and beside a good one it is refused where the form is seen', async () => {
    const token = es.signer.token()
    const body = `access_token=${token}`
    // Express parses the form before the gate is asked; the others have not read it yet.
    const seen = attack.adapter === 'express'
    const alone = await refusedSomehow([FORM], es.path, 'POST', body)
    expect(alone.status).toBe(seen ? 400 : 401)
    const fields: Fields = [...es.present(token), FORM]
    if (seen) await attack.isRefused(es, fields, INVALID_REQUEST, { method: 'POST', body })
    else await attack.isLetIn(es, fields, SUBJECT, { method: 'POST', body })
    if (seen)
      await attack.isRefused(es, fields, INVALID_REQUEST, { method: 'POST', body: 'access_token=' })
  })

  test('two-credentials: one place that holds two', async () => {
    const token = es.signer.token()
    const apiKey = key.control().credential
    for (const fields of [
      [['Authorization', `Bearer ${token}, Bearer ${token}`]],
      [['Authorization', `Bearer ${token} ${token}`]],
      [
        ['Authorization', `Bearer ${token}`],
        ['Authorization', ''],
      ],
      [
        ['Authorization', 'Digest x="y"'],
        ['Authorization', `Bearer ${token}`],
      ],
      [
        ['Authorization', `Bearer ${token}`],
        ['authorization', `Bearer ${token}`],
      ],
    ] as Fields[]) {
      await attack.isRefused(es, fields, INVALID_REQUEST)
    }
    for (const fields of [
      [['X-API-Key', `${apiKey}, ${apiKey}`]],
      [
        ['X-API-Key', apiKey],
        ['x-api-key', apiKey],
      ],
      [
        ['X-API-Key', apiKey],
        ['X-API-Key', ''],
      ],
      [
        ['X-API-Key', ''],
        ['X-API-Key', apiKey],
      ],
    ] as Fields[]) {
      await attack.isRefused(key, fields, INVALID_REQUEST)
    }
  })

  test('scheme-any: a good token behind another scheme, or glued to its own, is not read', async () => {
    const token = es.signer.token()
    const unknown = [
      'Token',
      'JWT',
      'Digest',
      'Negotiate',
      'OAuth',
      'BearerToken',
      'Bear',
      'X-Bearer',
      'HOBA',
      'Bearer-',
    ]
    for (const scheme of unknown) {
      await attack.isRefused(es, [['Authorization', `${scheme} ${token}`]], {
        status: 401,
        error: null,
      })
    }
    const malformed = [
      token,
      `Bearer${token}`,
      `Bearer\t${token}`,
      `Bearer:${token}`,
      `Bearer: ${token}`,
      `Bearer=${token}`,
      `Bearer "${token}"`,
      `Bearer token=${token}`,
      `Bearer Bearer ${token}`,
      `"Bearer" ${token}`,
      `Bearer,${token}`,
      `Bearer`,
      `Bearer\u00a0${token}`,
    ]
    for (const value of malformed) {
      const answer = await refusedSomehow([['Authorization', value]])
      expect([400, 401]).toContain(answer.status)
    }
    for (const [scheme, error] of [
      ['Basic', null],
      ['ApiKey', 'invalid_token'],
    ] as const) {
      const answer = await refusedSomehow([['Authorization', `${scheme} ${token}`]])
      expect(answer.body.includes('invalid_token')).toBe(error !== null)
    }
    for (const name of [
      'X-Authorization',
      'Proxy-Authorization',
      'X-Access-Token',
      'Authorization_',
      'HTTP_AUTHORIZATION',
      'Token',
    ]) {
      await attack.isRefused(es, [[name, `Bearer ${token}`]], { status: 401, error: null })
    }
    await attack.isLetIn(es, [['Authorization', `bEaReR   ${token}`]], SUBJECT)
  })

  test('scheme-any: a credential of one kind is nothing at the door of another', async () => {
    const doors = [es, opaque, key, basic, cookie, session]
    const sameTokens = new Map<Door, Door>([
      [es, cookie],
      [cookie, es],
      [opaque, session],
      [session, opaque],
    ])
    for (const door of doors) {
      for (const other of doors) {
        // A cookie may hold what a field may hold: the same tokens.
        if (other === door || sameTokens.get(other) === door) continue
        const { credential } = other.control()
        const fields = door.present(credential)
        const answer = await refusedSomehow(fields, door.path)
        expect([400, 401], `${other.path} at ${door.path}`).toContain(answer.status)
      }
    }
  })

  test('scheme-any: a password is compared whole, colons included', async () => {
    const wrong = [
      `ops:${PASSWORD.split(':')[0]}`,
      `ops:${PASSWORD}:`,
      `ops:${PASSWORD} `,
      `ops:${PASSWORD.toUpperCase()}`,
      'ops:',
      `OPS:${PASSWORD}`,
      `ops :${PASSWORD}`,
      `:${PASSWORD}`,
      `ops\u0000:${PASSWORD}`,
      `ops`,
    ]
    for (const userpass of wrong)
      await attack.isRefused(basic, basic.present(userpass), INVALID_TOKEN)
    const good = Buffer.from(`ops:${PASSWORD}`).toString('base64')
    for (const spelling of [good.replace(/=+$/, ''), `${good}=`, `${good}====`]) {
      if (spelling === good) continue
      await attack.isRefused(basic, [['Authorization', `Basic ${spelling}`]], INVALID_TOKEN)
    }
  })

  test('proxy-headers: no field of a proxy makes cleartext confidential, or another caller, or another path', async () => {
    const away = ['Host', 'api.example.com'] as const
    const token = es.signer.token()
    const liars: Fields[] = [
      [['X-Forwarded-Proto', 'https']],
      [['x-forwarded-proto', 'https, https']],
      [['X_Forwarded_Proto', 'https']],
      [['X-Forwarded_Proto', 'https']],
      [['X-Forwarded-Protocol', 'https']],
      [['X-Forwarded-Ssl', 'on']],
      [['X-Url-Scheme', 'https']],
      [['Front-End-Https', 'on']],
      [['Forwarded', 'for=127.0.0.1;proto=https;host=localhost']],
      [['X-Forwarded-Host', 'localhost']],
      [['X-Forwarded-For', '127.0.0.1']],
      [['X-Real-IP', '127.0.0.1']],
      [['X-Forwarded-Scheme', 'https']],
      [['CloudFront-Forwarded-Proto', 'https']],
    ]
    for (const liar of liars) {
      const fields: Fields = [away, ...liar, ...es.present(token)]
      await attack.isRefused(es, fields, INVALID_REQUEST)
      // And on loopback nobody is let in for it.
      await attack.isRefused(es, liar, { status: 401, error: null })
    }
  })

  test('proxy-headers: no field switches a guard off', async () => {
    const switches: Fields = [
      ['X-Original-URL', '/open'],
      ['X-Rewrite-URL', '/open'],
      ['X-Original-Method', 'OPTIONS'],
      ['X-HTTP-Method-Override', 'OPTIONS'],
      ['x-middleware-subrequest', 'middleware:middleware:middleware:middleware:middleware'],
      ['X-Forwarded-Uri', '/'],
      ['X-Forwarded-Prefix', '/open'],
      ['X-Forwarded-User', 'admin'],
      ['X-Remote-User', 'admin'],
      ['Remote-User', 'admin'],
      ['X-Authenticated-User', 'admin'],
      ['X-User-Id', 'admin'],
      ['X-Auth-Request-User', 'admin'],
      ['X-Forwarded-Client-Cert', 'Subject="CN=admin"'],
      ['X-SSL-Client-Verify', 'SUCCESS'],
      ['Access-Control-Request-Method', 'GET'],
      ['Connection', 'close, Authorization'],
      ['Upgrade', 'websocket'],
      ['Expect', '100-continue'],
    ]
    for (const one of switches.slice(0, -1))
      await attack.isRefused(es, [one], { status: 401, error: null })
    await refusedSomehow(switches.slice(0, -2))
    for (const one of switches.slice(0, -1)) await refusedSomehow([one], '/vault/gold')
  })

  test('proxy-headers: a host that is not this machine stays so, however it is written', async () => {
    const token = es.signer.token()
    const hosts = [
      'localhost.evil.example',
      'localhost@evil.example',
      '127.0.0.1.evil.example',
      'evil.example:localhost',
      '0x7f.1',
      '127.1',
      'localhost:80:80',
      '[::1].evil.example',
      '2130706433',
    ]
    for (const host of hosts) {
      const answer = await refusedSomehow([['Host', host], ...es.present(token)])
      expect(answer.status, host).toBe(400)
    }
  })

  test('path-drift: another spelling of the path never runs the handler without the guard', async () => {
    const spellings = (path: string) => [
      path,
      `/${path}`,
      `//${path}`,
      `${path}/`,
      `${path}//`,
      `${path};x`,
      `${path};/`,
      `${path}.`,
      `${path}.json`,
      `${path}%20`,
      `${path}%00`,
      `${path}?`,
      `${path}??x`,
      `${path}#`,
      path.toUpperCase(),
      path.replace('/', '/./'),
      path.replace('/', '/x/../'),
      path.replace('/', '/%2e/'),
      path.replace('/', '/x/%2e%2e/'),
      path.replace('/', '%2f'),
      path.replace('/', '/%2f'),
      path.replace('/', '\\'),
      path.replace('/', '/;x=1/'),
      path.replace(/.$/, (last) => `%${last.charCodeAt(0).toString(16)}`),
      path.replace(/\w/, (first) => `%${first.charCodeAt(0).toString(16)}`),
      path.replace(/\w/, (first) => `%25${first.charCodeAt(0).toString(16)}`),
      `http://localhost${path}`,
      `http://evil.example${path}`,
      `${path}/../..${path}`,
      `/x/..${path}`,
      `/..${path}`,
    ]
    const gold = [
      '/vault//gold',
      '/vault/./gold',
      '/vault/x/../gold',
      '/vault;/gold',
      '/vault%2fgold',
      '/VAULT/gold',
      '/vault/gold/',
      '/vaul%74/gold',
      '/x/../vault/gold',
      '/vault\\gold',
      '/vault/%67old',
      '/vault/GOLD',
    ]
    for (const path of [...spellings('/es'), ...spellings('/vault/gold'), ...gold]) {
      for (const method of ['GET', 'HEAD', 'POST', 'get', 'PUT', 'OPTIONS']) {
        const before = target.seen.handlers
        const answer = await attack.send({ method, path, fields: [] }).catch(() => null)
        expect(target.seen.handlers, `${method} ${path}`).toBe(before)
        if (answer === null) continue
        expect(answer.status, `${method} ${path}`).not.toBe(500)
        if (method !== 'OPTIONS')
          expect(answer.status, `${method} ${path}`).toBeGreaterThanOrEqual(300)
      }
    }
    // The guarded mount does open, for the one that it is for.
    const inside = await attack.send({
      method: 'GET',
      path: '/vault/gold',
      fields: es.present(es.signer.token()),
    })
    expect([inside.status, inside.body]).toEqual([200, '{"vault":"open"}'])
  })

  test('mass-assign: no field, query or body says who somebody is, or what they may', async () => {
    const token = es.signer.token()
    const members = {
      sub: 'admin',
      subject: 'admin',
      userId: 'admin',
      user: { id: 'admin' },
      client_id: 'admin',
      clientId: 'admin',
      principal: { kind: 'user', subject: 'admin' },
      scope: 'admin:all',
      scopes: ['admin:all'],
      role: 'admin',
    }
    const json = JSON.stringify(members)
    const query = new URLSearchParams({
      sub: 'admin',
      userId: 'admin',
      client_id: 'admin',
      scope: 'admin:all',
      '__proto__[subject]': 'admin',
    })
    const named: Fields = [
      ['X-User-Id', 'admin'],
      ['X-Client-Id', 'admin'],
      ['X-Scope', 'admin:all'],
      ['From', 'admin@example.com'],
    ]
    const bodies = [
      ['application/json', json],
      ['application/x-www-form-urlencoded', query.toString()],
      ['text/plain', json],
    ] as const
    for (const [type, body] of bodies) {
      const fields: Fields = [...es.present(token), ...named, ['Content-Type', type]]
      const more = { method: 'POST', path: `${es.path}?${query}`, body }
      const answer = await attack.isLetIn(es, fields, SUBJECT, more)
      expect(JSON.stringify(answer)).not.toContain('admin')
      await attack.isRefused(
        es,
        [...named, ['Content-Type', type]],
        { status: 401, error: null },
        more,
      )
    }
    const body = '{"__proto__":{"subject":"admin"},"constructor":{"prototype":{"subject":"admin"}}}'
    const fields: Fields = [...es.present(token), ['Content-Type', 'application/json']]
    const answer = await attack.send({ method: 'POST', path: es.path, fields, body })
    expect([200, 400]).toContain(answer.status) // Fastify itself refuses such a body
    expect(answer.body).not.toContain('admin')
  })

  test('cross-client-state: hundreds of interleaved callers of every kind each get their own identity', async () => {
    const callers = Array.from({ length: 60 }, (_, index) => `caller-${index}`)
    const asks = async (door: Door, credential: string, expected: string) => {
      const fields = door.present(credential)
      const answer = await attack.send({ method: 'GET', path: door.path, fields })
      expect(answer.body, door.path).toContain(expected)
    }
    await Promise.all(
      callers.flatMap((who) => [
        ...target.jwtDoors.map((door) => {
          const payload = { ...door.signer.claims(), sub: who }
          return asks(door, door.signer.token({ payload }), `"who":"${who}"`)
        }),
        asks(session, target.issueSession(who), `"who":"${who}"`),
        asks(opaque, target.issueSession(who), `"who":"${who}"`),
        asks(es, `eyJ.${who}.x`, 'invalid_token'),
        asks(session, `${who}`, 'invalid_token'),
        asks(key, `acme_${who}`, 'invalid_token'),
      ]),
    )
  })
})

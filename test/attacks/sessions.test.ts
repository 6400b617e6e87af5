/** Cookies: sessions that are over, requests that another site makes, cookies that somebody else has planted. */
import { expect, test } from 'vitest'
import { hashOpaqueToken } from '../../src/lifecycle/opaque-token.js'
import { type Attack, INVALID_REQUEST, INVALID_TOKEN, onEveryAdapter } from './support/attack.js'
import { SUBJECT } from './support/signer.js'
import { createTarget, type Fields } from './support/target.js'

const target = await createTarget()
const { session, cookie, basic } = target.doors

const FORBIDDEN = { status: 403, error: null, reason: 'cross_site_request' } as const
const BARE = { status: 401, error: null, reason: 'credential_missing' } as const

/** A form that a page of another site posts, which needs no permission of ours. */
function posted(attack: Attack, fields: Fields, body = 'a=b') {
  return attack.send({ method: 'POST', path: session.path, fields, body })
}

onEveryAdapter(target, (attack) => {
  test('logout-replay: the cookie of a session that has ended, however it ended', async () => {
    const deleted = target.issueSession(SUBJECT)
    await attack.isLetIn(session, session.present(deleted), SUBJECT)
    target.opaqueTokens.delete(hashOpaqueToken(deleted))
    await attack.isRefused(session, session.present(deleted), {
      ...INVALID_TOKEN,
      reason: 'token_unknown',
    })

    const revoked = target.issueSession(SUBJECT)
    const { id } = await attack.isLetIn(session, session.present(revoked), SUBJECT)
    target.revoked.add(String(id))
    await attack.isRefused(session, session.present(revoked), {
      ...INVALID_TOKEN,
      reason: 'revoked',
    })

    const signed = cookie.signer.token()
    const { id: signedId } = await attack.isLetIn(cookie, cookie.present(signed), SUBJECT)
    target.revoked.add(String(signedId))
    await attack.isRefused(cookie, cookie.present(signed), { ...INVALID_TOKEN, reason: 'revoked' })

    const expired = target.issueSession(SUBJECT)
    await attack.isLetIn(session, session.present(expired), SUBJECT)
    target.clock.advance(86_400)
    await attack.isRefused(session, session.present(expired), {
      ...INVALID_TOKEN,
      reason: 'token_expired',
    })
  })

  test('logout-replay: the hash of a session, as a store holds it, is no session', async () => {
    const token = target.issueSession(SUBJECT)
    for (const text of [
      hashOpaqueToken(token),
      token.toUpperCase(),
      token.slice(0, -1),
      `${token}=`,
      `${token}A`,
    ]) {
      await attack.isRefused(session, session.present(text), INVALID_TOKEN)
    }
  })

  test('csrf-content-type: a form of another site is forbidden whatever it calls its content', async () => {
    const types = [
      'application/x-www-form-urlencoded',
      'text/plain',
      'TEXT/PLAIN; charset=utf-8',
      'multipart/form-data; boundary=x',
      'Text/Plain;application/json',
      'application/json',
      'text/plain, application/json',
      '',
      null,
    ]
    const sources: Fields[] = [
      [['Sec-Fetch-Site', 'cross-site']],
      [['Sec-Fetch-Site', 'same-site']],
      [['Origin', 'https://evil.example']],
      [['Origin', 'null']],
      [['Origin', 'https://api.example.com.evil.example']],
      [['Origin', 'http://api.example.com']],
      [
        ['Origin', 'https://evil.example'],
        ['Origin', 'https://api.example.com'],
      ],
      [['Origin', 'https://evil.example, https://api.example.com']],
      [
        ['Origin', 'HTTPS://EVIL.EXAMPLE'],
        ['Sec-Fetch-Site', 'cross-site'],
      ],
      [
        ['Sec-Fetch-Site', 'same-origin'],
        ['Sec-Fetch-Site', 'cross-site'],
      ],
    ]
    const credential = target.issueSession(SUBJECT)
    for (const source of sources) {
      for (const type of types) {
        const fields: Fields = [
          ...session.present(credential),
          ...source,
          ...(type === null ? [] : [['Content-Type', type] as const]),
        ]
        await attack.isRefused(session, fields, FORBIDDEN, { method: 'POST', body: 'a=b' })
      }
    }
  })

  test('csrf-content-type: nor does another way to write help it', async () => {
    const present = session.present(target.issueSession(SUBJECT))
    const overrides: Fields = [
      ['X-HTTP-Method-Override', 'GET'],
      ['X-HTTP-Method', 'GET'],
      ['X-Method-Override', 'GET'],
    ]
    for (const override of overrides) {
      const fields: Fields = [...present, ['Origin', 'https://evil.example'], override]
      await attack.isRefused(session, fields, FORBIDDEN, { method: 'POST', body: '_method=GET' })
    }
    const answer = await posted(attack, [
      ...present,
      ['Referer', 'https://api.example.com/'],
      ['Origin', 'null'],
    ])
    expect(answer.status).toBe(403)
    await attack.isLetIn(session, [...present, ['Origin', 'https://api.example.com']], SUBJECT, {
      method: 'POST',
    })
  })

  test('csrf-cross-session: no header of one session makes up for the cookie of another', async () => {
    const [mine, theirs] = [target.issueSession('mallory'), target.issueSession(SUBJECT)]
    for (const name of ['X-CSRF-Token', 'X-XSRF-Token', 'CSRF-Token', 'X-Requested-With']) {
      const fields: Fields = [
        ...session.present(theirs),
        [name, mine],
        ['Origin', 'https://evil.example'],
      ]
      await attack.isRefused(session, fields, FORBIDDEN, { method: 'POST', body: `_csrf=${mine}` })
    }
    // Both cookies at once are two sessions, and none is taken.
    const both = `__Host-session=${mine}; __Host-session=${theirs}`
    await attack.isRefused(session, [['Cookie', both]], INVALID_REQUEST, {
      method: 'POST',
      body: '',
    })
  })

  test('csrf-cross-session: a password that the browser remembers is no better than a cookie', async () => {
    const { credential } = basic.control()
    const fields: Fields = [...basic.present(credential), ['Origin', 'https://evil.example']]
    await attack.isRefused(basic, fields, FORBIDDEN, { method: 'POST', body: 'a=b' })
  })

  test('cookie-shadow: two cookies of one name, on one line or on two, are no session', async () => {
    const [mine, theirs] = [target.issueSession('mallory'), target.issueSession(SUBJECT)]
    const lines: Fields[] = [
      [['Cookie', `__Host-session=${mine}; __Host-session=${theirs}`]],
      [['Cookie', `__Host-session=${theirs}; a=b; __Host-session=${mine}`]],
      [
        ['Cookie', `__Host-session=${mine}`],
        ['Cookie', `__Host-session=${theirs}`],
      ],
      [['Cookie', `__Host-session=; __Host-session=${theirs}`]],
      [['Cookie', `__Host-session=${theirs};__Host-session=${theirs}`]],
      [
        ['cookie', `__Host-session=${theirs}`],
        ['COOKIE', `__Host-session=`],
      ],
      [['Cookie', `__Host-session="${theirs}"`]],
      [['Cookie', `__Host-session=${theirs}, __Host-session=${mine}`]],
    ]
    for (const fields of lines) await attack.isRefused(session, fields, INVALID_REQUEST)
  })

  test('cookie-shadow: a name that only looks like the session’s is another cookie', async () => {
    const mine = target.issueSession('mallory')
    const theirs = target.issueSession(SUBJECT)
    const names = [
      '\u00a0__Host-session',
      '__host-session',
      '__HOST-SESSION',
      '__Host-session\u00a0',
      '__Host%2Dsession',
      '__Host-session[]',
      '__Host-session.x',
      '\t__Host-session',
      '__Host-session_',
      '"__Host-session"',
      '$__Host-session',
      'session',
      '__Secure-session',
      '__Host-sessio',
    ]
    for (const name of names) {
      await attack.isRefused(session, [['Cookie', `x=y; ${name}=${mine}`]], BARE)
      await attack.isLetIn(
        session,
        [['Cookie', `x=y; ${name}=${mine}; __Host-session=${theirs}`]],
        SUBJECT,
      )
      await attack.isLetIn(
        session,
        [['Cookie', `__Host-session=${theirs}; ${name}=${mine}`]],
        SUBJECT,
      )
    }
  })

  test('cookie-shadow: a session inside the value of another cookie is not found', async () => {
    const mine = target.issueSession('mallory')
    const theirs = target.issueSession(SUBJECT)
    for (const around of [
      `a="; __Host-session=${mine}"`,
      `a=b, __Host-session=${mine}`,
      `a=%3B%20__Host-session=${mine}`,
    ]) {
      const answer = await attack.send({
        method: 'GET',
        path: session.path,
        fields: [['Cookie', around]],
      })
      expect(answer.status).not.toBe(200)
      const both = await attack.send({
        method: 'GET',
        path: session.path,
        fields: [['Cookie', `${around}; __Host-session=${theirs}`]],
      })
      expect(both.body).not.toContain('mallory')
    }
  })
})

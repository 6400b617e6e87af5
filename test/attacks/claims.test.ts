/** Rightly signed tokens whose claims are wrong, odd, or about somebody or something else. */
import { expect, test } from 'vitest'
import { INVALID_TOKEN, onEveryAdapter } from './support/attack.js'
import { createSigner, type Signer, SUBJECT } from './support/signer.js'
import { AUDIENCE, createTarget, ISSUER } from './support/target.js'

const target = await createTarget()
const { now } = target.clock

/** A rightly signed token with these claims instead of the good ones; undefined leaves a claim out. */
function claiming(signer: Signer, claims: object): string {
  return signer.token({ payload: { ...signer.claims(), ...claims } })
}

const LEEWAY = 5
const TEXTS = ['iss', 'sub', 'client_id', 'jti', 'acr']
const TIMES = ['exp', 'iat', 'nbf', 'auth_time']

onEveryAdapter(target, (attack) => {
  test('claims-fuzz: a registered claim of another type, at its own length', async () => {
    const neither = [null, {}, { length: 1 }, [], [null], [[]], true, false, '']
    const cases = [
      ...TEXTS.flatMap((name) =>
        [...neither, 0, 1.5, ['x'], 'x'.repeat(1_025), 'half \ud800'].map(of(name)),
      ),
      ...TIMES.flatMap((name) => [...neither, '1', -1, 2 ** 53, ['1']].map(of(name))),
      ...[null, {}, [], [null], [AUDIENCE, 1], 0, true, '', { 0: AUDIENCE }].map(of('aud')),
      ...[null, {}, 0, true, 'pwd', [1], [null]].map(of('amr')),
    ]
    const { es } = target.doors
    for (const claims of cases) {
      await attack.isRefused(es, es.present(claiming(es.signer, claims)), {
        ...INVALID_TOKEN,
        reason: 'claim_malformed',
      })
    }
    await attack.refusesTokens((signer) =>
      [0, 17, 40, 60, cases.length - 1].map((at) => claiming(signer, cases[at] ?? { exp: null })),
    )
  })

  test('claims-fuzz: a claim that is a text, but what a text', async () => {
    const texts = [
      '\u0000',
      '\u202e\u2066gpj.exe',
      '😀'.repeat(200),
      '\u0301'.repeat(300),
      '"}],"sub":"admin',
      '__proto__',
      '{{7*7}}<script>',
      '\r\nX-Injected: 1',
    ]
    for (const door of target.jwtDoors) {
      for (const sub of texts) {
        const fields = door.present(claiming(door.signer, { sub, name: sub, [sub]: sub }))
        const answer = await attack.send({ method: 'GET', path: door.path, fields })
        expect(answer.status).toBe(200)
        expect(JSON.parse(Buffer.from(answer.body, 'latin1').toString())).toMatchObject({
          who: sub,
        })
        expect(answer.fields.map(([name]) => name)).not.toContain('x-injected')
      }
    }
  })

  test('claims-fuzz: a claim of 64 kB, and a token that is just too long', async () => {
    for (const door of target.jwtDoors) {
      for (const length of [6_200, 9_000]) {
        const fields = door.present(claiming(door.signer, { padding: 'x'.repeat(length) }))
        await attack.isRefused(door, fields, { status: 400, error: 'invalid_request' })
      }
      const fields = door.present(claiming(door.signer, { sub: 'x'.repeat(65_536) }))
      const answer = await attack.send({ method: 'GET', path: door.path, fields })
      // The server itself takes no more than 16 KiB of fields.
      expect([400, 431]).toContain(answer.status)
    }
  })

  test('expired: one second past the leeway, and not one before', async () => {
    await attack.refusesTokens(
      (signer) =>
        [LEEWAY, LEEWAY + 1, 86_400].map((age) =>
          claiming(signer, { exp: now() - age, iat: now() - 90_000 + age }),
        ),
      'token_expired',
    )
    for (const door of target.jwtDoors) {
      const fields = door.present(
        claiming(door.signer, { exp: now() - LEEWAY + 1, iat: now() - 600 }),
      )
      await attack.isLetIn(door, fields, SUBJECT)
    }
  })

  test('premature: one second past the leeway, and not one before', async () => {
    await attack.refusesTokens(
      (signer) => [LEEWAY + 1, 86_400].map((wait) => claiming(signer, { nbf: now() + wait })),
      'token_not_yet_valid',
    )
    await attack.refusesTokens(
      (signer) => [claiming(signer, { iat: now() + LEEWAY + 1 })],
      'token_from_future',
    )
    for (const door of target.jwtDoors) {
      const fields = door.present(
        claiming(door.signer, { nbf: now() + LEEWAY, iat: now() + LEEWAY }),
      )
      await attack.isLetIn(door, fields, SUBJECT)
    }
  })

  test('aud-substitution: a token of the same issuer for another resource', async () => {
    await attack.refusesTokens(
      (signer) => [
        ...neighbours(AUDIENCE).map((aud) => claiming(signer, { aud })),
        claiming(signer, { aud: neighbours(AUDIENCE) }),
        claiming(signer, { aud: ISSUER }),
        claiming(signer, { aud: '*' }),
        claiming(signer, { aud: signer.claims().client_id }),
      ],
      'audience_mismatch',
    )
    await attack.refusesTokens((signer) => [claiming(signer, { aud: undefined })], 'claim_missing')
  })

  test('iss-substitution: the token of another issuer, under its key or under ours', async () => {
    await attack.refusesTokens(
      (signer) => [
        ...neighbours(ISSUER).map((iss) => claiming(signer, { iss })),
        claiming(signer, { iss: AUDIENCE }),
      ],
      'issuer_mismatch',
    )
    await attack.refusesTokens((signer) => [claiming(signer, { iss: undefined })], 'claim_missing')
    const other = createSigner('ES256', {
      issuer: 'https://id.example.net',
      audience: AUDIENCE,
      now,
    })
    await attack.refusesTokens((signer) => [
      other.token(),
      other.token({ payload: signer.claims() }),
      other.token({ header: signer.header }),
    ])
  })
})

function of(name: string) {
  return (value: unknown): object => ({ [name]: value })
}

/** What a careless comparison takes for the same URL. */
function neighbours(url: string): string[] {
  return [
    `${url}/`,
    `${url} `,
    ` ${url}`,
    `${url}.evil.example`,
    `${url}@evil.example`,
    url.slice(0, -1),
    url.slice(1),
    url.slice(8),
    url.toUpperCase(),
    url.replace('https', 'http'),
    `https://evil.example/${url}`,
    url.replace('.', 'x'),
    `${url}\u0000`,
    url.replace('e', '\u0435'),
  ]
}

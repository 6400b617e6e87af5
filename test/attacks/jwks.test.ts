/** The issuer's keys over the network: floods of made-up key ids, outages, keys that were withdrawn. */
import { randomUUID } from 'node:crypto'
import { expect, test } from 'vitest'
import { serving } from '../remote/jwks-server.js'
import { INVALID_TOKEN, onEveryAdapter } from './support/attack.js'
import { createSigner, SUBJECT } from './support/signer.js'
import { createTarget } from './support/target.js'

const target = await createTarget({ timeoutMilliseconds: 1_000 })
const { clock, jwks } = target
const { remote, es } = target.doors
const { signer } = remote

const UNAVAILABLE = { status: 503, error: null, reason: 'keys_unavailable' } as const
/** The documented defaults of `remoteJwkSet`, in seconds. */
const COOLDOWN = 30
const MAX_AGE = 600
/** Longer than anything is kept. */
const FORTNIGHT = 14 * 86_400

const OUTAGES: Readonly<Record<string, typeof jwks.answer>> = {
  'refuses connections': (_, response) => void response.destroy(),
  hangs: () => {},
  'sends half a document': (_, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': 500 })
    response.write('{"keys":[')
    response.destroy()
  },
  'answers 500 with its stack': (_, response) => {
    response.writeHead(500)
    response.end('Error: attacked\n    at /srv/issuer.js:1:1')
  },
  'answers 401': (_, response) => void response.writeHead(401).end(),
  'sends HTML': (_, response) => {
    response.writeHead(200, { 'content-type': 'text/html' })
    response.end('<!doctype html><title>attacked</title>')
  },
  'sends no keys': serving({ keys: [] }),
  redirects: (_, response) => void response.writeHead(302, { location: jwks.url }).end(),
}

/** The issuer serves its key, and every earlier state of it is long over. */
function healthy(): void {
  jwks.answer = serving({ keys: [signer.jwk] })
  clock.advance(FORTNIGHT)
}

onEveryAdapter(target, (attack) => {
  const isLetIn = () => attack.isLetIn(remote, remote.present(signer.token()), SUBJECT)

  test('jwks-flood: made-up key ids cause one request per cooldown, and good tokens are served', async () => {
    healthy()
    await isLetIn()
    for (const seconds of [0, COOLDOWN + 1, COOLDOWN + 1]) {
      clock.advance(seconds)
      const before = jwks.requests.length
      await Promise.all(
        Array.from({ length: 100 }, async () => {
          const header = { ...signer.header, kid: randomUUID() }
          const fields = remote.present(signer.token({ header }))
          const answer = await attack.send({ method: 'GET', path: remote.path, fields })
          expect(answer.status).toBe(401)
        }),
      )
      await isLetIn()
      expect(jwks.requests.length - before).toBeLessThanOrEqual(1)
    }
  })

  for (const [outage, answer] of Object.entries(OUTAGES)) {
    test(`jwks-outage: an issuer that ${outage}: known keys serve, then it is 503`, async () => {
      healthy()
      await isLetIn()
      jwks.answer = answer
      clock.advance(MAX_AGE - 1)
      await isLetIn()
      clock.advance(FORTNIGHT)
      // Nobody can be judged, whatever the token; other issuers are at full service.
      await attack.isRefused(remote, remote.present(signer.token()), UNAVAILABLE)
      const unknown = signer.token({ header: { ...signer.header, kid: 'unknown' } })
      await attack.isRefused(remote, remote.present(unknown), UNAVAILABLE)
      await attack.isLetIn(es, es.present(es.signer.token()), SUBJECT)
      healthy()
    })
  }

  test('jwks-outage: the refusal says when to come again', async () => {
    healthy()
    jwks.answer = serving('no keys')
    const fields = remote.present(signer.token())
    const answer = await attack.send({ method: 'GET', path: remote.path, fields })
    const retryAfter = answer.fields.find(([name]) => name === 'retry-after')?.[1]
    expect(answer.status).toBe(503)
    expect(retryAfter).toMatch(/^[1-9]\d{0,4}$/)
    healthy()
  })

  test('jwks-removed-key: a key that was withdrawn is refused after the stated age, though it was used before', async () => {
    const old = createSigner('ES256', { ...target, now: clock.now })
    jwks.answer = serving({ keys: [old.jwk, signer.jwk] })
    clock.advance(FORTNIGHT)
    const token = old.token({ payload: { ...old.claims(), exp: clock.now() + 3_000 } })
    await attack.isLetIn(remote, remote.present(token), SUBJECT)
    jwks.answer = serving({ keys: [signer.jwk] })
    clock.advance(MAX_AGE)
    // The answer may still be made from the keys that are held while newer ones are fetched: ask for them once.
    await isLetIn()
    await attack.isRefused(remote, remote.present(token), {
      ...INVALID_TOKEN,
      reason: 'key_unknown',
    })
    // Nor does it come back when the issuer is gone.
    jwks.answer = serving('no keys')
    clock.advance(MAX_AGE - 1)
    const fields = remote.present(old.token())
    const answer = await attack.send({ method: 'GET', path: remote.path, fields })
    expect([401, 503]).toContain(answer.status)
    healthy()
  })
})

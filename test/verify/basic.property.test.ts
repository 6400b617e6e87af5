import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseBasic } from '../../src/credential/basic.js'
import { argon2id } from '../../src/lifecycle/password/argon2id.js'
import { hasherOf } from '../../src/lifecycle/password/password-hasher.js'
import type { PasswordStore } from '../../src/lifecycle/password/password-store.js'
import { Redacted } from '../../src/shared/redacted.js'
import { basic } from '../../src/verify/basic.js'
import { aContext, aSpyStore, basicCredential } from './verifier-kit.js'

const cheap = hasherOf(argon2id, [8, 1, 1])
const RECORD = { username: 'alice', passwordHash: await cheap.hash('correct horse') }
const find = (username: string) => (username === 'alice' ? RECORD : null)

test('no text verifies but the right one, and none throws', async () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.base64String(),
    fc.string().map((text) => Buffer.from(text).toString('base64')),
    fc.string().map((text) => Buffer.from(`alice:${text}`).toString('base64')),
  )
  const verifier = basic({ realm: 'ops', store: { find }, passwords: cheap })
  await fc.assert(
    fc.asyncProperty(texts, async (text) => {
      const credential = { kind: 'basic', token68: new Redacted(text) } as const
      expect(await verifier.verify(credential, aContext())).toEqual({
        kind: 'refused',
        reason: parseBasic(text).ok ? 'password_wrong' : 'basic_malformed',
      })
    }),
    { numRuns: 300 },
  )
})

test('whoever was given a password logs in with it, and the store never sees one', async () => {
  const visible = fc.stringMatching(/^[ -~]+$/)
  const password = visible.filter((text) => text.length >= 8)
  const username = visible.map((text) => text.replaceAll(':', ''))
  await fc.assert(
    fc.asyncProperty(username, password, async (name, secret) => {
      fc.pre(!name.includes(secret))
      const record = {
        username: name,
        passwordHash: await hasherOf(argon2id, [8, 2, 1]).hash(secret),
      }
      const spy = aSpyStore(() => record)
      const store = {
        find: (key: string) => spy.find(key),
        replaceHash: (...given: unknown[]) => spy.calls.push(given) > 0,
      }
      const verifier = basic({ realm: 'ops', store, passwords: cheap })
      const verification = await verifier.verify(basicCredential(name, secret), aContext())
      expect(verification.kind).toBe('verified')
      expect(spy.calls).toHaveLength(2)
      for (const argument of spy.calls.flat()) expect(argument).not.toContain(secret)
      expect(spy.seen()).not.toContain(Buffer.from(`${name}:${secret}`).toString('base64'))
    }),
    { numRuns: 150 },
  )
})

test('whatever a store answers, it verifies nobody and nothing is thrown', async () => {
  const answers = fc.oneof(
    fc.anything(),
    fc.record({ username: fc.constant('alice'), passwordHash: fc.anything() }),
  )
  await fc.assert(
    fc.asyncProperty(answers, fc.boolean(), async (answer, later) => {
      fc.pre(answer !== null)
      const find = () => (later ? Promise.resolve(answer) : answer)
      const store = { find } as unknown as PasswordStore // any store at all
      const verifier = basic({ realm: 'ops', store, passwords: cheap })
      const credential = basicCredential('alice', 'correct horse')
      expect(await verifier.verify(credential, aContext())).toMatchObject({
        kind: 'unavailable',
        reason: 'store_unavailable',
      })
    }),
    { numRuns: 500 },
  )
})
